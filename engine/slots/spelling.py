"""Words spelled out: "S for sugar, M, I, double T", "J-O-N", "sierra mike"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NATO: Final = {
    "alpha": "a", "alfa": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e", "foxtrot": "f", "golf": "g",
    "hotel": "h", "india": "i", "juliet": "j", "juliett": "j", "kilo": "k", "lima": "l", "mike": "m", "november": "n",
    "oscar": "o", "papa": "p", "quebec": "q", "romeo": "r", "sierra": "s", "tango": "t", "uniform": "u", "victor": "v",
    "whiskey": "w", "whisky": "w", "x-ray": "x", "xray": "x", "yankee": "y", "zulu": "z",
}  # fmt: skip
_LETTER: Final = r"[a-z](?![\w'])"
_FOR: Final = r"(?: ?,? (?:for|as in|like in|like|is for) (?:an? )?[a-z]{2,}(?![\w']))?"
_UNIT: Final = rf"(?:(?:capital |double |triple )?{_LETTER}{_FOR})"
_GAP: Final = r"(?:[ ,.-]+|, ?then |, ?and )"
_RUN: Final = re.compile(rf"(?<![\w'])(?:{_UNIT}(?:{_GAP}{_UNIT})+)")
_TOKEN: Final = re.compile(rf"(?:capital )?(?P<times>double |triple )?(?P<letter>{_LETTER}){_FOR}")
_SPOKEN: Final = "|".join(sorted((re.escape(word) for word in NATO), key=len, reverse=True))
_NATO_RUN: Final = re.compile(rf"(?<!\w)(?:{_SPOKEN})(?:[ ,.-]+(?:{_SPOKEN}))+(?!\w)")


@dataclass(frozen=True, slots=True)
class Spelled:
    """Letters put together, in lower case, and where they stand."""

    word: str
    start: int
    end: int


def spelled(low: str) -> list[Spelled]:
    """Every run of at least two letters in a folded text."""
    found = [Spelled(_letters(run[0]), *run.span()) for run in _RUN.finditer(low)]
    for run in _NATO_RUN.finditer(low):
        found.append(Spelled("".join(NATO[word] for word in re.findall(_SPOKEN, run[0])), *run.span()))
    return sorted((run for run in found if len(run.word) >= 2), key=lambda run: run.start)


def _letters(words: str) -> str:
    times = {None: 1, "double ": 2, "triple ": 3}
    return "".join(token["letter"] * times[token["times"]] for token in _TOKEN.finditer(words))
