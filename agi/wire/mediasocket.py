"""The media websocket of Asterisk's chan_websocket: text messages are events and commands, binary ones are sound.

Asterisk names the call in MEDIA_START, then sends 20 ms of sound in each binary message and keys as they are released.
What we send is queued there and paced; the queue never gets shorter by itself, so whoever sends empties it now and then
with FLUSH_MEDIA. Commands over 128 bytes are ignored in silence, sound that is no whole number of frames loses its end,
and a message near 64 kB closes the connection. Older Asterisks know only the plain form of events
(`DTMF_END digit:5 channel_id:...`), newer ones JSON where it is asked for; both are read, and answered in kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from agi.wire.audiosocket import KEYS, Audio, Key
from engine.errors import PeerError

LONGEST_TEXT: Final = 8192
LONGEST_SOUND: Final = 8192
LONGEST_COMMAND: Final = 128
LONGEST_FRAME: Final = 7680
"""20 ms at 192 kHz."""
RATES: Final = {
    "slin": 8000, "slin12": 12000, "slin16": 16000, "slin24": 24000, "slin32": 32000,
    "slin44": 44100, "slin48": 48000, "slin96": 96000, "slin192": 192000,
}  # fmt: skip

CommandName: TypeAlias = Literal["FLUSH_MEDIA", "REPORT_QUEUE_DRAINED"]


@dataclass(frozen=True, slots=True)
class Start:
    """The first message: whose sound this is, at which rate, and how many bytes one frame has."""

    channel: str
    rate: int
    frame_bytes: int
    plain: bool = False
    """Whether Asterisk writes the plain form, and so wants it from us."""


@dataclass(frozen=True, slots=True)
class Drained:
    """Everything has been played; the answer to REPORT_QUEUE_DRAINED, once."""


@dataclass(frozen=True, slots=True)
class Full:
    """The queue is so full that what is sent will be dropped."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Asterisk did not understand what we sent."""

    text: str


Message: TypeAlias = Start | Drained | Full | Fault | Key | Audio


def parse_sound(data: bytes, rate: int) -> Audio:
    """The samples of one binary message. PeerError for half a sample and for a message that is too long."""
    if not data or len(data) % 2 or len(data) > LONGEST_SOUND:
        raise PeerError(f"media websocket: {len(data)} bytes are not a message of 16-bit samples")
    return Audio(data, rate)


def parse_text(text: str) -> Message | None:
    """The event in one text message; None for one that is not for us. PeerError for what no Asterisk sends."""
    if len(text) > LONGEST_TEXT:
        raise PeerError(f"media websocket: an event of {len(text)} bytes is longer than {LONGEST_TEXT}")
    plain = not text.lstrip().startswith("{")
    tree = _plain(text) if plain else _tree(text)
    match tree.get("event"):
        case "MEDIA_START":
            return _start(tree, plain)
        case "DTMF_END":
            return _key(tree.get("digit"))
        case "QUEUE_DRAINED":
            return Drained()
        case "MEDIA_XOFF":
            return Full()
        case "ERROR":
            return Fault(str(tree.get("error_text", ""))[:200])
    return None


def command(name: CommandName, start: Start) -> str:
    """One command in the form that the other side of `start` reads."""
    text = name if start.plain else json.dumps({"command": name}, separators=(",", ":"))
    assert len(text) <= LONGEST_COMMAND  # names are ours
    return text


def sound(samples: bytes, start: Start) -> bytes:
    """One binary message; ValueError unless it is a whole number of frames that Asterisk takes at once."""
    if not samples or len(samples) % start.frame_bytes or len(samples) > LONGEST_SOUND:
        raise ValueError(f"{len(samples)} bytes are not a number of frames of {start.frame_bytes} bytes")
    return samples


def _start(tree: Mapping[str, Any], plain: bool) -> Start:
    form = str(tree.get("format", ""))
    if form not in RATES:
        raise PeerError(f"media websocket: {form[:40]!r} is no format of 16-bit samples")
    size = _whole(tree, "optimal_frame_size", LONGEST_FRAME)
    if size == 0 or size % 2:
        raise PeerError(f"media websocket: a frame of {size} bytes is not valid")
    return Start(str(tree.get("channel_id", ""))[:150], RATES[form], size, plain)


def _key(key: object) -> Key:
    if not isinstance(key, str) or len(key) != 1 or key not in KEYS:
        raise PeerError(f"media websocket: {str(key)[:20]!r} is not a key")
    return Key(key)


def _whole(tree: Mapping[str, Any], name: str, most: int) -> int:
    value = tree.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise PeerError(f"media websocket: {name} is {str(value)[:40]!r}")
    return value


def _tree(text: str) -> Mapping[str, Any]:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise PeerError(f"media websocket: this is no JSON: {text[:80]!r}") from fault
    if not isinstance(tree, dict):
        raise PeerError(f"media websocket: this is no object: {text[:80]!r}")
    return tree


def _plain(text: str) -> Mapping[str, Any]:
    """`NAME key:value key:value`, as Asterisk writes it unless JSON was asked for."""
    name, *words = text.split()[:40] or [""]
    pairs = (word.partition(":") for word in words)
    return {"event": name, **{key: value for key, _, value in pairs}}
