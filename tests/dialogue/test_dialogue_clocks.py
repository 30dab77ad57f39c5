"""The nights on which clocks change: what is refused, and that no timer looks at a clock on a wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.check.report import check_reading
from engine.dialogue.draft import Draft
from engine.dialogue.limits import refusal
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import SlotState, new_state
from engine.dialogue.step import step
from engine.events import CallStarted
from engine.flow.loader import load_flow, read_path
from engine.simulate.runner import run_file

FOLDER = Path(__file__).parent / "cases" / "clocks"
LONDON = ZoneInfo("Europe/London")
COMPILED = compile_flow(load_flow(FOLDER))


@pytest.mark.parametrize("talk", sorted(FOLDER.glob("talks/*.talk")), ids=lambda talk: talk.stem)
def test_talk_holds(talk: Path) -> None:
    result = run_file(talk)
    assert result.passed, (result.faults, result.difference)


def test_the_flow_is_sound() -> None:
    report = check_reading(read_path(FOLDER))
    assert [finding for finding in report.findings if finding.severity == "error"] == []


@pytest.mark.parametrize(
    ("now", "night", "clock", "reason"),
    [
        ("2026-03-20T12:00+00:00", date(2026, 3, 28), time(0, 45), None),
        ("2026-03-20T12:00+00:00", date(2026, 3, 28), time(1, 0), "skipped"),
        ("2026-03-20T12:00+00:00", date(2026, 3, 28), time(1, 45), "skipped"),
        ("2026-03-20T12:00+00:00", date(2026, 3, 28), time(2, 0), None),
        ("2026-03-20T12:00+00:00", date(2026, 3, 28), time(3, 15), "closed"),
        ("2026-03-20T12:00+00:00", date(2026, 3, 27), time(1, 45), None),
        ("2026-10-20T12:00+00:00", date(2026, 10, 24), time(1, 30), None),
        ("2026-10-24T23:45+00:00", date(2026, 10, 24), time(1, 0), None),  # a quarter of an hour ahead
        ("2026-10-25T00:20+00:00", date(2026, 10, 24), time(1, 15), "past"),  # 01:20 summer time
        (
            "2026-10-25T01:10+00:00",
            date(2026, 10, 24),
            time(1, 30),
            "past",
        ),  # 01:10 winter time; the first 01:30 is gone
        ("2026-10-25T01:10+00:00", date(2026, 10, 24), time(2, 0), None),
    ],
)
def test_a_time_in_a_night_of_change(now: str, night: date, clock: time, reason: str | None) -> None:
    state = replace(new_state(COMPILED, "call"), slots={"day": SlotState("valid", night)})
    draft = Draft(COMPILED, state, datetime.fromisoformat(now).astimezone(LONDON))
    assert refusal(draft, COMPILED.flow.slots["time"], clock) == reason


@pytest.mark.parametrize("begins", ["2026-03-29T00:55+00:00", "2026-10-25T00:55+00:00", "2026-10-25T00:30+00:00"])
def test_a_call_may_last_as_long_as_ever(begins: str) -> None:
    now = datetime.fromisoformat(begins).astimezone(LONDON)
    state, _ = step(COMPILED, new_state(COMPILED, "call"), CallStarted("1", "2"), now)
    timer = state.deadline
    assert timer is not None
    assert timer.at - now.astimezone(UTC) == timedelta(minutes=COMPILED.flow.repair.minutes)
