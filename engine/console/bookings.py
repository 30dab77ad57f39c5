"""Bookings by hand: looked at, made, moved and cancelled by the rules that callers meet."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from engine.actions.byhand import ByHand, Came, Hand
from engine.actions.ledger import Booking, booking_of, history
from engine.actions.request import ArgumentError
from engine.actions.resources import Appointments, Resource
from engine.acts import PersonName
from engine.console.calendar import about, who
from engine.console.navigation import EVERYONE, STAFF
from engine.console.pages import Pages
from engine.console.today import booked_flows, day_asked
from engine.console.visit import Visit
from engine.flow.model import Flow

pages = Pages()

LONGEST: Final = 200
"""Signs of a name or a number."""
LONGEST_NOTE: Final = 1000
_TOLD: Final = {
    "already": "They have a booking at that time already.",
    "taken": "That time is not free.",
    "gone": "This booking is no longer there.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One resource of one flow: where a booking can be made."""

    flow: Flow
    resource: Resource
    hand: ByHand

    @property
    def is_appointments(self) -> bool:
        return isinstance(self.resource, Appointments)

    @property
    def services(self) -> list[tuple[str, str]]:
        """What can be booked, for a choice."""
        return list(self.resource.services.items()) if isinstance(self.resource, Appointments) else []

    @property
    def people(self) -> list[tuple[str, str]]:
        """Who can be booked, for a choice."""
        if not isinstance(self.resource, Appointments):
            return []
        return [(one.id, one.label) for one in self.resource.practitioners]

    @property
    def name(self) -> str:
        """As an address and a form name it."""
        return f"{self.flow.name}.{self.resource.name}"


@pages.get("/today/bookings/new", roles=STAFF)
async def ask(visit: Visit) -> Response:
    return await _form(visit, visit.asked("place"), {"day": visit.asked("day"), "time": visit.asked("time")})


@pages.post("/today/bookings", roles=STAFF)
async def add(visit: Visit) -> Response:
    form = await visit.form()
    place = (await visit.run(lambda: _places(visit))).get(text(form, "place"))
    if place is None:
        raise HTTPException(404)
    hand = _hand(visit, form)
    try:
        values = {**_wish(place, form), **_person(form)}
        came = await visit.run(lambda: place.hand.book(hand, place.resource.name, values))
    except ArgumentError as fault:
        return await _form(visit, place.name, dict(form), problem=_sentence(fault))
    if came.outcome != "booked" or came.booking is None:
        near = await visit.run(lambda: place.hand.find(hand, place.resource.name, _wish(place, form)))
        return await _form(visit, place.name, dict(form), problem=_TOLD.get(came.outcome, _TOLD["taken"]), near=near)
    await visit.audit("booking.add", came.booking.reference, day=came.booking.day.isoformat(), flow=place.flow.name)
    return visit.back_to(f"/today?day={came.booking.day}", f"Booked. The reference is {came.booking.reference}.")


@pages.get("/today/bookings/{id:int}", roles=EVERYONE)
async def show(visit: Visit) -> Response:
    return await _show(visit, await _found(visit))


@pages.post("/today/bookings/{id:int}/move", roles=STAFF)
async def move(visit: Visit) -> Response:
    booking, form = await _found(visit), await visit.form()
    place = await _place_of(visit, booking)
    hand = _hand(visit, form)
    try:
        values = _wish(place, form)
        came = await visit.run(lambda: place.hand.move(hand, booking, values))
    except ArgumentError as fault:
        return await _show(visit, booking, dict(form), problem=_sentence(fault))
    if came.outcome != "moved" or came.booking is None:
        asked = {**values, "reference": booking.reference}
        near = await visit.run(lambda: place.hand.find(hand, place.resource.name, asked))
        return await _show(visit, booking, dict(form), problem=_TOLD.get(came.outcome, _TOLD["taken"]), near=near)
    was, now = booking.starts.isoformat(timespec="minutes"), came.booking.starts.isoformat(timespec="minutes")
    await visit.audit("booking.move", booking.reference, was=was, now=now)
    return visit.back_to(f"/today?day={came.booking.day}", "Moved.")


@pages.post("/today/bookings/{id:int}/cancel", roles=STAFF)
async def cancel(visit: Visit) -> Response:
    booking = await _found(visit)
    place, hand = await _place_of(visit, booking), _hand(visit, await visit.form())
    came = await visit.run(lambda: place.hand.cancel(hand, booking))
    if came.outcome != "cancelled":
        return await _show(visit, booking, problem=_TOLD["gone"])
    await visit.audit("booking.cancel", booking.reference, day=booking.day.isoformat())
    return visit.back_to(f"/today?day={booking.day}", "Cancelled. The place is free again.")


