"""Abbreviations written out, so that every engine says them alike: "Nr. 7" is "Nummer 7" before any voice sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Final

from engine.languages.sheet import base_of
from engine.persona.spoken_languages import reading

_LONG: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "en": (
        (r"\bNos?\.(?=\s*\d)", "number"),
        (r"\bProf\.(?=\s)", "Professor"),
        (r"(?<=[a-z] )St\.(?=$|,|\s[a-z])", "Street"),
        (r"\bRd\.", "Road"),
        (r"\bAve\.", "Avenue"),
        (r"\b[Aa]ppt\.", "appointment"),
        (r"\b[Aa]pprox\.", "approximately"),
        (r"\be\.\s?g\.", "for example"),
        (r"\bi\.\s?e\.", "that is"),
    ),
    "de": (
        (r"\bz\.\s?B\.", "zum Beispiel"),
        (r"\bd\.\s?h\.", "das heißt"),
        (r"\bDr\.", "Doktor"),
        (r"\bProf\.", "Professor"),
        (r"\bHr\.", "Herr"),
        (r"\bNr\.", "Nummer"),
        (r"\bStr\.", "Straße"),
        (r"(?<=[a-zäöüß])str\.", "straße"),
        (r"\bSt\.(?=\s[A-ZÄÖÜ])", "Sankt"),
        (r"\bca\.", "circa"),
        (r"\bbzw\.", "beziehungsweise"),
        (r"\binkl\.", "inklusive"),
        (r"\bTel\.", "Telefon"),
    ),
    "es": (
        (r"\b[Nn](?:\.º|úm\.)", "número"),
        (r"\bDr\.", "doctor"),
        (r"\bDra\.", "doctora"),
        (r"\bSr\.", "señor"),
        (r"\bSra\.", "señora"),
        (r"\bSrta\.", "señorita"),
        (r"\bAvda\.", "avenida"),
        (r"\bUds\.", "ustedes"),
        (r"\bUd\.", "usted"),
        (r"\bp\.\s?ej\.", "por ejemplo"),
    ),
}
"""By language: what is written, and what is said."""
_OBLIQUE: Final = r"(?:[Aa]m|[Dd]en|[Dd]em|[Vv]om|[Zz]um|[Bb]is|[Dd]es)"


def unshortened(text: str, language: str) -> str:
    """The text with its abbreviations as words, and German days of the month as ordinals ("am 3. Oktober"); texts of
    other languages stay as they are."""
    base = base_of(language)
    for pattern, words in _LONG.get(base, ()):
        text = re.sub(pattern, words, text)
    return _german_days(text) if base == "de" else text


def lettered(text: str, language: str) -> str:
    """For engines that take their sounds from espeak-ng: an English A beside other letters or digits is the letter, not
    the article. ("Ay" would be heard as "I".)"""
    return re.sub(r"\bA\b(?=\s[A-Z0-9]\b)|(?<=\b[A-Z0-9]\s)A\b", "Eh", text) if base_of(language) == "en" else text


def _german_days(text: str) -> str:
    words = _months()
    if words is None:
        return text
    months, ordinals = words

    def said(match: re.Match[str]) -> str:
        number = int(match[2])
        if not 1 <= number <= len(ordinals):
            return match[0]
        ordinal = ordinals[number - 1]
        return f"{match[1] or ''}{ordinal if match[1] else ordinal.removesuffix('n')} "

    return re.sub(rf"\b({_OBLIQUE}\s)?(\d{{1,2}})\.\s(?=(?:{'|'.join(months)})\b)", said, text)


@cache
def _months() -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    with suppress(LookupError):
        german = reading("de")
        return german.months, german.ordinals
    return None
