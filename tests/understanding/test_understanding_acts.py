"""Utterances become acts: cases in `cases/acts.yaml`, and what holds for any text."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acts import SURE, Act, Affirm, Ask, Deny, Exclude, Fill, Global, Want
from engine.effects import Expecting
from engine.errors import Position
from engine.flow.model import Answer, Choice, Flow, Intent, ListenStep, PromptText, Slot
from engine.slots.registry import TYPES
from engine.understanding.cascade import Understanding

PAGE = yaml.safe_load((Path(__file__).parent / "cases" / "acts.yaml").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/London"))
NOTHING = PromptText("nothing", ())


def slot(name: str, given: str | dict[str, Any]) -> Slot:
    data = {"type": given} if isinstance(given, str) else given
    choices = tuple(Choice(value, label) for value, label in data.get("choices", {}).items())
    options = {"choices": choices} if choices else {}
    label = name.replace("_", " ")
    return Slot(name, data["type"], NOTHING, Position(), label, options, optional=data.get("optional", False))


def intents(given: dict[str, list[str]]) -> dict[str, Intent]:
    return {name: Intent(name, tuple(phrases), "end") for name, phrases in given.items()}


FLOW = Flow(
    name="cases", path="", hash="", language="en-GB", timezone="Europe/London",
    persona="", start="menu", operator="end",
    calendars={}, resources={}, slots={name: slot(name, given) for name, given in PAGE["slots"].items()},
    anywhere=intents(PAGE["anywhere"]),
    answers={name: Answer(name, tuple(phrases), NOTHING) for name, phrases in PAGE["answers"].items()},
    tools={}, steps={"menu": ListenStep("menu", Position(), NOTHING, intents(PAGE["intents"]))},
)  # fmt: skip
UNDERSTANDING = Understanding(FLOW)


def expecting(asking: dict[str, Any]) -> Expecting:
    asked = asking.get("asked")
    names = (*((asked,) if asked else ()), *(name for name in FLOW.slots if name != asked))
    known = (*PAGE["intents"], *PAGE["anywhere"])
    return Expecting(
        step="case", kind=asking["kind"], asked=asked, open=tuple(asking.get("open", names)),
        yes_no=asking.get("yes_no", False), intents=tuple(asking.get("intents", known)),
        choices=tuple(time.fromisoformat(t) for t in asking.get("choices", ())),
    )  # fmt: skip


def written(act: Act) -> str:
    match act:
        case Fill(slot=name, candidates=values):
            return f"{name}={'|'.join(as_text(name, value) for value in values)}"
        case Exclude(slot=name, value=value):
            return f"-{name}={as_text(name, value)}"
        case Want(intent=name):
            return f"want:{name}"
        case Ask(answer=name):
            return f"ask:{name}"
        case Global(name=name):
            return name
        case Affirm():
            return "affirm"
        case Deny():
            return "deny"


def as_text(name: str, value: object) -> str:
    kind = FLOW.slots[name].type
    return str(value) if kind == "person_name" else str(TYPES[kind].to_json(value))


CASES = [
    pytest.param(group["asking"], case, id=f"{'-'.join(map(str, group['asking'].values()))[:24]}-{case['say'][:40]}")
    for group in PAGE["groups"]
    for case in group["cases"]
]


@pytest.mark.parametrize(("asking", "case"), CASES)
def test_case(asking: dict[str, Any], case: dict[str, Any]) -> None:
    understood = UNDERSTANDING.understand(str(case["say"]), expecting(asking), NOW)
    got = sorted(written(act) for act in understood.acts)
    assert got == sorted(case["acts"])
    for fill in (act for act in understood.acts if "beside" in case and isinstance(act, Fill)):
        (question,) = (act for act in understood.acts if written(act) == case["beside"])
        assert fill.span.end <= question.span.start
    for inside in (act for act in understood.acts if "within" in case and isinstance(act, Fill)):
        (question,) = (act for act in understood.acts if written(act) == case["within"])
        assert question.span.start <= inside.span.start < inside.span.end <= question.span.end


def test_everything_is_open_without_a_question() -> None:
    understood = UNDERSTANDING.understand("table for two tomorrow at noon", None, NOW)
    assert {written(act) for act in understood.acts} >= {"party_size=2", "day=2026-11-25", "time=12:00", "want:book"}


def test_an_alternative_fills_what_the_first_reading_did_not_and_is_never_sure() -> None:
    asked = expecting({"kind": "slot", "asked": "time"})
    understood = UNDERSTANDING.understand("ate thirty", asked, NOW, alternatives=["eighth hurty", "at eight thirty pm"])
    (act,) = understood.acts
    assert written(act) == "time=20:30"
    assert act.confidence < SURE
    assert act.span.text == "ate thirty"


def test_a_yes_is_never_taken_from_an_alternative() -> None:
    asked = expecting({"kind": "yes_no", "yes_no": True})
    assert UNDERSTANDING.understand("guess", asked, NOW, alternatives=["yes"]).acts == ()


def test_only_the_beginning_of_an_endless_utterance_is_read() -> None:
    understood = UNDERSTANDING.understand("four people " + "and so on " * 2000 + "tomorrow", None, NOW)
    assert [written(act) for act in understood.acts if isinstance(act, Fill)] == ["party_size=4"]


def test_no_act_is_surer_than_the_recogniser() -> None:
    understood = UNDERSTANDING.understand("four people", None, NOW, confidence=0.5)
    assert [act.confidence for act in understood.acts] == [0.5]


def test_a_slot_that_is_only_taken_when_asked() -> None:
    shy = replace(FLOW, slots={**FLOW.slots, "day": replace(FLOW.slots["day"], only_when_asked=True)})
    understood = Understanding(shy).understand("tomorrow", expecting({"kind": "slot", "asked": "time"}), NOW)
    assert understood.acts == ()


def test_a_flow_without_phrases_understands_values() -> None:
    bare = replace(FLOW, steps={}, anywhere={}, answers={})
    understood = Understanding(bare).understand("four people", None, NOW)
    assert [written(act) for act in understood.acts] == ["party_size=4"]


def test_options_of_a_slot_may_be_any_mapping() -> None:
    options = {"choices": (SimpleNamespace(value="x", label="the garden", hear=("outside",)),)}
    garden = replace(FLOW, slots={"place": replace(FLOW.slots["service"], name="place", options=options)})
    understood = Understanding(garden).understand("outside please", None, NOW)
    assert [act.candidates for act in understood.acts if isinstance(act, Fill)] == [("x",)]


WORDS = [
    "table",
    "for",
    "four",
    "at",
    "eight",
    "on",
    "friday",
    "not",
    "saturday",
    "yes",
    "no",
    "maybe",
    "my",
    "name",
    "is",
    "maria",
    "rossi",
    "where",
    "can",
    "i",
    "park",
    "the",
    "second",
    "one",
    "either",
    "person",
    "say",
    "that",
    "again",
    "bye",
    "booking",
    "change",
    "it",
    "to",
    "seven",
    "thirty",
    "pm",
    "oh",
    "double",
    "nine",
    ",",
    ".",
    "?",
    "'",
]
QUESTIONS = [expecting(group["asking"]) for group in PAGE["groups"]]


@settings(deadline=None)
@given(
    text=st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=80),
    question=st.sampled_from([None, *QUESTIONS]),
    other=st.text(max_size=20),
)
def test_any_text_gives_true_spans_and_no_word_twice(text: str, question: Expecting | None, other: str) -> None:
    understood = UNDERSTANDING.understand(text, question, NOW, alternatives=[other])
    again = UNDERSTANDING.understand(text, question, NOW, alternatives=[other])
    assert understood == again
    for act in understood.acts:
        assert text[act.span.start : act.span.end] == act.span.text
        assert 0 < act.confidence <= 1
    fills = [act for act in understood.acts if isinstance(act, Fill)]
    assert len({act.slot for act in fills}) == len(fills)
