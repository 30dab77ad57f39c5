"""Bookings as rows: put in, found, moved and cancelled, each within a transaction of the store."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.actions.booking import Held, Placement
from engine.actions.identity import Holder, Name
from engine.actions.schema import bookings, changes, commits, holds
from engine.acts import PersonName, Recording

_LONGEST: Final = timedelta(days=2)
"""No booking is longer, so that a look at one day needs only the holds that began this long before."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a booking is about, before it has a place; `phone_key` is the number in its one form."""

    key: str
    flow: str
    resource: str
    call_id: str
    party_size: int | None = None
    service: str | None = None
    name: Name | None = None
    phone: str | None = None
    phone_key: str | None = None
    date_of_birth: date | None = None
    note: str | Recording | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON data of whatever else the flow asked, by argument."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as it stands; `starts` and `ends` are in its zone. `units` is empty once it is cancelled."""

    id: int
    key: str
    reference: str
    status: str
    flow: str
    resource: str
    day: date
    starts: datetime
    ends: datetime
    units: tuple[str, ...]
    party_size: int | None
    service: str | None
    practitioner: str | None
    name: Name | None
    phone: str | None
    phone_key: str | None
    date_of_birth: date | None
    note: str | Recording | None
    details: Mapping[str, Any]
    heard_by_caller: bool
    call_id: str
    created: datetime

    @property
    def holder(self) -> Holder:
        return Holder(self.reference, self.phone_key, self.name, self.date_of_birth)


def held_between(
    connection: sa.Connection, flow: str, resource: str, start: datetime, end: datetime, without: int | None = None
) -> list[Held]:
    """What is held of a resource at any moment from `start` to `end`, but for the booking `without`."""
    chosen = sa.select(holds.c.unit, holds.c.starts, holds.c.ends).where(
        holds.c.flow == flow,
        holds.c.resource == resource,
        holds.c.starts > start - _LONGEST,
        holds.c.starts < end,
        holds.c.ends > start,
    )
    if without is not None:
        chosen = chosen.where(holds.c.booking_id != without)
    return [Held(*row) for row in connection.execute(chosen)]


def add(connection: sa.Connection, draft: Draft, day: date, placement: Placement, now: datetime) -> Booking:
    """Puts a booking in, with a reference of its own; the placement must be free in this very transaction."""
    reference = _new_reference(connection, now)
    row = {
        "key": draft.key,
        "reference": reference,
        "status": "booked",
        "flow": draft.flow,
        "resource": draft.resource,
        "party_size": draft.party_size,
        "service": draft.service,
        "first_name": draft.name.first if isinstance(draft.name, PersonName) else None,
        "last_name": draft.name.last if isinstance(draft.name, PersonName) else None,
        "name_recording": draft.name.ref if isinstance(draft.name, Recording) else None,
        "name_seconds": draft.name.seconds if isinstance(draft.name, Recording) else None,
        "phone": draft.phone,
        "phone_key": draft.phone_key,
        "date_of_birth": draft.date_of_birth,
        "note": draft.note if isinstance(draft.note, str) else None,
        "note_recording": draft.note.ref if isinstance(draft.note, Recording) else None,
        "details": dict(draft.details),
        "heard_by_caller": False,
        "call_id": draft.call_id,
        "created": now,
        **_when(day, placement),
    }
    booking_id = connection.execute(sa.insert(bookings).values(row)).inserted_primary_key
    assert booking_id is not None
    _hold(connection, booking_id[0], draft.flow, draft.resource, placement)
    booking = with_id(connection, booking_id[0])
    _note(connection, booking, draft.call_id, "booked", now)
    return booking


def move(
    connection: sa.Connection,
    booking: Booking,
    day: date,
    placement: Placement,
    about: Mapping[str, Any],
    call_id: str,
    now: datetime,
) -> Booking:
    """Gives a booking another place; `about` holds what else changes (`party_size`, `service`, `note`, `details`)."""
    connection.execute(sa.delete(holds).where(holds.c.booking_id == booking.id))
    _hold(connection, booking.id, booking.flow, booking.resource, placement)
    values = {**_when(day, placement), **about, "heard_by_caller": False}
    connection.execute(sa.update(bookings).where(bookings.c.id == booking.id).values(values))
    moved = with_id(connection, booking.id)
    _note(connection, moved, call_id, "moved", now)
    return moved


