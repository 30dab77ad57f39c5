"""How a piece of text should sound, independent of any engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Prosody:
    """`pace` in words per minute, pauses not counted; `pitch`, `volume` and `expressiveness` (how far the pitch moves)
    relative to the voice (1 is neutral); pauses in seconds."""

    pace: int = 165
    pitch: float = 1.0
    volume: float = 1.0
    sentence_pause: float = 0.35
    comma_pause: float = 0.15
    expressiveness: float = 1.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """Text as it should be read, in one voice. `voices` maps an engine's name to its name of the voice."""

    text: str
    language: str
    prosody: Prosody
    voices: tuple[tuple[str, str], ...] = ()

    def voice(self, engine: str) -> str | None:
        """What this engine should call the voice; None where the persona leaves it open."""
        return dict(self.voices).get(engine)


_SHORTENED: Final = frozenset(
    {"dr", "mr", "mrs", "ms", "st", "no", "prof", "e.g", "i.e", "dra", "sr", "sra", "srta", "ud", "uds", "nr", "ca"}
)
_SENTENCE_END: Final = re.compile(r"[.!?…]+[\"'”’)]*\s+(?=[\"'“‘(]?[^\W_])")
_CLAUSE_END: Final = re.compile(r"[,;:]\s+|\s+[–—]\s+")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, without the space between them; none for a blank text."""
    found: list[str] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        word = text[start : match.start()].rpartition(" ")[2].lower()
        if text[match.start()] == "." and (word in _SHORTENED or (len(word) == 1 and word.isalpha())):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    return tuple(part for part in (*found, text[start:].strip()) if part)


def clauses(sentence: str) -> tuple[str, ...]:
    """The parts of a sentence between which a speaker takes a short pause; each keeps its own comma."""
    found: list[str] = []
    start = 0
    for match in _CLAUSE_END.finditer(sentence):
        found.append(sentence[start : match.end()].strip())
        start = match.end()
    return tuple(part for part in (*found, sentence[start:].strip()) if any(sign.isalnum() for sign in part))
