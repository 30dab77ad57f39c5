"""Reads `calendars:` into typed calendars."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from engine.flow.calendar import Calendar, Hours
from engine.flow.duration import parse_duration
from engine.yaml.nodes import Items, Leaf, Node, Table
from engine.yaml.position import Place, Report, listed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_STRETCH = 366


def read_calendar(name: str, table: Table, at: Place, timezone: str, report: Report) -> Calendar:
    """The calendar that a table means; the table fits the schema, what it says may still make no sense."""
    week: dict[int, tuple[Hours, ...]] = {}
    exceptions: dict[date, tuple[Hours, ...]] = {}
    last = timedelta(0)
    for key, node in table.items():
        place = table.keys[key].place
        if key == "last" and isinstance(node, Leaf):
            last = _before_close(node, report)
        elif key == "except" and isinstance(node, Table):
            exceptions = _exceptions(node, report)
        else:
            _add_days(key, place, _hours(node, report), week, report)
    missing = [DAYS[index] for index in range(7) if index not in week]
    if missing:
        message = f"calendar `{name}` does not name {listed(missing)}, so it is closed then"
        report.warning("calendar-days", at, message, "Write `closed` for days that are closed.")
    for index in range(7):
        week.setdefault(index, ())
    return Calendar(name, timezone, week, exceptions, last)


def _add_days(
    key: str, place: Place, hours: tuple[Hours, ...], week: dict[int, tuple[Hours, ...]], report: Report
) -> None:
    for index in _days(key):
        if index in week:
            report.error("calendar-days", place, f"{DAYS[index]} is given twice", "Each day stands once.")
        week[index] = hours


def _days(key: str) -> list[int]:
    """Indexes of the days that a key names; `sat-mon` goes round the end of the week."""
    if key == "daily":
        return list(range(7))
    first, _, last = key.partition("-")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return [index % 7 for index in range(start, end + 1 if end >= start else end + 8)]


def _hours(node: Node, report: Report) -> tuple[Hours, ...]:
    if not isinstance(node, Items):
        return ()
    found = [(item, _opening(item.text)) for item in node.nodes if isinstance(item, Leaf)]
    hours: list[Hours] = []
    for item, opening in found:
        if hours and (opening.start < hours[-1].end or hours[-1].end <= hours[-1].start):
            report.error(
                "opening-order",
                item.place,
                "this opening begins before the one before it ends",
                "Give them in order, without overlaps.",
            )
        hours.append(opening)
    return tuple(hours)


def _opening(text: str) -> Hours:
    start, end = (part.strip().split(":") for part in text.split("-"))
    return Hours(time(int(start[0]), int(start[1])), time(int(end[0]) % 24, int(end[1])))


def _before_close(node: Leaf, report: Report) -> timedelta:
    try:
        return parse_duration(node.text.removesuffix("before close"))
    except ValueError as error:
        report.error("duration", node.place, str(error), "Such as `90 minutes before close`.")
        return timedelta(0)


def _exceptions(table: Table, report: Report) -> dict[date, tuple[Hours, ...]]:
    found: dict[date, tuple[Hours, ...]] = {}
    for key, node in table.items():
        place = table.keys[key].place
        try:
            first, last = (date.fromisoformat(part) for part in (re.split(" to ", key) * 2)[:2])
        except ValueError:
            report.error("date", place, f"there is no day {key}", "Write it like 2026-12-25.")
            continue
        if not 0 <= (last - first).days < _LONGEST_STRETCH:
            report.error(
                "date",
                place,
                "this stretch of days ends before it begins, or is longer than a year",
                "Write the earlier day first.",
            )
            continue
        hours = _hours(node, report)
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if day in found:
                report.error("duplicate-key", place, f"{day} is given twice", "Each day stands once.")
            found[day] = hours
    return found
