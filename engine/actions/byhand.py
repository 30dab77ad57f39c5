"""Bookings that people make, move and cancel themselves, by the same rules and in the same transactions as callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from engine.actions import ledger
from engine.actions.ledger import Booking
from engine.actions.memory import CallMemory
from engine.actions.operations import ACTIONS
from engine.actions.registry import country_of
from engine.actions.request import Request, check_values
from engine.actions.resources import Resource, read_resources
from engine.actions.store import Store
from engine.flow.model import Flow

_DONE: Final = frozenset({"booked", "moved", "cancelled"})


@dataclass(frozen=True, slots=True)
class Came:
    """What came of it: `outcome` is that of the booking tools (`booked`, `already`, `taken`, `moved`, `cancelled`,
    `gone`, `free`, `full`, `other_day`, `none`), `values` what they bring."""

    outcome: str
    values: Mapping[str, object]
    booking: Booking | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it, and the key of the form: the same key never has an effect twice."""

    user: str
    key: str
    now: datetime

    @property
    def call_id(self) -> str:
        """What the history of a booking calls the one who changed it."""
        return f"console:{self.user}"


class ByHand:
    """The bookings of one flow. Making it raises ResourceError when the flow's resources cannot work.

    Values are arguments of booking tools, by name and of their types; a wrong one raises ArgumentError, a database that
    fails StoreError. Everything blocks.
    """

    def __init__(self, flow: Flow, store: Store) -> None:
        self._flow = flow
        self._store = store
        self._country = country_of(flow)
        self.resources: dict[str, Resource] = read_resources(flow.resources, flow.calendars)

    def find(self, hand: Hand, resource: str, values: Mapping[str, Any]) -> Came:
        """Whether it is free, and if not what is near. With a `reference` it is about moving that booking."""
        return self._read("booking.find", self._request(hand, resource, values))

    def book(self, hand: Hand, resource: str, values: Mapping[str, Any]) -> Came:
        """Takes a place."""
        return self._do("booking.book", self._request(hand, resource, values))

    def move(self, hand: Hand, booking: Booking, values: Mapping[str, Any]) -> Came:
        """Gives a booking another time, size, service or practitioner, all or nothing."""
        return self._do("booking.move", self._about(hand, booking, values))

    def cancel(self, hand: Hand, booking: Booking) -> Came:
        """Frees what a booking holds."""
        return self._do("booking.cancel", self._about(hand, booking, {}))

    def _about(self, hand: Hand, booking: Booking, values: Mapping[str, Any]) -> Request:
        return self._request(hand, booking.resource, {**values, "reference": booking.reference})

    def _request(self, hand: Hand, resource: str, values: Mapping[str, Any]) -> Request:
        check_values(values)
        return Request(
            flow=self._flow.name,
            resource=self.resources[resource],
            country=self._country,
            key=hand.key,
            call_id=hand.call_id,
            now=hand.now,
            **values,
        )

    def _read(self, does: str, request: Request) -> Came:
        answers, booking = self._store.read(lambda found: ACTIONS[does](found, request, _trusted(request)))
        return Came(*answers[0], booking)

    def _do(self, does: str, request: Request) -> Came:
        def work(connection: sa.Connection) -> Came:
            known = ledger.committed(connection, request.key)
            if known is not None:
                return Came(known[0], {}, known[1])
            answers, booking = ACTIONS[does](connection, request, _trusted(request))
            came = Came(*answers[0], booking)
            if came.outcome in _DONE and booking is not None:
                ledger.commit(connection, request.key, does, came.outcome, booking.id, request.call_id, request.now)
                ledger.mark_heard(connection, request.key, heard=True)
            return came

        return self._store.write(work)


def _trusted(request: Request) -> CallMemory:
    """Somebody of the house need not prove whose booking it is."""
    memory = CallMemory()
    if request.reference:
        memory.prove(request.call_id, request.reference)
    return memory
