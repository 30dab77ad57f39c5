"""Opening hours: past midnight, on the nights when clocks change, and as authors write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.calendar import Calendar, Hours
from engine.flow.hours import read_calendar
from engine.yaml.nodes import Table
from engine.yaml.position import Report
from engine.yaml.reader import read_yaml

FILE = Path(__file__).parent / "cases" / "calendars.yaml"
LONDON = ZoneInfo("Europe/London")


def cases() -> list[tuple[Calendar, dict[str, Any]]]:
    """The cases with their calendars, read by our own reader: to PyYAML, 18:00 would be a number."""
    found = []
    for case in yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader):
        report = Report()
        text = yaml.safe_dump({"calendar": case["calendar"]}, allow_unicode=True, default_style='"')
        root = read_yaml(text, "calendars.yaml", report)
        assert root is not None
        table = root.values["calendar"]
        assert isinstance(table, Table)
        calendar = read_calendar("c", table, table.place, "Europe/London", report)
        assert not report.has_errors
        found.append((calendar, case))
    return found


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


@pytest.mark.parametrize(("calendar", "case"), cases(), ids=[case["name"] for _, case in cases()])
def test_a_calendar_is_open_when_it_says(calendar: Calendar, case: dict[str, Any]) -> None:
    for text in case.get("open", ()):
        assert calendar.is_open(moment(text)), text
    for text in case.get("closed", ()):
        assert not calendar.is_open(moment(text)), text
    for day, opens in case.get("days", {}).items():
        assert calendar.is_open_day(date.fromisoformat(day)) == (opens == "true"), day
    for text, expected in case.get("start", {}).items():
        day, clock = text.split()
        start = calendar.start_of(date.fromisoformat(day), time.fromisoformat(clock))
        assert (start.isoformat() if start else "none") == expected, text


CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, tzinfo=None))


@given(st.dates(), CLOCKS, CLOCKS, CLOCKS, st.integers(0, 300))
def test_a_booking_begins_while_it_is_open(day: date, start: time, end: time, clock: time, last: int) -> None:
    calendar = Calendar(
        "c", "Europe/London", {n: (Hours(start, end),) for n in range(7)}, last=timedelta(minutes=last)
    )
    begun = calendar.start_of(day, clock)
    if begun is not None:
        assert calendar.is_open(begun)
        assert begun.time() == clock
        assert begun.date() - day <= timedelta(days=1)
