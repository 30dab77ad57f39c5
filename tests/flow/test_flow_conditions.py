"""The condition language: what holds when, and what cannot be read, with the column."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acts import Range
from engine.flow.calendar import Calendar, Hours
from engine.flow.conditions import ConditionError, parse_condition
from engine.flow.guards import Condition, Scope

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "conditions.yaml").read_text(encoding="utf-8")
)
LONDON = ZoneInfo("Europe/London")
EVENINGS = {day: (Hours(time(18), time(23)),) for day in range(1, 7)}
CALENDARS = {
    "tables": Calendar("tables", "Europe/London", EVENINGS, last=timedelta(minutes=90)),
    "desk": Calendar("desk", "Europe/London", {day: (Hours(time(9), time(17)),) for day in range(5)}),
}
SCOPE = Scope(
    types={
        "party_size": "party_size",
        "day": "date",
        "slot_time": "time",
        "service": "choice",
        "member": "yes_no",
        "note": "text",
        "other_times": "time list",
        "services": "choice list",
        "stay": "date range",
        "caller": "phone",
        "part_of_day": "choice",
    },
    choices={
        "service": ("cut", "colour"),
        "services": ("cut", "colour"),
        "part_of_day": ("morning", "afternoon", "evening"),
    },
    calendars=frozenset(CALENDARS),
    open={"day": "tables"},
)


@dataclass(frozen=True)
class Seen:
    """A view with the given values."""

    values: dict[str, object] = field(default_factory=dict)
    now: datetime = datetime(2026, 10, 1, 20, 0, tzinfo=LONDON)

    def value(self, name: str) -> object | None:
        return self.values.get(name)

    def calendar(self, name: str) -> Calendar:
        return CALENDARS[name]


def seen(values: dict[str, Any]) -> Seen:
    """Values as a case writes them."""
    given = dict(values)
    if "slot_time" in given:
        given["slot_time"] = time.fromisoformat(given["slot_time"])
    if "stay" in given:
        given["stay"] = Range(*given["stay"])
    return Seen(given)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_a_condition_holds_or_is_refused(case: dict[str, Any]) -> None:
    if "wrong" not in case:
        assert parse_condition(case["text"], SCOPE).holds(seen(case.get("set", {}))) == case["holds"]
        return
    with pytest.raises(ConditionError) as refused:
        parse_condition(case["text"], SCOPE)
    assert case["wrong"] in str(refused.value)
    assert refused.value.start == case["at"]
    assert case.get("hint", "") in refused.value.hint


def test_a_condition_knows_what_it_looks_at() -> None:
    condition = parse_condition("not (party_size > 8 or day is closed) and note is set and tables is open now", SCOPE)
    assert condition.names == {"party_size", "day", "note"}


def test_a_condition_without_a_test_holds() -> None:
    assert Condition("anything").holds(Seen())


def test_nesting_is_bounded() -> None:
    with pytest.raises(ConditionError, match="too deeply"):
        parse_condition("(" * 500 + "party_size > 1" + ")" * 500, SCOPE)
    with pytest.raises(ConditionError, match="too deeply"):
        parse_condition("not " * 400 + "party_size > 1", SCOPE)


SIGNS = (*"()[],><=+-", ">=", "!=", "19:30", "2026-12-25", "99:99", "'x'", "\u00e9", "8", "12345678901234567890")
KEYWORDS = ("has", "is", "not", "and", "or", "in", "today", "days", "now", "open", "closed", "known", "cut", "yes")
WORDS = st.sampled_from((*SCOPE.types, *CALENDARS, *SIGNS, *KEYWORDS))
VALUES = st.sampled_from(
    [None, 3, True, "cut", date(2026, 12, 25), time(19), datetime(2026, 1, 1, 9), [1], 2.5, ("cut",), Range(None, 3)]
)


def refusal(text: str) -> ConditionError | None:
    """Why a text is no condition; None when it is one."""
    try:
        parse_condition(text, SCOPE)
    except ConditionError as refused:
        return refused
    return None


@settings(max_examples=500)
@given(st.lists(WORDS, max_size=9), st.lists(VALUES, min_size=len(SCOPE.types), max_size=len(SCOPE.types)))
def test_what_can_be_read_is_true_or_false_of_anything(words: list[str], values: list[object]) -> None:
    text = " ".join(words)
    refused = refusal(text)
    if refused is None:
        assert parse_condition(text, SCOPE).holds(Seen(dict(zip(SCOPE.types, values, strict=True)))) in (True, False)
    else:
        assert 0 <= refused.start <= len(text)


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused = refusal(text)
    assert refused is None or str(refused)
