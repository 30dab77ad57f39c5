"""Two small flows, a restaurant's and a surgery's, with the tools that call the booking actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.actions.contract import ToolCall
from engine.errors import Position
from engine.flow.calendar import Calendar, Hours
from engine.flow.model import Flow, PromptText, Slot, Tool

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=LONDON)
"""A Monday morning."""
FRIDAY = date(2026, 11, 6)
EIGHT = time(20, 0)

LATE = Hours(time(18), time(1))
CALENDARS = {
    "tables": Calendar(
        "tables",
        "Europe/London",
        {
            **{day: (Hours(time(12), time(14, 30)), Hours(time(18), time(22, 30))) for day in (1, 2, 3, 4)},
            5: (LATE,),
            6: (Hours(time(12), time(16)),),
        },
        {date(2026, 12, 25): ()},
        timedelta(minutes=90),
    ),
    "surgery": Calendar(
        "surgery", "Europe/London", {day: (Hours(time(9), time(12)), Hours(time(14), time(17))) for day in range(5)}
    ),
    "shah": Calendar("shah", "Europe/London", {day: (Hours(time(14), time(17)),) for day in range(5)}),
}

TABLES: dict[str, Any] = {
    "calendar": "tables",
    "units": [{"seats": 2, "count": 2}, {"seats": 4, "count": 2}],
    "join": 2,
    "stay": {"up_to_4": "2 h", "more": "2 h 30 min"},
}
APPOINTMENTS: dict[str, Any] = {
    "calendar": "surgery",
    "services": {
        "checkup": {"say": "a check-up", "minutes": 20},
        "surgery": {"say": "a small operation", "length": "1 h 15 min"},
    },
    "practitioners": {
        "shah": {"say": "Doctor Shah", "calendar": "shah", "services": ["checkup"]},
        "lee": {"say": "Doctor Lee", "services": {"checkup": "30 min", "surgery": "1 h"}},
    },
}

FOUND = {"reference": "digits", "booked_day": "date", "booked_time": "time"}


def tool(name: str, does: str, takes: str, outcomes: Mapping[str, Mapping[str, str]], commits: bool = False) -> Tool:
    """A tool whose arguments are called as its slots are."""
    return Tool(name, does, {word: word for word in takes.split()}, outcomes, Position(), commits=commits)


def tools(about: str) -> dict[str, Tool]:
    """All booking tools, with every outcome that they know; `about` names what is booked."""
    free = {"free": {}, "full": {"other_times": "time list"}, "other_day": {"other_days": "date list"}, "none": {}}
    given = "name phone date_of_birth note"
    named = [
        tool("find", "booking.find", f"day time reference {about}", free),
        tool(
            "book",
            "booking.book",
            f"day time {about} {given}",
            {"booked": {"reference": "digits"}, "taken": {}, "already": {"reference": "digits"}},
            commits=True,
        ),
        tool(
            "lookup",
            "booking.lookup",
            f"reference day {given}",
            {"found": FOUND, "several": {"booked_days": "date list"}, "not_found": {}, "denied": {}},
        ),
        tool(
            "move", "booking.move", f"reference {given} day time {about}", {"moved": {}, "taken": {}, "gone": {}}, True
        ),
        tool("cancel", "booking.cancel", f"reference {given}", {"cancelled": {}, "gone": {}}, True),
    ]
    return {one.name: one for one in named}


def flow(name: str, resources: Mapping[str, Any], made: Mapping[str, Tool]) -> Flow:
    """A flow with nothing to say."""
    phone = Slot("phone", "phone", PromptText("phone.ask", ()), Position(), "the number", {"country": "GB"})
    return Flow(
        name=name,
        path="flow.yaml",
        hash="0" * 64,
        language="en-GB",
        timezone="Europe/London",
        persona="host",
        start="hello",
        operator="hangup",
        calendars=CALENDARS,
        resources=resources,
        slots={"phone": phone},
        anywhere={},
        answers={},
        tools=made,
        steps={},
    )


def restaurant(**changed: Any) -> Flow:
    """Two tables for two and two for four; `changed` replaces parts of the resource."""
    return flow("trattoria", {"tables": {**TABLES, **changed}}, tools("party_size"))


def surgery(**changed: Any) -> Flow:
    """Doctor Shah in the afternoon, Doctor Lee all day."""
    return flow("clinic", {"appointments": {**APPOINTMENTS, **changed}}, tools("service practitioner"))


def call(tool: str, key: str = "", call_id: str = "call", caller: str | None = None, **values: object) -> ToolCall:
    """A call of a tool at `NOW`; its key is its own unless given."""
    at = values.pop("at", NOW)
    assert isinstance(at, datetime)
    return ToolCall(
        tool, "", values, key or f"{call_id}/{tool}/{sorted(map(str, values.items()))}", call_id, at, caller
    )
