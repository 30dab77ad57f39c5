"""The tools of the flows that we ship, from a booking to its end, on a real database."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.actions.contract import ToolCall
from engine.actions.registry import Toolbox
from engine.actions.store import Store
from engine.acts import PersonName
from engine.flow.loader import load_flow
from engine.shipped import find_flow

NOW = datetime(2026, 11, 2, 10, tzinfo=ZoneInfo("Europe/London"))
WHO = {"name": PersonName("Maria", "Rossi"), "phone": "07700900123"}
BORN = {"date_of_birth": date(1980, 3, 4)}
THURSDAY = date(2026, 11, 5)
TABLE = {"day": THURSDAY, "time": time(20), "party_size": 4}
VISIT = {"day": THURSDAY, "time": time(15), "service": "consultation"}

# flow, then (tool, values, outcome); `reference` is what the first booking brought
STORIES: dict[str, list[tuple[str, dict[str, Any], str]]] = {
    "trattoria": [
        ("find_table", TABLE, "free"),
        ("book_table", {**TABLE, **WHO}, "booked"),
        ("look_up_number", {"reference": "", "phone": WHO["phone"]}, "found"),
        ("look_up_name", WHO, "found"),
        ("look_up_name", {**WHO, "name": PersonName("Carlo", "Bianchi")}, "none"),
        ("find_other_time", {"reference": "", "day": THURSDAY, "time": time(20, 30)}, "free"),
        ("move_table", {"reference": "", "day": THURSDAY, "time": time(20, 30)}, "changed"),
        ("find_other_size", {"reference": "", "party_size": 6}, "free"),
        ("resize_table", {"reference": "", "party_size": 6}, "changed"),
        ("cancel_table", {"reference": ""}, "cancelled"),
        ("look_up_name", WHO, "none"),
    ],
    "clinic": [
        ("find_appointment", VISIT, "free"),
        ("find_appointment", {**VISIT, "practitioner": "brandt"}, "none"),
        ("book_appointment", {**VISIT, **WHO, **BORN}, "booked"),
        ("look_up_number", {"reference": "", **BORN}, "found"),
        ("look_up_name", {"name": WHO["name"], **BORN}, "found"),
        ("find_other_time", {"reference": "", "day": THURSDAY, "time": time(16)}, "free"),
        ("move_appointment", {"reference": "", "day": THURSDAY, "time": time(16)}, "changed"),
        ("cancel_appointment", {"reference": ""}, "cancelled"),
        ("cancel_appointment", {"reference": ""}, "gone"),
    ],
}


@pytest.mark.parametrize("name", STORIES)
def test_a_shipped_flow_books_changes_and_cancels(name: str, store: Store) -> None:
    flow = load_flow(find_flow(name))

    async def run() -> None:
        toolbox, reference = Toolbox(flow, store), ""
        for number, (tool, values, expected) in enumerate(STORIES[name]):
            given = {**values, "reference": reference} if "reference" in values else values
            call = ToolCall(
                tool, flow.tools[tool].does, given, f"key {number}", "call", NOW, None, flow.tools[tool].resource
            )
            outcome = await toolbox.run(call)
            assert outcome.name == expected, tool
            assert set(outcome.values) == set(flow.tools[tool].outcomes[expected])
            reference = outcome.values.get("reference", reference)
        assert len(reference) == 6

    asyncio.run(run())
