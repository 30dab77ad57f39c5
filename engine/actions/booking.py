"""Which table or practitioner a booking gets, and what else is free near a wish: pure rules over what is held.

Every booking holds concrete units for an exact stretch of time and keeps them until it is moved or cancelled; nothing
is shuffled behind a guest's back. All moments are compared in UTC, so a stay across a change of the clocks has its
true length; a wall-clock time that the clocks skip cannot be booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations_with_replacement
from typing import Final, TypeAlias

from engine.actions.resources import Appointments, Practitioner, Resource, Table, Tables
from engine.flow.calendar import DAY, Calendar

ANYONE: Final = "any"
"""The practitioner of a caller who does not mind."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller would like; `day` is the day on which the opening begins that `clock` lies in."""

    day: date
    clock: time
    party_size: int = 1
    service: str | None = None
    practitioner: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A unit (a table or a practitioner) is taken from `start` up to `end`, aware."""

    unit: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a wish fits: the units it would hold, and the exact start and end in the calendar's zone."""

    units: tuple[str, ...]
    start: datetime
    end: datetime
    practitioner: str | None = None


Taken: TypeAlias = Mapping[str, Sequence[tuple[datetime, datetime]]]


def by_unit(held: Iterable[Held]) -> Taken:
    """What is held, sorted by unit and in UTC; the form that every question here takes."""
    taken: dict[str, list[tuple[datetime, datetime]]] = {}
    for one in held:
        taken.setdefault(one.unit, []).append((one.start.astimezone(UTC), one.end.astimezone(UTC)))
    return taken


def place(resource: Resource, wish: Wish, taken: Taken, now: datetime) -> Placement | None:
    """The best placement at exactly the wished time, or None when it is closed, past or taken."""
    if isinstance(resource, Tables):
        return _place_party(resource, wish, taken, now)
    free = [found for someone in _asked(resource, wish) if (found := _place_visit(someone, wish, taken, now))]
    return min(free, key=lambda found: _booked(found, taken), default=None)


def moment_of(resource: Resource, wish: Wish) -> datetime | None:
    """The exact moment of the wished time, free or not; None where it is closed then."""
    moments = (calendar.start_of(wish.day, wish.clock) for calendar in _calendars(resource, wish))
    return next((moment for moment in moments if moment is not None), None)


def other_times(resource: Resource, wish: Wish, taken: Taken, now: datetime, limit: int = 3) -> tuple[time, ...]:
    """Up to `limit` times of the wished day that can be booked, those nearest the wish, in the order of the evening."""
    nearest = sorted(_options(resource, wish, taken, now), key=lambda start: (_distance(start, wish), start))[:limit]
    return tuple(start.time() for start in sorted(nearest))


def other_days(
    resource: Resource, wish: Wish, taken: Taken, now: datetime, days: int = 14, limit: int = 3
) -> tuple[date, ...]:
    """Up to `limit` days within `days` of the wish, nearest first, on which something can be booked.

    A day with room at the wished time goes before one at the same distance without; the answer is in calendar order.
    """
    found: list[tuple[int, bool, date]] = []
    for distance in range(1, days + 1):
        for day in (wish.day + distance * DAY, wish.day - distance * DAY):
            there = replace(wish, day=day)
            if place(resource, there, taken, now):
                found.append((distance, False, day))
            elif next(_options(resource, there, taken, now), None):
                found.append((distance, True, day))
        if len(found) >= limit:
            break
    return tuple(sorted(day for _, _, day in sorted(found)[:limit]))


def _place_party(room: Tables, wish: Wish, taken: Taken, now: datetime) -> Placement | None:
    start = _start(room.calendar, wish, now)
    if start is None:
        return None
    end = _after(start, room.stay(wish.party_size))
    free = [table for table in room.tables if _is_free(table.id, start, end, taken)]
    chosen = best_tables(free, wish.party_size, room.join, _gaps(start, end, taken))
    return Placement(tuple(table.id for table in chosen), start, end) if chosen else None


