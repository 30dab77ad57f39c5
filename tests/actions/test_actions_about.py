"""What calls that we make are about, and the bookings of another flow that they may then change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.actions.contract import Outcome, ToolCall
from engine.actions.ledger import Booking, bookings_of
from engine.actions.registry import Toolbox
from engine.actions.store import Store
from engine.acts import PersonName
from engine.flow.loader import load_flow
from engine.shipped import find_flow

CLINIC, REMINDER = load_flow(find_flow("clinic")), load_flow(find_flow("reminder"))
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=ZoneInfo("Europe/London"))
TUESDAY = date(2026, 10, 6)
WISH = {
    "service": "blood_test", "day": TUESDAY, "time": time(9), "name": PersonName("Maria", "Rossi"),
    "date_of_birth": date(1984, 5, 3), "phone": "07700900001",
}  # fmt: skip
ABOUT = {"patient": "Maria Rossi", "booked_day": "2026-10-06", "booked_time": "09:00", "booked_service": "a blood test"}


def ask(box: Toolbox, name: str, values: Mapping[str, Any], about: Mapping[str, Any], call_id: str = "c2") -> Outcome:
    tool = {**CLINIC.tools, **REMINDER.tools}[name]
    call = ToolCall(name, tool.does, values, f"{call_id}/{name}", call_id, NOW, None, tool.resource, about)
    return asyncio.run(box.run(call))


@pytest.fixture
def booking(store: Store) -> Booking:
    """An appointment that a caller made."""
    assert ask(Toolbox(CLINIC, store), "book_appointment", WISH, {}, "c1").name == "booked"
    (made,) = store.read(bookings_of)
    return made


def test_a_call_of_ours_is_told_what_it_is_about(store: Store, booking: Booking) -> None:
    given = ask(Toolbox(REMINDER, store), "the_appointment", {}, {**ABOUT, "reference": booking.reference})
    assert given == Outcome("given", {
        "patient": "Maria Rossi", "reference": booking.reference, "booked_day": TUESDAY, "booked_time": time(9),
        "booked_service": "a blood test",
    })  # fmt: skip


@pytest.mark.parametrize(("about", "outcome"), [
    ({}, "none"), (ABOUT, "failed"), ({**ABOUT, "reference": "1", "booked_day": "some day"}, "failed"),
])  # fmt: skip
def test_a_caller_and_a_call_of_which_too_little_is_known(store: Store, about: Mapping[str, Any], outcome: str) -> None:
    assert ask(Toolbox(REMINDER, store), "the_appointment", {}, about).name == outcome


def test_the_booking_that_a_call_is_about_can_be_moved_and_cancelled(store: Store, booking: Booking) -> None:
    toolbox, reference = Toolbox(REMINDER, store), {"reference": booking.reference}
    ask(toolbox, "the_appointment", {}, {**ABOUT, **reference})
    wish = {**reference, "day": date(2026, 10, 7), "time": time(10)}
    assert ask(toolbox, "find_other_time", wish, {}).name == "free"
    assert ask(toolbox, "move_appointment", wish, {}).name == "changed"
    (moved,) = store.read(bookings_of)
    assert (moved.day, moved.starts.time()) == (date(2026, 10, 7), time(10))
    assert ask(toolbox, "cancel_appointment", reference, {}).name == "cancelled"
    assert store.read(lambda connection: bookings_of(connection, status="booked")) == []


def test_a_booking_that_the_call_is_not_about_stays_as_it_is(store: Store, booking: Booking) -> None:
    toolbox = Toolbox(REMINDER, store)
    ask(toolbox, "the_appointment", {}, {**ABOUT, "reference": "111111"})
    assert ask(toolbox, "cancel_appointment", {"reference": booking.reference}, {}).name == "gone"
    assert store.read(bookings_of) == [booking]
