"""What booking tools do: find, book, look up, change and cancel, each in one transaction of the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Final, TypeAlias

import sqlalchemy as sa

from engine.actions import ledger
from engine.actions.booking import Taken, by_unit, moment_of, other_days, other_times, place
from engine.actions.identity import phone_key, proves, reference_key, same_name
from engine.actions.ledger import Booking
from engine.actions.memory import CallMemory
from engine.actions.request import Answer, Request
from engine.actions.resources import Appointments
from engine.acts import PersonName
from engine.flow.calendar import DAY

Action: TypeAlias = Callable[[sa.Connection, Request, CallMemory], tuple[Sequence[Answer], Booking | None]]
"""Does it and says what came of it, best answer first, and which booking it was about."""

DAYS_AROUND: Final = 14
"""How many days before and after the wish are searched for another day."""

_GONE: Final[Sequence[Answer]] = (("gone", {}), ("none", {}), ("not_found", {}))
_TAKEN: Final[Sequence[Answer]] = (("taken", {}), ("none", {}))


def find(connection: sa.Connection, request: Request, memory: CallMemory) -> tuple[Sequence[Answer], Booking | None]:
    """Whether the wish is free, and if not what is near it. With a `reference`, what that booking holds counts as
    free, and what is not asked for stays as it is booked."""
    booked = _own(connection, request, memory) if request.reference else None
    if request.reference and booked is None:
        return _GONE, None
    wish = request.wish(booked)
    without = booked.id if booked else None
    found = place(request.resource, wish, _taken(connection, request, wish.day, 0, without), request.now)
    if found:
        return [("free", {"free_practitioner": found.practitioner})], booked
    taken = _taken(connection, request, wish.day, DAYS_AROUND, without)
    times = other_times(request.resource, wish, taken, request.now)
    days = other_days(request.resource, wish, taken, request.now, DAYS_AROUND)
    near = {name: values for name, values in (("other_times", times), ("other_days", days)) if values}
    return [*((("full", near),) if times else ()), ("other_day", near), ("none", near)], booked


def book(connection: sa.Connection, request: Request, memory: CallMemory) -> tuple[Sequence[Answer], Booking | None]:
    """Takes the wished place for this caller, unless they have one at that time already or it is taken."""
    wish, draft = request.wish(), request.draft()
    found = place(request.resource, wish, _taken(connection, request, wish.day, 0), request.now)
    starts = moment_of(request.resource, wish)
    ends = found.end if found else starts and starts + request.resource.step
    same = ledger.live_matching(connection, request.flow, request.now, phone_keys=filter(None, [draft.phone_key]))
    for other in same:
        overlaps = starts and ends and other.starts < ends and starts < other.ends
        if overlaps and other.resource == draft.resource and _same_person(draft, other):
            memory.prove(request.call_id, other.reference)
            return [("already", booked_values(other, request.resource))], other
    if found is None:
        return _TAKEN, None
    booking = ledger.add(connection, draft, wish.day, found, request.now)
    memory.prove(request.call_id, booking.reference)
    return [("booked", booked_values(booking, request.resource))], booking


def look_up(connection: sa.Connection, request: Request, memory: CallMemory) -> tuple[Sequence[Answer], Booking | None]:
    """The caller's coming booking, if they prove that it is theirs (see `identity`). Several are narrowed down by
    `day`; a flow that does not declare `several` gets the next one."""
    if not memory.may_guess(request.call_id):
        return [("denied", {}), ("not_found", {}), ("none", {})], None
    matching = _matching(connection, request)
    theirs = [booking for booking in matching if _proved(connection, request, booking)]
    if request.day is not None:
        theirs = [booking for booking in theirs if booking.day == request.day]
    if not theirs:
        memory.guessed_wrong(request.call_id)
        denied: Sequence[Answer] = (("denied", {}),) if matching else ()
        return [*denied, ("not_found", {}), ("none", {})], None
    for booking in theirs:
        memory.prove(request.call_id, booking.reference)
    found: Answer = ("found", booked_values(theirs[0], request.resource))
    if len(theirs) == 1:
        return [found], theirs[0]
    days = tuple(dict.fromkeys(booking.day for booking in theirs))
    return [("several", {"booked_days": days, "count": len(theirs)}), found], None


def change(connection: sa.Connection, request: Request, memory: CallMemory) -> tuple[Sequence[Answer], Booking | None]:
    """Gives the caller's booking another day, time, size, service or practitioner, all or nothing."""
    booked = _own(connection, request, memory)
    if booked is None:
        return _GONE, None
    wish = request.wish(booked)
    found = place(request.resource, wish, _taken(connection, request, wish.day, 0, booked.id), request.now)
    if found is None:
        return _TAKEN, booked
    about: dict[str, object] = {"service": wish.service}
    if booked.party_size or request.party_size:
        about["party_size"] = wish.party_size
    if isinstance(request.note, str):
        about["note"] = request.note
    if request.details:
        about["details"] = {**booked.details, **request.details}
    moved = ledger.move(connection, booked, wish.day, found, about, request.call_id, request.now)
    values = booked_values(moved, request.resource)
    return [("moved", values), ("changed", values)], moved