def best_tables(free: Sequence[Table], party_size: int, join: int, gaps: Mapping[str, timedelta]) -> tuple[Table, ...]:
    """The tables to give, or nothing: one that seats the party with the fewest empty seats; only where no free one
    does, the fewest that do together, up to `join`. Among equal tables the one with the least idle time around it."""
    shelves: dict[int, list[Table]] = {}
    for table in sorted(free, key=lambda table: (gaps.get(table.id, DAY), table.id)):
        shelves.setdefault(table.seats, []).append(table)
    for number in range(1, join + 1):
        fits = [
            sizes
            for sizes in combinations_with_replacement(sorted(shelves), number)
            if sum(sizes) >= party_size and all(sizes.count(size) <= len(shelves[size]) for size in sizes)
        ]
        if fits:
            sizes = min(fits, key=lambda sizes: (sum(sizes), sizes))
            return tuple(shelves[size][sizes[:index].count(size)] for index, size in enumerate(sizes))
    return ()


def _place_visit(someone: Practitioner, wish: Wish, taken: Taken, now: datetime) -> Placement | None:
    start = _start(someone.calendar, wish, now)
    if start is None or wish.service is None:
        return None
    end = _after(start, someone.services[wish.service])
    stays_open = any(begin <= start and end <= close for begin, close in someone.calendar.openings(wish.day))
    if not stays_open or not _is_free(someone.id, start, end, taken):
        return None
    return Placement((someone.id,), start, end, someone.id)


def _asked(resource: Appointments, wish: Wish) -> list[Practitioner]:
    """Who could do it: offers the service and was asked for, or everybody who does when it does not matter."""
    return [
        someone
        for someone in resource.practitioners
        if wish.service in someone.services and wish.practitioner in (None, ANYONE, someone.id)
    ]


def _calendars(resource: Resource, wish: Wish) -> list[Calendar]:
    if isinstance(resource, Tables):
        return [resource.calendar]
    return [someone.calendar for someone in _asked(resource, wish)]


def _options(resource: Resource, wish: Wish, taken: Taken, now: datetime) -> Iterator[datetime]:
    """Every start on the wished day that can be booked, on the resource's grid of steps."""
    clocks: dict[time, None] = {}
    for calendar in _calendars(resource, wish):
        for start, end in calendar.openings(wish.day):
            for number in range(max(0, (end - start) // resource.step) + 1):
                clocks[(start + number * resource.step).time()] = None
    for clock in clocks:
        found = place(resource, replace(wish, clock=clock), taken, now)
        if found:
            yield found.start


def _distance(start: datetime, wish: Wish) -> timedelta:
    wall = start.replace(tzinfo=None)
    wished = datetime.combine(wish.day, wish.clock)
    return min(abs(wall - wished), abs(wall - wished - DAY))


def _start(calendar: Calendar, wish: Wish, now: datetime) -> datetime | None:
    start = calendar.start_of(wish.day, wish.clock)
    if start is None or start.astimezone(UTC) <= now.astimezone(UTC):
        return None
    exists = start.astimezone(UTC).astimezone(start.tzinfo).replace(tzinfo=None) == start.replace(tzinfo=None)
    return start if exists else None


def _after(start: datetime, length: timedelta) -> datetime:
    return (start.astimezone(UTC) + length).astimezone(start.tzinfo)


def _is_free(unit: str, start: datetime, end: datetime, taken: Taken) -> bool:
    begin, close = start.astimezone(UTC), end.astimezone(UTC)
    return all(close <= other_start or other_end <= begin for other_start, other_end in taken.get(unit, ()))


def _gaps(start: datetime, end: datetime, taken: Taken) -> dict[str, timedelta]:
    """Idle time next to the stay on every unit that is used that day: the tighter, the better the evening is packed."""
    begin, close = start.astimezone(UTC), end.astimezone(UTC)
    return {
        unit: min((begin - other for _, other in stays if other <= begin), default=DAY)
        + min((other - close for other, _ in stays if other >= close), default=DAY)
        for unit, stays in taken.items()
    }


def _booked(found: Placement, taken: Taken) -> timedelta:
    """How much of that day is booked already, so that work is spread over those who are free."""
    zone, day = found.start.tzinfo, found.start.date()
    stays = taken.get(found.units[0], ())
    return sum((end - start for start, end in stays if start.astimezone(zone).date() == day), timedelta(0))
