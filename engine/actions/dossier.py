"""All that is kept of one caller, found by their number: to give it to them, or to delete it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from engine.actions.archive import CallRow
from engine.actions.details import recordings_in
from engine.actions.ledger import Booking, booking_of
from engine.actions.schema import (
    bookings,
    call_events,
    call_words,
    calls,
    commits,
    deliveries,
    misses,
    orders,
    outbound_calls,
)
from engine.acts import Recording

SHORTEST: Final = 6
"""Digits that a number needs to stand for one caller."""
GOING: Final = timedelta(hours=6)
"""A call without an end that began within this time may still go on."""
_SHOWN: Final = 3
"""Last digits that a masked number keeps."""
_MANY: Final = 400


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was sent to them, or that another system was told about their call."""

    id: int
    kind: str
    recipient: str | None
    body: Any
    created: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A call that we made to them."""

    id: int
    campaign: str
    at: datetime
    outcome: str | None
    call_id: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """`calls` are theirs for certain; the masked numbers of those in `maybe` end like theirs, which others' may do
    too. What still goes on is in neither: look again when it is over."""

    calls: tuple[CallRow, ...]
    maybe: tuple[CallRow, ...]
    bookings: tuple[Booking, ...]
    messages: tuple[Message, ...]
    tried: tuple[Tried, ...]

    @property
    def empty(self) -> bool:
        return not (self.calls or self.maybe or self.bookings or self.messages or self.tried)


def digits_of(number: str) -> str:
    """The digits by which a number is found, without the zeros that only some ways of writing it begin with; empty
    where they are too few to stand for one caller."""
    digits = re.sub(r"\D", "", number).lstrip("0")
    return digits if len(digits) >= SHORTEST else ""


def dossier(connection: sa.Connection, number: str, now: datetime, chosen: Collection[str] = ()) -> Dossier:
    """What is kept of the caller with this number. `chosen` are calls of `maybe` that somebody knows to be theirs.
    Raises ValueError for too few digits."""
    digits = digits_of(number)
    if not digits:
        raise ValueError(f"a number of at least {SHORTEST} digits is needed")
    theirs = _ends_with(bookings.c.phone_key, digits) | _ends_with(bookings.c.phone, digits)
    booked = list(
        connection.execute(sa.select(bookings.c.id, bookings.c.call_id).where(theirs).order_by(bookings.c.id))
    )
    ids = [row.id for row in booked]
    made = sa.select(commits.c.call_id).where(commits.c.booking_id.in_(ids))
    linked = {*(row.call_id for row in booked), *connection.execute(made).scalars(), *chosen}
    tried = [
        Tried(*row)
        for row in connection.execute(
            sa.select(*(outbound_calls.c[name] for name in ("id", "campaign", "at", "outcome", "call_id")))
            .where(_ends_with(outbound_calls.c.number, digits))
            .order_by(outbound_calls.c.at)
        )
    ]
    linked |= {one.call_id for one in tried if one.call_id is not None}
    over = calls.c.ended.is_not(None) | (calls.c.started < now - GOING)
    certain = over & (_ends_with(calls.c.caller, digits) | calls.c.id.in_(sorted(linked)))
    found = _calls(connection, certain)
    known = [row.id for row in found]
    masked = over & calls.c.caller.like(f"%•{digits[-_SHOWN:]}") & calls.c.id.not_in(known)
    sent = deliveries.c.call_id.in_(known) | _ends_with(deliveries.c.recipient, digits)
    columns = (deliveries.c[name] for name in ("id", "kind", "recipient", "body", "created", "state"))
    messages = connection.execute(sa.select(*columns).where(sent).order_by(deliveries.c.id))
    held = (booking_of(connection, booking_id) for booking_id in ids)
    return Dossier(
        found,
        _calls(connection, masked),
        tuple(one for one in held if one is not None),
        tuple(Message(*row) for row in messages),
        tuple(tried),
    )


def _calls(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> tuple[CallRow, ...]:
    columns = (column for column in calls.c if column.name != "counted")
    rows = connection.execute(sa.select(*columns).where(condition).order_by(calls.c.started)).mappings()
    return tuple(CallRow(**row) for row in rows)


def _ends_with(column: sa.ColumnElement[Any], digits: str) -> sa.ColumnElement[bool]:
    """Whether a number, however it is written, has these digits at its end."""
    plain: sa.ColumnElement[Any] = column
    for sign in " -()./":
        plain = sa.func.replace(plain, sign, "")
    return plain.endswith(digits)


def forget(connection: sa.Connection, found: Dossier) -> frozenset[str]:
    """Deletes all of a dossier but for the calls of `maybe`, and answers the recordings that belonged to it, as paths
    under the store's recordings. The numbers of the hours stay: nobody can be told by them."""
    refs = {one.recording for one in found.calls if one.recording}
    for ids in _some([one.id for one in found.calls]):
        for body in connection.execute(sa.select(call_events.c.body).where(call_events.c.call_id.in_(ids))).scalars():
            if isinstance(body, dict) and isinstance(body.get("ref"), str):
                refs.add(body["ref"])
        for table in (call_events, call_words, misses, orders):
            connection.execute(sa.delete(table).where(table.c.call_id.in_(ids)))
        connection.execute(sa.delete(calls).where(calls.c.id.in_(ids)))
    for some in _some([one.id for one in found.bookings]):
        columns = (bookings.c.name_recording, bookings.c.note_recording, bookings.c.details)
        for name, note, details in connection.execute(sa.select(*columns).where(bookings.c.id.in_(some))):
            refs |= {ref for ref in (name, note, *recordings_in(details)) if ref}
        connection.execute(sa.delete(bookings).where(bookings.c.id.in_(some)))
    for some in _some([one.id for one in found.messages]):
        connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(some)))
    for some in _some([one.id for one in found.tried]):
        connection.execute(sa.delete(outbound_calls).where(outbound_calls.c.id.in_(some)))
    return frozenset(refs)


def sounds(folder: Path | None, found: Dossier, refs: Iterable[str] = ()) -> list[Path]:
    """The files of a dossier's recordings: those that calls, bookings and `refs` name, and all else in the folders of
    its calls. Nothing outside of `folder` is among them."""
    if folder is None:
        return []
    home = folder.resolve()
    named = [home / ref for ref in (*refs, *(one.recording for one in found.calls if one.recording))]
    named += [home / ref for one in found.bookings for ref in recordings_in(one.details)]
    for one in found.bookings:
        named += [home / value.ref for value in (one.name, one.note) if isinstance(value, Recording)]
    for call in found.calls:
        own = home / re.sub(r"[^\w.-]", "_", call.id)
        if own.is_dir() and own.parent == home and own.resolve() == own:
            named += sorted(own.iterdir())
    real = dict.fromkeys(path.resolve() for path in named)
    return [path for path in real if path.is_relative_to(home) and path.is_file()]


def remove(folder: Path, files: Iterable[Path]) -> int:
    """Deletes recordings and the folders that this empties; answers how many there were."""
    removed = 0
    for path in files:
        path.unlink(missing_ok=True)
        removed += 1
        if path.parent != folder.resolve() and path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return removed


def _some(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (ids[start : start + _MANY] for start in range(0, len(ids), _MANY))
