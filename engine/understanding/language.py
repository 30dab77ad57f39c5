"""What the phrase stages know about a language: tables only, so that another language is another table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.acts import GlobalName
from engine.understanding import english, english_concepts, english_globals


@dataclass(frozen=True, slots=True)
class Words:
    """`whole` and `inside` say how each global is called: alone (after fillers), or anywhere in an utterance.
    `fillers` carry no meaning, and `hesitations` are not even words; `light` words count little; `same` maps words to
    one that means the same here, and `phrasal` does so for verbs of two words; `contractions` are written out;
    `background` are things callers say that are no intent of any flow."""

    language: str
    whole: Mapping[GlobalName, re.Pattern[str]]
    inside: Mapping[GlobalName, re.Pattern[str]]
    yielding: frozenset[GlobalName]
    """Globals that give way when the same words also bring a value or an intent ("hold on, make it nine")."""
    fillers: frozenset[str]
    hesitations: frozenset[str]
    light: frozenset[str]
    articles: frozenset[str]
    same: Mapping[str, str]
    phrasal: Mapping[tuple[str, str], str]
    contractions: Mapping[str, str]
    endings: tuple[tuple[str, str], ...]
    background: tuple[str, ...]
    concepts: Mapping[str, tuple[str, ...]]
    signs: Mapping[str, re.Pattern[str]]
    openings: Mapping[str, str]
    small_talk: tuple[str, ...]
    """What the classifier looks at beside the words: what a word is about, ways of speaking, kinds of
    sentences; `small_talk` are those ways of speaking that say nothing else."""
    correction: re.Pattern[str]
    """Words between two values for one slot that make the second replace the first."""
    orders: Mapping[str, int]
    """Places in a list: 0 is the first, -1 the last."""
    order: re.Pattern[str]
    any_of_them: re.Pattern[str]
    in_question: re.Pattern[str]
    """What joins a value to a question before it."""
    clause: re.Pattern[str]
    """Where another clause may begin."""
    make_it: re.Pattern[str]
    """What leads to a new value without naming its slot ("make it nine")."""
    no_matter: re.Pattern[str]
    """What leaves an optional question open ("I don't mind", "whoever is free"), as all that is said but fillers."""
    later: re.Pattern[str]
    earlier: re.Pattern[str]
    slot_words: Mapping[str, tuple[str, ...]]
    """Words by which callers mean a slot of a type when asked which part is wrong."""


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
    return LANGUAGES.get(language.split("-")[0].lower(), _ENGLISH)