def cancel(connection: sa.Connection, request: Request, memory: CallMemory) -> tuple[Sequence[Answer], Booking | None]:
    """Frees the caller's booking."""
    booked = _own(connection, request, memory)
    if booked is None:
        return _GONE, None
    ledger.cancel(connection, booked, request.call_id, request.now)
    return [("cancelled", {"reference": booked.reference})], booked


def booked_values(booking: Booking, resource: object) -> dict[str, object]:
    """What a caller may hear of their booking, by the names that tools declare; None where it does not apply."""
    service = practitioner = None
    if isinstance(resource, Appointments):
        service = resource.services.get(booking.service or "", booking.service)
        labels = {someone.id: someone.label for someone in resource.practitioners}
        practitioner = labels.get(booking.practitioner or "", booking.practitioner)
    return {
        "reference": booking.reference,
        "booked_day": booking.day,
        "booked_time": booking.starts.time(),
        "booked_size": booking.party_size,
        "booked_name": booking.name,
        "booked_phone": booking.phone,
        "booked_service": service,
        "booked_practitioner": practitioner,
        "booked_with": practitioner,
        "booked_note": booking.note,
    }


def _own(connection: sa.Connection, request: Request, memory: CallMemory) -> Booking | None:
    """The live booking with this reference, if the caller has proved or proves now that it is theirs."""
    reference = reference_key(request.reference)
    for booking in ledger.live_matching(connection, request.flow, request.now, reference=reference):
        if memory.proven(request.call_id, booking.reference):
            return booking
        if memory.may_guess(request.call_id) and _proved(connection, request, booking):
            memory.prove(request.call_id, booking.reference)
            return booking
    if not memory.may_guess(request.call_id):
        return None
    memory.guessed_wrong(request.call_id)
    return None


def _proved(connection: sa.Connection, request: Request, booking: Booking) -> bool:
    """Whether the caller proves that this booking is theirs, by their name through all readings if need be."""
    return proves(
        request.claim,
        booking.holder,
        request.country,
        lambda: ledger.live_names(connection, request.flow, request.now),
    )


def _matching(connection: sa.Connection, request: Request) -> list[Booking]:
    numbers = [phone_key(number, request.country) for number in (request.phone, request.line) if number]
    reference = reference_key(request.reference)
    born = request.date_of_birth
    found = ledger.live_matching(connection, request.flow, request.now, reference, numbers, born)
    exact = [booking for booking in found if booking.reference == reference]
    return exact if reference else found


def _same_person(draft: ledger.Draft, other: Booking) -> bool:
    """Same number, and nothing that tells two people of one household apart."""
    if draft.date_of_birth and other.date_of_birth and draft.date_of_birth != other.date_of_birth:
        return False
    named = isinstance(draft.name, PersonName) and isinstance(other.name, PersonName)
    return not named or same_name(draft.name, other.name)


def _taken(connection: sa.Connection, request: Request, day: date, around: int, without: int | None = None) -> Taken:
    """What is held from `around` days before the day to as many after, the night that follows included."""
    noon = datetime.combine(day, time(12), request.zone).astimezone(UTC)
    start, end = noon - (around + 1) * DAY, noon + (around + 2) * DAY
    return by_unit(ledger.held_between(connection, request.flow, request.resource.name, start, end, without))


ACTIONS: Final[dict[str, Action]] = {
    "booking.find": find,
    "booking.book": book,
    "booking.lookup": look_up,
    "booking.move": change,
    "booking.change": change,
    "booking.cancel": cancel,
}
