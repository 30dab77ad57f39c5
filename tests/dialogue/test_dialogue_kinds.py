"""Every slot type that is no plain number, date or name, in one flow: talks, the proofs, and what cannot be written."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.check.report import check_reading
from engine.check.values import samples
from engine.dialogue.machine import compile_flow
from engine.dialogue.many import are_parts, covers, joined
from engine.dialogue.state import SlotState
from engine.dialogue.values import typed, written
from engine.flow.loader import load_flow, read_path
from engine.simulate.runner import run_file
from engine.slots.registry import Context

FOLDER = Path(__file__).parent / "cases" / "kinds"
FLOW = load_flow(FOLDER)
VISIT = FLOW.slots["visit"]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))
DAYS, CLOCKS = st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.builds(time, st.integers(0, 23), st.integers(0, 59))


@pytest.mark.parametrize("talk", sorted(FOLDER.glob("talks/*.talk")), ids=lambda talk: talk.stem)
def test_talk_holds(talk: Path) -> None:
    result = run_file(talk)
    assert result.passed, (result.faults, result.difference)


def test_promises_hold() -> None:
    report = check_reading(read_path(FOLDER))
    assert report.findings == ()
    assert {proof["result"] for proof in report.proofs} == {"holds"}


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ("min: 30 minutes", "min: 30", "limit", "min"),
        ("min: 50\n", "min: 50 minutes\n", "limit", "min"),
        ("{value: 8 hours,", "{value: 480,", "limit", "value"),
        ("min: 30 minutes", "min: soon", "value", "min"),
        ("unit: nights", "unit: years", "value", "unit"),
        ("unit: nights", "currency: EUR", "no-effect", "currency"),
        ("max: 5000", "max: 5000\n    unit: hours", "no-effect", "unit"),
        ("max: 5000", "max: 5000\n    currency: pounds", "value", "currency"),
        ("max: 5000", "max: 40", "empty-range", "max"),
        ("country: DE", "country: ZZ", "unknown-country", "country"),
        ("{type: email,", "{type: email, country: GB,", "no-effect", "country"),
        ("keypad: skip", "keypad: digits", "no-effect", "keypad"),
        ("country: GB", "country: GB, keypad: digits", "no-effect", "keypad"),
        ("currency: We only", "past: We only", "unknown-reason", "past"),
        ("stay > 240", "stay > 19:30", "condition", "choose"),
        ("type: datetime", "type: datetme", "value", "type"),
    ],
)
def test_what_cannot_be(tmp_path: Path, old: str, new: str, code: str, at: str) -> None:
    text = (FOLDER / "flow.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "flow.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    found = {finding.code: finding for finding in check_reading(read_path(tmp_path)).findings}
    assert code in found
    assert at in found[code].source or at in found[code].message


@given(MOMENTS, DAYS, CLOCKS)
def test_a_part_changes_its_half_of_what_is_held(held: datetime, day: date, clock: time) -> None:
    slot = SlotState("valid", held)
    assert joined(VISIT, slot, (day,), more=False) == (datetime.combine(day, held.time()),)
    assert joined(VISIT, slot, (clock,), more=False) == (datetime.combine(held.date(), clock),)
    assert joined(VISIT, SlotState(), (day,), more=False) == (day,)


@given(st.lists(DAYS, min_size=1, max_size=3, unique=True), st.lists(CLOCKS, min_size=1, max_size=3, unique=True))
def test_days_and_times_come_together_in_either_order(days: list[date], clocks: list[time]) -> None:
    first = SlotState("proposed", candidates=tuple(days))
    other = SlotState("proposed", candidates=tuple(clocks))
    assert are_parts(VISIT, first)
    assert are_parts(VISIT, other)
    one, two = joined(VISIT, first, tuple(clocks), more=False), joined(VISIT, other, tuple(days), more=False)
    assert set(one) == set(two)
    assert len(one) == len(days) * len(clocks)


@given(MOMENTS)
def test_a_day_or_a_time_that_is_not_wanted_covers_the_moment(moment: datetime) -> None:
    assert covers(moment, (moment.date(),))
    assert covers(moment, (moment.time(),))
    assert not covers(moment, (moment.date() + timedelta(days=1),))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("datetime", "2026-10-05T10:00"),
        ("datetime", "2026-10-05"),
        ("datetime", "10:00"),
        ("duration", "90"),
        ("money", "12.5 GBP"),
        ("email", "maria.rossi@example.com"),
        ("postcode", "SW1A 1AA"),
        ("address", "22A High Street, Bristol"),
    ],
)
def test_values_of_talks_are_written_as_they_are_read(kind: str, text: str) -> None:
    context = Context(datetime(2026, 10, 1, 9), asked=True)
    assert written(kind, typed(kind, text, context)) == text


def test_proofs_have_values_to_try_for_every_slot() -> None:
    compiled = compile_flow(FLOW)
    found = samples(compiled, datetime(2026, 10, 1, 9, tzinfo=compiled.zone))
    assert all(len(one.good) == 2 for one in found.values())
    assert {name for name, one in found.items() if one.bad} == {"visit", "stay", "guests", "budget"}
    assert {name for name, one in found.items() if one.past} == {"stay"}
    assert written("duration", found["guests"].good[0]) == "2880"
