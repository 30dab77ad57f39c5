"""Bookings for other programs: JSON data, CSV and iCalendar."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

from icalendar import Calendar, Event

from engine.actions.details import recordings_in
from engine.actions.ledger import Booking
from engine.acts import Recording

COLUMNS = (
    "reference", "status", "flow", "day", "time", "start", "end", "units", "party_size", "service", "practitioner",
    "name", "phone", "date_of_birth", "note", "recordings", "heard_by_caller", "call_id", "created",
    "details",
)  # fmt: skip


def booking_data(booking: Booking) -> dict[str, Any]:
    """A booking as JSON data, keyed by `COLUMNS`. Times are those of the booking's zone; `recordings` are paths under
    the store's recordings, of what was kept as sound (the name, the note)."""
    spoken = [value.ref for value in (booking.name, booking.note) if isinstance(value, Recording)]
    spoken += recordings_in(booking.details)
    born = booking.date_of_birth
    return {
        "reference": booking.reference,
        "status": booking.status,
        "flow": booking.flow,
        "day": booking.day.isoformat(),
        "time": f"{booking.starts:%H:%M}",
        "start": booking.starts.isoformat(),
        "end": booking.ends.isoformat(),
        "units": list(booking.units),
        "party_size": booking.party_size,
        "service": booking.service,
        "practitioner": booking.practitioner,
        "name": None if booking.name is None or isinstance(booking.name, Recording) else str(booking.name),
        "phone": booking.phone,
        "date_of_birth": born.isoformat() if born else None,
        "note": booking.note if isinstance(booking.note, str) else None,
        "recordings": spoken,
        "heard_by_caller": booking.heard_by_caller,
        "call_id": booking.call_id,
        "created": booking.created.isoformat(timespec="seconds"),
        "details": dict(booking.details),
    }


def to_csv(bookings: Iterable[Booking]) -> str:
    """One line a booking under a line of `COLUMNS`; lists are joined by spaces. A text that a spreadsheet would take
    for a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for booking in bookings:
        data = booking_data(booking)
        writer.writerow([_cell(data[column]) for column in COLUMNS])
    return out.getvalue()


def to_ical(bookings: Sequence[Booking]) -> bytes:
    """A calendar with one event a booking; importing it again updates the same events."""
    calendar = Calendar()
    calendar.add("prodid", "-//frontdesk//bookings//EN")
    calendar.add("version", "2.0")
    for booking in bookings:
        event = Event()
        event.add("uid", f"{booking.key}@frontdesk")
        event.add("summary", _summary(booking))
        event.add("dtstart", booking.starts.astimezone(UTC))
        event.add("dtend", booking.ends.astimezone(UTC))
        event.add("dtstamp", booking.created)
        event.add("status", "CANCELLED" if booking.status == "cancelled" else "CONFIRMED")
        event.add("description", "\n".join(_details(booking)))
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _summary(booking: Booking) -> str:
    name = "name recorded" if isinstance(booking.name, Recording) else str(booking.name or "no name")
    about = f"{booking.party_size} guests" if booking.party_size else booking.service or "booking"
    return f"{name}, {about}"


def _details(booking: Booking) -> list[str]:
    data = booking_data(booking)
    shown = ("reference", "phone", "practitioner", "units", "date_of_birth", "note", "recordings")
    lines = [f"{column.replace('_', ' ')}: {_cell(data[column])}" for column in shown if data[column]]
    return [*lines, *(f"{name.replace('_', ' ')}: {plain(value)}" for name, value in booking.details.items())]


def plain(value: Any) -> str:
    """A detail of a booking for people: lists with commas, ranges with their ends, names whole."""
    match value:
        case {"start": start, "end": end}:
            return f"{'' if start is None else plain(start)} to {'' if end is None else plain(end)}".strip()
        case dict():
            return " ".join(plain(part) for part in value.values() if part)
        case list():
            return ", ".join(map(plain, value))
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {plain(one)}" for name, one in value.items())
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "@", "-", "\t", "\r") else text
