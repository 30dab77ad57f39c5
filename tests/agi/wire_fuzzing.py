"""Recorded bytes of the four wire formats, broken at random, read as a connection would read them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import yaml

from agi.wire import ari, audiosocket, fastagi, mediasocket
from engine.errors import PeerError

DIALOGUES = Path(__file__).parent / "dialogues"
LONGEST: Final = 200_000
"""Bytes of one input."""
WORDS: Final = (
    b"\0", b"\r\n", b"\n", b"\n\n", b" ", b":", b"(", b")", b'"', b"\\", b"{", b"}", b"[" * 2000, b"\xff\xff",
    b"200 result=", b"520-", b"HANGUP\n", b"100 Trying\n", b"agi_", b"1e999", b"9" * 400, b"null", b"true",
    "é🍕".encode(), b"\x10\x01\x40", b"MEDIA_START", b"optimal_frame_size:", b'"type"', b'"event"',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """`read` takes one input as the pieces in which it came, and answers how many messages were in it."""

    seeds: Sequence[bytes]
    read: Callable[[Sequence[bytes]], int]


def _recorded(name: str) -> list[bytes]:
    cases = yaml.safe_load((DIALOGUES / name).read_text())["recorded"]
    return [case["event"].encode() for case in cases]


def _fastagi() -> list[bytes]:
    dialogues = yaml.safe_load((DIALOGUES / "fastagi.yaml").read_text())
    return ["".join(line + "\n" for line in dialogue["asterisk"]).encode() for dialogue in dialogues]


def _audiosocket() -> list[bytes]:
    sound = audiosocket.encode(audiosocket.Audio(bytes(range(160)) * 2))
    head = audiosocket.encode(audiosocket.Id(UUID(int=7)))
    key, end = audiosocket.encode(audiosocket.Key("5")), audiosocket.encode(audiosocket.End())
    return [head + sound * 3 + key + sound, head + end]


def _stream(parser: Callable[[], fastagi.Parser | audiosocket.Parser]) -> Callable[[Sequence[bytes]], int]:
    def read(pieces: Sequence[bytes]) -> int:
        reading = parser()
        return sum(len(reading.feed(piece)) for piece in pieces)

    return read


def _events(pieces: Sequence[bytes]) -> int:
    data = b"".join(pieces)
    found = ari.parse_event(data.decode("utf-8", "surrogateescape")), ari.parse_event(data)
    reply = ari.parse_reply(data)
    return sum(event is not None for event in found) + len(ari.channels_of(reply)) + len(ari.bridges_of(reply))


def _media(pieces: Sequence[bytes]) -> int:
    data = b"".join(pieces)
    found = mediasocket.parse_text(data.decode("utf-8", "replace"))
    mediasocket.parse_sound(data[: len(data) // 2 * 2][:640] or b"ab", 16000)
    return found is not None


FORMATS: Final[Mapping[str, Format]] = {
    "fastagi": Format(_fastagi(), _stream(fastagi.Parser)),
    "audiosocket": Format(_audiosocket(), _stream(audiosocket.Parser)),
    "ari": Format(_recorded("ari.yaml"), _events),
    "mediasocket": Format(_recorded("mediasocket.yaml"), _media),
}


def broken(seeds: Sequence[bytes], dice: random.Random) -> list[bytes]:
    """One recorded dialogue, changed in some places, in pieces as they might arrive."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.choice((0, 1, 1, 2, 3, 8))):
        at, size = dice.randrange(len(data) + 1), dice.choice((1, 1, 2, 4, 16, 200))
        match dice.randrange(6):
            case 0:
                del data[at : at + size]
            case 1:
                data[at:at] = dice.choice(WORDS)
            case 2:
                data[at : at + size] = dice.randbytes(size)
            case 3:
                data[at:at] = data[at : at + size] * dice.choice((1, 2, 50))
            case 4:
                other = dice.choice(seeds)
                data[at:] = other[dice.randrange(len(other) + 1) :]
            case _:
                _exchange(data, dice)
    return _pieces(bytes(data[:LONGEST]), dice)


def _exchange(data: bytearray, dice: random.Random) -> None:
    """Another value under a key, where the dialogue is an object."""
    try:
        tree = json.loads(data)
        key = dice.choice(sorted(tree))
    except (ValueError, RecursionError, TypeError, IndexError):
        return
    if not isinstance(tree, dict):
        return
    within = tree[key] if isinstance(tree[key], dict) and tree[key] else tree
    within[dice.choice(sorted(within))] = dice.choice((None, True, -1, 2**70, 1.5, "", "x" * 9000, [], {}, ["x"]))
    data[:] = json.dumps(tree).encode()


def _pieces(data: bytes, dice: random.Random) -> list[bytes]:
    cuts = sorted(dice.randrange(len(data) + 1) for _ in range(dice.choice((0, 0, 1, 3, 10))))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def judge(name: str, pieces: Sequence[bytes]) -> int | None:
    """How many messages there were; None where the input was refused. Anything else that is raised is a fault."""
    try:
        return FORMATS[name].read(pieces)
    except PeerError:
        return None
