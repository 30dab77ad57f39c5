"""Flows broken at random: bytes, lines, words and parts of sound flows mixed up, and the traps of YAML put in."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from engine.check.rules import examine
from engine.flow.reading import read_flow
from engine.shipped import shipped, shipped_flows
from engine.yaml.reader import LARGEST

Texts: TypeAlias = Mapping[str, bytes]

EXAMPLE = Path(__file__).parents[1] / "flow" / "cases" / "language_example"
SIGNS: Final = (
    b" ", b"\n", b":", b"- ", b"{", b"}", b"[", b"]", b"'", b'"', b"#", b"? ", b"&a ", b"*a", b"!t ", b"|\n", b">\n",
    b"%", b"@", b"`", b"\t", b"\r", b"\x00", b"\xff", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"---\n", b"...\n", b"<<: ",
    b"\\", b"yes", b"null", b"-1", b"9999999999999999999999", b"{day}", b"{{", b"\xed\xa0\x80",
)  # fmt: skip
BOMBS: Final = (
    b"a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n",
    b"a: " + b"[" * 5000,
    b"a: " + b"{a: " * 3000,
    b"- " * 4000,
    b"? " * 4000,
    b"a: '" + b"x" * 200_000,
    b'a: "' + b"\\x41" * 60_000 + b'"',
    b"a: " + b"x " * 100_000,
    b"\n".join(b"k%d: v" % number for number in range(30_000)),
    b"steps: {" + b", ".join(b"s%d: {say: Hi, then: s%d}" % (n, n + 1) for n in range(8_000)) + b"}",
    b"a: b\n" * 90_000,
    b"#" * LARGEST,
)


@dataclass(frozen=True)
class Memory:
    """A folder that is only in memory."""

    files: Texts

    def read(self, name: str, most: int) -> bytes | None:
        content = self.files.get(name)
        return None if content is None else content[:most]

    def shown(self, name: str) -> str:
        return name


def seeds() -> list[Texts]:
    """The files of sound flows to begin with."""
    folders = [EXAMPLE, *(Path(str(shipped("flows"))) / name for name in shipped_flows())]
    return [{file.name: file.read_bytes() for file in folder.glob("*.yaml")} for folder in folders]


def _bytes(text: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(text) + 1)
    return text[:start] + bytes(dice.randrange(256) for _ in range(dice.randrange(1, 6))) + text[start:]


def _sign(text: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(text) + 1)
    return text[:start] + dice.choice(SIGNS) + text[start + dice.choice((0, 0, 1, 5, 40)) :]


def _lines(text: bytes, dice: random.Random) -> bytes:
    lines = text.split(b"\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(4):
        case 0:
            lines[one], lines[other] = lines[other], lines[one]
        case 1:
            del lines[one]
        case 2:
            lines.insert(other, lines[one])
        case _:
            lines[one] = b" " * dice.randrange(8) + lines[one].lstrip()
    return b"\n".join(lines)


def _words(text: bytes, dice: random.Random) -> bytes:
    """One word of the flow in the place of another."""
    words = text.split(b" ")
    words[dice.randrange(len(words))] = words[dice.randrange(len(words))]
    return b" ".join(words)


def _stretch(text: bytes, dice: random.Random) -> bytes:
    """A stretch of the file again, somewhere else, or many times."""
    start = dice.randrange(len(text) + 1)
    piece = text[start : start + dice.randrange(1, 400)] * dice.choice((1, 1, 1, 50))
    at = dice.randrange(len(text) + 1)
    return text[:at] + piece + text[at:]


def _bomb(text: bytes, dice: random.Random) -> bytes:
    bomb = dice.choice(BOMBS)
    return bomb if dice.random() < 0.5 else text + b"\n" + bomb


def _encoding(text: bytes, dice: random.Random) -> bytes:
    return text.decode("utf-8", "replace").encode(dice.choice(("utf-16", "utf-32", "latin-1", "cp500")), "replace")


_WAYS: Final[tuple[tuple[Callable[[bytes, random.Random], bytes], int], ...]] = (
    (_bytes, 4), (_sign, 12), (_lines, 10), (_words, 10), (_stretch, 4), (_bomb, 1), (_encoding, 1),
)  # fmt: skip


def broken(flows: list[Texts], dice: random.Random) -> Texts:
    """The files of a flow, one to four times changed."""
    files = dict(dice.choice(flows))
    ways, weights = zip(*_WAYS, strict=True)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        name = dice.choice(sorted(files))
        files[name] = dice.choices(ways, weights)[0](files[name], dice)
    return files


def judge(files: Texts) -> int:
    """Reads and examines a flow: there is a flow, or a reason why there is none, and each finding stands in its
    file. Returns the number of findings."""
    reading = read_flow(Memory(files), "flow.yaml")
    findings = examine(reading)
    assert reading.flow is not None or any(found.severity == "error" for found in findings)
    for found in findings:
        lines = reading.report.sources.get(found.at.file)  # none where the file is no text at all
        assert 1 <= found.at.line <= (len(lines) + 1 if lines is not None else found.at.line)
        assert found.at.column >= 1
        assert found.message
    return len(findings)
