"""Whatever a flow asks besides the columns of a booking is kept with it as JSON data."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
from dataclasses import replace
from datetime import date, time
from typing import Any

from actions_flow import EIGHT, FRIDAY, NOW, call, restaurant

from engine.actions.export import booking_data, to_csv, to_ical
from engine.actions.ledger import Booking, bookings_of
from engine.actions.registry import Toolbox
from engine.actions.store import Store
from engine.acts import PersonName, Range, Recording
from engine.errors import Position
from engine.flow.model import Flow, PromptText, Slot

ASKED: dict[str, Any] = {
    "extras": ("choice list", ("high_chair", "quiet_table"), ["high_chair", "quiet_table"]),
    "arrival": ("time range", Range(time(19), time(20, 30)), {"start": "19:00", "end": "20:30"}),
    "since": ("date range", Range(date(2026, 10, 2), None), {"start": "2026-10-02", "end": None}),
    "dog": ("yes_no", True, True),
    "guest": ("person_name", PersonName("Ann", "Lee"), {"first_name": "Ann", "last_name": "Lee"}),
    "allergies": ("text", Recording("a.wav", 2.0), {"recording": "a.wav", "seconds": 2.0}),
}
MADE: dict[str, Any] = {"day": FRIDAY, "time": EIGHT, "party_size": 2, "phone": "07700900001"}


def flow() -> Flow:
    made = restaurant()
    slots = {name: Slot(name, kind, PromptText("ask", ()), Position(), name) for name, (kind, _, _) in ASKED.items()}
    book = replace(made.tools["book"], takes={name: name for name in (*MADE, *ASKED)})
    return replace(made, slots={**made.slots, **slots}, tools={**made.tools, "book": book})


def booked(store: Store, **values: object) -> Booking:
    assert asyncio.run(Toolbox(flow(), store).run(call("book", **MADE, **values))).name == "booked"
    (booking,) = store.read(bookings_of)
    return booking


def test_details_are_kept_and_exported(store: Store) -> None:
    booking = booked(store, **{name: value for name, (_, value, _) in ASKED.items()})
    due = {name: data for name, (_, _, data) in ASKED.items()}
    assert booking.details == due
    data = booking_data(booking)
    assert json.loads(json.dumps(data))["details"] == due
    assert data["recordings"] == ["a.wav"]
    (row,) = csv.DictReader(io.StringIO(to_csv([booking])))
    assert row["details"].startswith("extras: high_chair, quiet_table; arrival: 19:00 to 20:30; since: 2026-10-02 to")
    text = to_ical([booking]).replace(b"\r\n ", b"")
    assert b"extras: high_chair\\, quiet_table" in text


def test_what_was_not_asked_again_stays_when_a_booking_is_moved(store: Store) -> None:
    made = flow()
    move = replace(made.tools["move"], takes={**made.tools["move"].takes, "dog": "dog"})
    made = replace(made, tools={**made.tools, "move": move})
    booking = booked(store, extras=("high_chair",), dog=False)
    asked = {"reference": booking.reference, "phone": MADE["phone"], "dog": True}
    assert asyncio.run(Toolbox(made, store).run(call("move", **asked))).name == "moved"
    assert store.read(bookings_of)[0].details == {"extras": ["high_chair"], "dog": True}


def test_a_recording_of_a_coming_booking_is_not_purged(store: Store) -> None:
    booked(store, allergies=Recording("old.wav", 1.0))
    assert store.recordings is not None
    store.recordings.mkdir(exist_ok=True)
    for name in ("old.wav", "gone.wav"):
        (store.recordings / name).write_bytes(b"")
        os.utime(store.recordings / name, (0, 0))
    assert store.purge(NOW).files == 1
    assert (store.recordings / "old.wav").exists()
