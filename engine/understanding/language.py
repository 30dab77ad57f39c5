"""The tables of each language for the phrase stages: English by hand, others from their files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from engine.acts import GlobalName
from engine.languages.sheet import base_of, sheet_of
from engine.understanding import english, english_concepts, english_globals
from engine.understanding.language_words import Words
from engine.understanding.worded import words_of

__all__ = ["LANGUAGES", "Words", "words_for"]


def _compiled(table: Mapping[GlobalName, tuple[str, ...]]) -> Mapping[GlobalName, re.Pattern[str]]:
    return {name: re.compile(r"(?<![\w'])(?:" + "|".join(forms) + r")(?![\w'])") for name, forms in table.items()}


_ENGLISH: Final = Words(
    language="en",
    whole=_compiled(english_globals.WHOLE),
    inside=_compiled(english_globals.INSIDE),
    yielding=english_globals.YIELDING,
    fillers=english.FILLERS,
    hesitations=english.HESITATIONS,
    light=english.LIGHT,
    articles=frozenset({"a", "an", "the"}),
    same=english.SAME,
    phrasal=english.PHRASAL,
    contractions=english.CONTRACTIONS,
    endings=english.ENDINGS,
    background=english.BACKGROUND,
    concepts=english_concepts.CONCEPTS,
    signs={name: re.compile(rf"(?<!\w)(?:{form})(?!\w)") for name, form in english_concepts.SIGNS.items()},
    openings=english_concepts.OPENINGS,
    small_talk=english_concepts.SMALL_TALK,
    correction=re.compile(english.CORRECTION),
    orders=english.ORDERS,
    order=re.compile(english.ORDER),
    any_of_them=re.compile(english.ANY_OF_THEM),
    in_question=re.compile(english.IN_QUESTION),
    clause=re.compile(english.CLAUSE),
    make_it=re.compile(english.MAKE_IT),
    no_matter=re.compile(english.NO_MATTER),
    later=re.compile(english.LATER),
    earlier=re.compile(english.EARLIER),
    slot_words=english.SLOT_WORDS,
)
LANGUAGES: Final[dict[str, Words]] = {"en": _ENGLISH}


def words_for(language: str) -> Words:
    """The tables for a language such as `en-GB`; English where there are none."""
    other = sheet_of(language)
    return words_of(other) if other else LANGUAGES.get(base_of(language), _ENGLISH)