def cancel(connection: sa.Connection, booking: Booking, call_id: str, now: datetime) -> None:
    """Frees what a booking holds; the row stays, as cancelled."""
    connection.execute(sa.delete(holds).where(holds.c.booking_id == booking.id))
    connection.execute(sa.update(bookings).where(bookings.c.id == booking.id).values(status="cancelled"))
    _note(connection, booking, call_id, "cancelled", now)


def live_matching(
    connection: sa.Connection,
    flow: str,
    now: datetime,
    reference: str | None = None,
    phone_keys: Iterable[str] = (),
    date_of_birth: date | None = None,
) -> list[Booking]:
    """Bookings that are not over and have this reference, one of these numbers, or this date of birth."""
    either = sa.or_(
        sa.false() if reference is None else bookings.c.reference == reference,
        bookings.c.phone_key.in_(tuple(phone_keys)),
        sa.false() if date_of_birth is None else bookings.c.date_of_birth == date_of_birth,
    )
    live = (bookings.c.flow == flow, bookings.c.status == "booked", bookings.c.ends > now)
    return _read(connection, sa.select(bookings).where(either, *live).order_by(bookings.c.starts))


def live_names(connection: sa.Connection, flow: str, now: datetime) -> list[PersonName]:
    """Everybody who has a booking that is not over, by name; names that were kept as sound are left out."""
    columns = (bookings.c.first_name, bookings.c.last_name)
    chosen = sa.select(*columns).distinct().where(bookings.c.flow == flow, bookings.c.status == "booked")
    rows = connection.execute(chosen.where(bookings.c.ends > now, bookings.c.first_name.is_not(None)))
    return [PersonName(first, last or "") for first, last in rows]


def with_id(connection: sa.Connection, booking_id: int) -> Booking:
    """The booking of this row, in whatever state."""
    return _read(connection, sa.select(bookings).where(bookings.c.id == booking_id))[0]


def bookings_of(connection: sa.Connection, day: date | None = None, status: str | None = None) -> list[Booking]:
    """All bookings, or those of a day or a status, in the order of their start."""
    chosen = sa.select(bookings).order_by(bookings.c.starts, bookings.c.id)
    if day is not None:
        chosen = chosen.where(bookings.c.day == day)
    if status is not None:
        chosen = chosen.where(bookings.c.status == status)
    return _read(connection, chosen)


def bookings_between(connection: sa.Connection, first: date, last: date, flow: str | None = None) -> list[Booking]:
    """The bookings of these days, both included, in the order of their start; cancelled ones too."""
    chosen = sa.select(bookings).where(bookings.c.day >= first, bookings.c.day <= last)
    if flow is not None:
        chosen = chosen.where(bookings.c.flow == flow)
    return _read(connection, chosen.order_by(bookings.c.starts, bookings.c.id))


def made_since(connection: sa.Connection, since: datetime) -> int:
    """How many bookings were made from this moment on and stand."""
    counted = sa.select(sa.func.count()).select_from(bookings)
    found = counted.where(bookings.c.created >= since, bookings.c.status == "booked")
    return int(connection.execute(found).scalar_one())


def booking_of(connection: sa.Connection, booking_id: int) -> Booking | None:
    """The booking of this row, in whatever state; None where there is none."""
    found = _read(connection, sa.select(bookings).where(bookings.c.id == booking_id))
    return found[0] if found else None


def history(connection: sa.Connection, booking_id: int) -> list[dict[str, Any]]:
    """What was done to a booking, oldest first: `at`, `call_id`, `what` and `details`."""
    columns = (changes.c.at, changes.c.call_id, changes.c.what, changes.c.details)
    chosen = sa.select(*columns).where(changes.c.booking_id == booking_id).order_by(changes.c.id)
    return [dict(row) for row in connection.execute(chosen).mappings()]


def mark_heard(connection: sa.Connection, key: str, heard: bool) -> None:
    """Whether the caller heard what became of the commit with this key; nothing when there is no such commit."""
    about = sa.select(commits.c.booking_id).where(commits.c.key == key)
    connection.execute(sa.update(bookings).where(bookings.c.id.in_(about)).values(heard_by_caller=heard))


