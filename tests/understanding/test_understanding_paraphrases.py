"""Callers of the shipped flows in words that the flows do not hold: most are understood, few wrongly."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from engine.acts import Ask, Fill, Global, Understood, Want
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding

PAGE = yaml.safe_load((Path(__file__).parent / "cases" / "paraphrases.yaml").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/London"))
NOTHING = "nothing"


def judged(understood: Understood, means: str) -> str:
    """`right`, `wrong` or `missed`; a call for a person may also be the global, a booking also its values."""
    wishes = {
        act.intent if isinstance(act, Want) else act.answer for act in understood.acts if isinstance(act, Want | Ask)
    }
    if means == "person" and any(isinstance(act, Global) and act.name == "operator" for act in understood.acts):
        return "right"
    if not wishes:
        values = any(isinstance(act, Fill) for act in understood.acts)
        return "right" if means == NOTHING or (means == "book" and values) else "missed"
    return "right" if wishes == {means} else "wrong"


@pytest.mark.parametrize("name", sorted(PAGE))
def test_most_paraphrases_are_understood_and_few_strangers_taken_in(name: str) -> None:
    flow = load_flow(find_flow(name))
    understanding, menu = Understanding(flow), expecting_of(flow, "menu")
    meant, strange = Counter[str](), Counter[str]()
    for means, utterances in PAGE[name].items():
        for words in utterances:
            (strange if means == NOTHING else meant)[judged(understanding.understand(words, menu, NOW), means)] += 1
    assert meant["right"] >= 0.85 * meant.total()
    assert meant["wrong"] <= 0.08 * meant.total()
    assert strange["wrong"] <= 0.15 * strange.total()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("may_record", "yes my wife has passed out"),
        ("practitioner", "no, my dad has collapsed"),
        ("day", "tomorrow but my chest is hurting"),
        ("phone", "I'm bleeding"),
        ("name", "my husband has passed out"),
    ],
)
def test_urgent_words_are_heard_beside_an_answer(asked: str, words: str) -> None:
    flow = load_flow(find_flow("clinic"))
    understood = Understanding(flow).understand(words, expecting_of(flow, asked), NOW)
    assert "urgent" in {act.intent for act in understood.acts if isinstance(act, Want)}


@pytest.mark.parametrize("words", ["no thanks", "tomorrow at ten would be lovely", "yes that's right", "Maria Rossi"])
def test_an_answer_alone_is_not_urgent(words: str) -> None:
    flow = load_flow(find_flow("clinic"))
    for asked in ("practitioner", "day", "name", "echo"):
        acts = Understanding(flow).understand(words, expecting_of(flow, asked), NOW).acts
        assert not any(isinstance(act, Want) for act in acts)
