"""One call of a booking tool: its arguments with their types, and the resource that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from engine.actions.booking import ANYONE, Wish
from engine.actions.identity import Claim, Name, phone_key
from engine.actions.ledger import Booking, Draft
from engine.actions.resources import Appointments, Resource, Tables
from engine.acts import PersonName, Recording
from engine.errors import FrontdeskError

T = TypeVar("T")

Answer: TypeAlias = tuple[str, Mapping[str, object]]
"""An outcome with its values. Actions give several, the most telling first; the flow's tool takes the first that it
declares."""

ARGUMENTS: Final[Mapping[str, tuple[type, ...]]] = {
    "day": (date,),
    "time": (time,),
    "party_size": (int,),
    "service": (str,),
    "practitioner": (str,),
    "name": (PersonName, Recording),
    "phone": (str,),
    "date_of_birth": (date,),
    "reference": (str,),
    "note": (str, Recording),
}
"""Every argument that booking tools use, and what it may be."""


class ArgumentError(FrontdeskError):
    """A tool was called with something that it cannot use."""


@dataclass(frozen=True, slots=True)
class Request:
    """Arguments that were not given are None; `now` is aware; `line` is the number that the line presented."""

    flow: str
    resource: Resource
    country: str | None
    key: str
    call_id: str
    now: datetime
    line: str | None = None
    day: date | None = None
    time: time | None = None
    party_size: int | None = None
    service: str | None = None
    practitioner: str | None = None
    name: Name | None = None
    phone: str | None = None
    date_of_birth: date | None = None
    reference: str | None = None
    note: str | Recording | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON data of whatever else the tool was given."""

    @property
    def claim(self) -> Claim:
        return Claim(self.reference, self.phone, self.line, self.name, self.date_of_birth)

    def wish(self, booked: Booking | None = None) -> Wish:
        """What is wanted; what is not said stays as it is `booked`. Raises ArgumentError when something is missing."""
        wish = Wish(
            day=_given("day", self.day or (booked.day if booked else None)),
            clock=_given("time", self.time or (booked.starts.time() if booked else None)),
            party_size=self.party_size or (booked.party_size if booked else None) or 1,
            service=self.service or (booked.service if booked else None),
            practitioner=self.practitioner or (booked.practitioner if booked else None),
        )
        if isinstance(self.resource, Tables) and booked is None:
            _given("party size", self.party_size)
        if isinstance(self.resource, Appointments):
            _known(wish, self.resource)
        return wish

    def draft(self) -> Draft:
        """The booking that the caller asks for, without its place."""
        phone = self.phone or self.line
        return Draft(
            key=self.key,
            flow=self.flow,
            resource=self.resource.name,
            call_id=self.call_id,
            party_size=self.party_size,
            service=self.service,
            name=self.name,
            phone=phone,
            phone_key=phone_key(phone, self.country) if phone else None,
            date_of_birth=self.date_of_birth,
            note=self.note,
            details=self.details,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the resource's clock."""
        if isinstance(self.resource, Tables):
            return ZoneInfo(self.resource.calendar.timezone)
        return ZoneInfo(self.resource.practitioners[0].calendar.timezone)


def check_values(values: Mapping[str, object]) -> None:
    """Raises ArgumentError when a value is no argument of booking tools or has another type."""
    for name, value in values.items():
        expected = ARGUMENTS.get(name)
        if expected is None:
            raise ArgumentError(f"booking tools take no `{name}`; they take {', '.join(ARGUMENTS)}")
        if not isinstance(value, expected) or isinstance(value, (bool, datetime)):
            raise ArgumentError(f"`{name}` cannot be {value!r}")


def _known(wish: Wish, resource: Appointments) -> None:
    if wish.service not in resource.services:
        raise ArgumentError(f"there is no service {wish.service!r}")
    if wish.practitioner not in (None, ANYONE, *(someone.id for someone in resource.practitioners)):
        raise ArgumentError(f"there is no practitioner {wish.practitioner!r}")


def _given(name: str, value: T | None) -> T:
    if value is None:
        raise ArgumentError(f"the {name} is missing")
    return value
