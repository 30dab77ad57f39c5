"""Which languages can be read aloud, and how: English by hand, others from their files."""

from __future__ import annotations

from typing import Final

from engine.languages.sheet import base_of, known_languages, sheet_of
from engine.persona.foreign_readings import reading_of
from engine.persona.readings import READINGS, Reading

_ENGLISH: Final = "en-GB"


def reading(language: str) -> Reading:
    """The reading for a language tag: its own, else that of its language. Raises LookupError where there is none."""
    if language in READINGS:
        return READINGS[language]
    if base_of(language) == "en":
        return READINGS[_ENGLISH]
    other = sheet_of(language)
    found = reading_of(other) if other else None
    if found is None:
        raise LookupError(
            f"no reading of values for the language {language!r}; there are {', '.join(spoken_languages())}"
        )
    return found


def spoken_languages() -> tuple[str, ...]:
    """The tags of every language that values can be read aloud in."""
    others = (name for name in known_languages() if (other := sheet_of(name)) and other.section("reading"))
    return (*READINGS, *others)
