"""The recogniser's other readings are weighed against the first, and some values are never sure by hearing alone."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from engine.acts import SURE, Fill, PersonName
from engine.effects import Expecting
from engine.errors import Position
from engine.flow.model import Flow, PromptText, Slot
from engine.understanding.cascade import Understanding

NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/London"))
TYPES = {"born": "date_of_birth", "at": "time", "name": "person_name", "surname": "person_name"}
FLOW = Flow(
    name="readings", path="", hash="", language="en-GB", timezone="Europe/London", persona="", start="", operator="",
    calendars={}, resources={}, anywhere={}, answers={}, tools={}, steps={},
    slots={name: Slot(name, kind, PromptText("ask", ()), Position(), name) for name, kind in TYPES.items()},
)  # fmt: skip
UNDERSTANDING = Understanding(FLOW)


def heard(slot: str, first: str, *others: str) -> Fill:
    asked = Expecting("form", "slot", slot, (slot,))
    (act,) = UNDERSTANDING.understand(first, asked, NOW, alternatives=others).acts
    assert isinstance(act, Fill)
    assert first[act.span.start : act.span.end] == act.span.text
    return act


def test_a_clear_reading_stands_in_for_an_unclear_first_one() -> None:
    act = heard("born", "11 08 09", "11 08 1909")
    assert act.candidates == (date(1909, 8, 11),)
    assert act.confidence < SURE


def test_another_reading_that_clearly_says_something_else_takes_away_the_certainty() -> None:
    assert heard("at", "at 8:15 pm", "at 8:15 p.m.").confidence >= SURE
    contested = heard("at", "at 8:15 pm", "at 8:50 pm")
    assert contested.candidates == (time(20, 15),)
    assert contested.confidence < SURE


@pytest.mark.parametrize(("slot", "words"), [("born", "the third of June 1959"), ("name", "Ada Quist")])
def test_dates_of_birth_and_names_are_never_sure_by_hearing_alone(slot: str, words: str) -> None:
    assert heard(slot, words, words).confidence < SURE


def test_a_lone_name_after_a_question_for_the_surname_is_the_surname() -> None:
    assert heard("surname", "Quist").candidates == (PersonName(last="Quist"),)
    assert heard("name", "Ada").candidates == (PersonName(first="Ada"),)


def test_a_name_keeps_the_readings_it_was_taken_from() -> None:
    (name,) = heard("name", "maria rossi", "mary rosie").candidates
    assert isinstance(name, PersonName)
    assert name.heard == ("maria rossi", "mary rosie")