def committed(connection: sa.Connection, key: str) -> tuple[str, Booking | None] | None:
    """The outcome of the commit with this key and the booking it was about, or None when there was none."""
    row = connection.execute(sa.select(commits.c.outcome, commits.c.booking_id).where(commits.c.key == key)).first()
    if row is None:
        return None
    return row.outcome, None if row.booking_id is None else with_id(connection, row.booking_id)


def commit(
    connection: sa.Connection, key: str, does: str, outcome: str, booking_id: int | None, call_id: str, now: datetime
) -> None:
    """Remembers how a commit came out; belongs in the transaction that did it."""
    row = {"key": key, "does": does, "outcome": outcome, "booking_id": booking_id, "call_id": call_id, "at": now}
    connection.execute(sa.insert(commits).values(row))


def _when(day: date, placement: Placement) -> dict[str, Any]:
    return {
        "day": day,
        "starts": placement.start,
        "ends": placement.end,
        "local_start": placement.start.isoformat(timespec="minutes"),
        "local_end": placement.end.isoformat(timespec="minutes"),
        "timezone": str(placement.start.tzinfo),
        "practitioner": placement.practitioner,
    }


def _hold(connection: sa.Connection, booking_id: int, flow: str, resource: str, placement: Placement) -> None:
    place = {"booking_id": booking_id, "flow": flow, "resource": resource}
    when = {"starts": placement.start, "ends": placement.end}
    connection.execute(sa.insert(holds), [{**place, **when, "unit": unit} for unit in placement.units])


def _note(connection: sa.Connection, booking: Booking, call_id: str, what: str, now: datetime) -> None:
    details = {
        "start": booking.starts.isoformat(timespec="minutes"),
        "end": booking.ends.isoformat(timespec="minutes"),
        "units": list(booking.units),
        "party_size": booking.party_size,
        "service": booking.service,
        "practitioner": booking.practitioner,
    }
    row = {"booking_id": booking.id, "at": now, "call_id": call_id, "what": what, "details": details}
    connection.execute(sa.insert(changes).values(row))


def _new_reference(connection: sa.Connection, now: datetime) -> str:
    """Six digits, drawn at random among those that no booking still to come has; says nothing about other bookings."""
    live = sa.select(bookings.c.reference).where(bookings.c.status == "booked", bookings.c.ends > now)
    used = set(connection.execute(live).scalars())
    while True:
        reference = str(100_000 + secrets.randbelow(900_000))
        if reference not in used:
            return reference


def _read(connection: sa.Connection, chosen: sa.Select[Any]) -> list[Booking]:
    rows = connection.execute(chosen).mappings().all()
    units = _units(connection, [row["id"] for row in rows])
    return [_booking(row, units.get(row["id"], ())) for row in rows]


def _units(connection: sa.Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for begin in range(0, len(ids), 500):
        chosen = sa.select(holds.c.booking_id, holds.c.unit).where(holds.c.booking_id.in_(ids[begin : begin + 500]))
        for booking_id, unit in connection.execute(chosen.order_by(holds.c.id)):
            found[booking_id] = (*found.get(booking_id, ()), unit)
    return found


def _booking(row: sa.RowMapping, units: tuple[str, ...]) -> Booking:
    zone = ZoneInfo(row["timezone"])
    name: Name | None = None
    if row["name_recording"] is not None:
        name = Recording(row["name_recording"], row["name_seconds"] or 0.0)
    elif row["first_name"] is not None:
        name = PersonName(row["first_name"], row["last_name"] or "")
    note = row["note"] if row["note_recording"] is None else Recording(row["note_recording"])
    same = (
        "id", "key", "reference", "status", "flow", "resource", "day", "party_size", "service", "practitioner",
        "phone", "phone_key", "date_of_birth", "details", "heard_by_caller", "call_id", "created",
    )  # fmt: skip
    return Booking(
        starts=row["starts"].astimezone(zone),
        ends=row["ends"].astimezone(zone),
        units=units,
        name=name,
        note=note,
        **{column: row[column] for column in same},
    )
