"""Grammars of questions that take a list or a range hold what callers say to them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from engine.flow.loader import load_flow
from engine.speech.bias import spoken_words
from engine.speech.endpoint import PATIENCE, patience_for
from engine.speech.grammar import Grammars
from engine.understanding.asked import expecting_of

FLOW = load_flow(Path(__file__).parents[1] / "dialogue" / "cases" / "many")


@cache
def pattern(slot: str) -> re.Pattern[str]:
    """The answers to the question for a slot, as a regular expression over words."""
    expecting = expecting_of(FLOW, slot)
    assert expecting is not None
    lines = re.findall(r"<([a-z_]+)> = (.*);", Grammars(FLOW).grammar(expecting).jsgf)
    rules = {name: re.sub(r"/[0-9.]+/", "", text) for name, text in lines}
    rules["several"] = ""
    text = rules["top"]
    while "<" in text:
        text = re.sub(r"<([a-z_]+)>", lambda found: f"({rules[found[1]]})", text)
    text = text.replace("[", "(").replace("]", ")?").replace("(", "(?:")
    return re.compile(re.sub(r"([~a-z][a-z']*)", r"(?:\1 )", text).replace(" |", "|").replace(" ", r"\s*") + r"\s*")


@pytest.mark.parametrize(
    ("slot", "text", "held"),
    [
        ("services", "the haircut and the beard trim", True),
        ("services", "a haircut", True),
        ("services", "also the manicure", True),
        ("services", "haircut or nails or a colour", True),
        ("services", "and and", False),
        ("hours", "between ten and twelve", True),
        ("hours", "not before half past nine", True),
        ("hours", "at eleven", True),
        ("hours", "between ten", False),
        ("stay", "from friday to sunday", True),
        ("stay", "until the third of october", True),
        ("stay", "from friday to", False),
    ],
)
def test_the_grammar_holds(slot: str, text: str, held: bool) -> None:
    said = "".join(f"{word} " for word in spoken_words(text))
    assert (pattern(slot).fullmatch(said) is not None) == held


def test_a_list_may_have_a_breath_inside() -> None:
    expecting = expecting_of(FLOW, "services")
    assert expecting is not None
    assert patience_for(expecting, FLOW.slots) == PATIENCE["list"]