def _places(visit: Visit) -> dict[str, Place]:
    """Every resource of every line, by its name in forms."""
    found = []
    for flow in booked_flows(visit).values():
        hand = ByHand(flow, visit.parts.store)
        found += [Place(flow, resource, hand) for resource in hand.resources.values()]
    return {place.name: place for place in found}


async def _place_of(visit: Visit, booking: Booking) -> Place:
    place = (await visit.run(lambda: _places(visit))).get(f"{booking.flow}.{booking.resource}")
    if place is None:
        raise HTTPException(409, "its flow answers no line any more")
    return place


async def _found(visit: Visit) -> Booking:
    number = int(visit.named("id"))
    booking = await visit.run(lambda: visit.parts.store.read(lambda connection: booking_of(connection, number)))
    if booking is None:
        raise HTTPException(404)
    return booking


async def _form(
    visit: Visit, name: str, given: Mapping[str, Any], problem: str = "", near: Came | None = None
) -> Response:
    places = await visit.run(lambda: _places(visit))
    if not places:
        return visit.page("problem.html", 404, title="No line takes bookings", text=_NO_PLACES)
    place = places.get(name) or next(iter(places.values()))
    day = day_asked(str(given.get("day", "")), visit.now.date()).isoformat()
    shown = {"places": places, "place": place, "given": {**given, "day": day}, "near": near}
    return visit.page("today/new.html", 422 if problem else 200, **shown, problem=problem, key=secrets.token_hex(16))


_NO_PLACES: Final = "A flow with `resources:` takes bookings; give one a line in frontdesk.yaml."


async def _show(
    visit: Visit, booking: Booking, given: Mapping[str, Any] | None = None, problem: str = "", near: Came | None = None
) -> Response:
    store = visit.parts.store
    past = await visit.run(lambda: store.read(lambda connection: history(connection, booking.id)))
    place = (await visit.run(lambda: _places(visit))).get(f"{booking.flow}.{booking.resource}")
    services = place.resource.services if place and isinstance(place.resource, Appointments) else {}
    shown = {"booking": booking, "history": past, "place": place, "near": near, "given": given or {}}
    words = {"who": who(booking), "about": about(booking, services), "zone": str(booking.starts.tzinfo)}
    status = 422 if problem else 200
    return visit.page("today/booking.html", status, **shown, **words, problem=problem, key=secrets.token_hex(16))


def _hand(visit: Visit, form: FormData) -> Hand:
    """The key comes from the page, so that a form that is sent twice books once; it is bound to who sends it."""
    key = text(form, "key") or secrets.token_hex(16)
    return Hand(visit.user, f"console:{visit.user}:{key[:64]}", visit.now)


def _wish(place: Place, form: FormData) -> dict[str, Any]:
    """What a form asks for, with the types of booking tools. Raises ArgumentError for what is no day, time or size."""
    values: dict[str, Any] = {"day": _day(text(form, "day")), "time": _time(text(form, "time"))}
    if place.is_appointments:
        values |= {name: text(form, name) for name in ("service", "practitioner") if text(form, name)}
    else:
        values["party_size"] = _size(text(form, "party_size"))
    return values


def _person(form: FormData) -> dict[str, Any]:
    first, last = text(form, "first_name"), text(form, "last_name")
    if not first and not last:
        raise ArgumentError("the name is missing")
    values: dict[str, Any] = {"name": PersonName(first, last)}
    if phone := text(form, "phone"):
        values["phone"] = phone
    if note := text(form, "note", LONGEST_NOTE):
        values["note"] = note
    return values


def text(form: FormData, name: str, longest: int = LONGEST) -> str:
    """A field of a form without space around it, cut off at a length that no honest one has."""
    value = form.get(name, "")
    return value.strip()[:longest] if isinstance(value, str) else ""


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as fault:
        raise ArgumentError("give the day, such as 2026-12-31") from fault


def _time(value: str) -> time:
    try:
        return datetime.strptime(value[:5], "%H:%M").time()
    except ValueError as fault:
        raise ArgumentError("give the time, such as 19:30") from fault


def _size(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 1000:
        raise ArgumentError("give the number of guests")
    return int(value)


def _sentence(fault: Exception) -> str:
    told = str(fault)
    return f"{told[:1].upper()}{told[1:]}."
