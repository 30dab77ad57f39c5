"""What the phrase stages know about a language: tables only, so that another language is another table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.acts import GlobalName


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
