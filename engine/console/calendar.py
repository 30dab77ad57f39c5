"""A day and a week of bookings as pictures need them: who is where, from which column of a grid to which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from engine.actions.ledger import Booking
from engine.actions.resources import Resource, Tables
from engine.acts import Recording
from engine.flow.calendar import Calendar

SLOT: Final = timedelta(minutes=15)
"""A column of the grid."""
MOST: Final = 28
"""Hours that a day's grid can have: an evening may end after midnight."""
_USUAL: Final = (time(9), time(17))


@dataclass(frozen=True, slots=True)
class Bar:
    """Something on a row, from a column (the first is 1) over so many columns."""

    start: int
    length: int
    booking: Booking | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A unit: a table, or somebody who sees people. `open` is when it can be booked."""

    label: str
    open: tuple[Bar, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class DayGrid:
    """`hours` are the full hours above the columns; `now` is the column of this moment, if it is that day."""

    resource: str
    hours: tuple[str, ...]
    rows: tuple[Row, ...]
    now: int | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing is open and nothing booked."""
        return not any(row.open or row.bars for row in self.rows)


def day_grid(resource: Resource, day: date, bookings: Iterable[Booking], now: datetime) -> DayGrid:
    """A resource on one day, with the bookings of that day; cancelled ones hold nothing and are left out."""
    units = _units(resource)
    live = [one for one in bookings if one.status == "booked" and one.resource == resource.name and one.day == day]
    zone = ZoneInfo(units[0][2].timezone)
    begin, hours = _span(day, zone, [calendar for _, _, calendar in units], live)
    columns = hours * 4

    def bar(start: datetime, end: datetime, booking: Booking | None = None) -> Bar:
        first = max(0, _column(begin, start))
        last = min(columns, -_column(end, begin))
        return Bar(first + 1, max(1, last - first), booking)

    rows = tuple(
        Row(
            label,
            tuple(bar(start, end) for start, end in calendar.openings(day)),
            tuple(bar(one.starts, one.ends, one) for one in live if unit in one.units),
        )
        for unit, label, calendar in units
    )
    known = {unit for unit, _, _ in units}
    lost = [one for one in live if not known.intersection(one.units)]
    if lost:
        rows = (*rows, *(Row("no longer here", (), (bar(one.starts, one.ends, one),)) for one in lost))
    shown = tuple(f"{begin.astimezone(zone) + timedelta(hours=hour):%H:%M}" for hour in range(hours))
    at = _column(begin, now) + 1
    return DayGrid(resource.name, shown, rows, at if 1 <= at <= columns else None)


def _units(resource: Resource) -> list[tuple[str, str, Calendar]]:
    """The units of a resource with their names for people and their hours."""
    if isinstance(resource, Tables):
        return [(table.id, f"Table {table.id}", resource.calendar) for table in resource.tables]
    return [(one.id, one.label, one.calendar) for one in resource.practitioners]


def _span(
    day: date, zone: ZoneInfo, calendars: Sequence[Calendar], bookings: Sequence[Booking]
) -> tuple[datetime, int]:
    """Where the day's grid begins, in UTC, and how many hours it has: all openings and all bookings."""
    spans = [span for calendar in calendars for span in calendar.openings(day)]
    spans += [(one.starts, one.ends) for one in bookings]
    if not spans:
        spans = [(datetime.combine(day, _USUAL[0], zone), datetime.combine(day, _USUAL[1], zone))]
    begin = min(start for start, _ in spans).astimezone(zone).replace(minute=0, second=0).astimezone(UTC)
    end = max(end.astimezone(UTC) for _, end in spans)
    return begin, max(1, min(MOST, -((begin - end) // timedelta(hours=1))))


def _column(begin: datetime, moment: datetime) -> int:
    return (moment.astimezone(UTC) - begin.astimezone(UTC)) // SLOT


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a week: its bookings in their order, cancelled ones too."""

    day: date
    bookings: tuple[Booking, ...]

    @property
    def live(self) -> tuple[Booking, ...]:
        return tuple(one for one in self.bookings if one.status == "booked")

    @property
    def count(self) -> int:
        return len(self.live)

    @property
    def guests(self) -> int:
        return sum(one.party_size or 0 for one in self.live)


def week_of(day: date) -> tuple[date, ...]:
    """The seven days of the day's week, from Monday on."""
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=number) for number in range(7))


def days(wanted: Sequence[date], bookings: Iterable[Booking]) -> tuple[Day, ...]:
    """The bookings by day."""
    by_day: dict[date, list[Booking]] = {day: [] for day in wanted}
    for booking in bookings:
        if booking.day in by_day:
            by_day[booking.day].append(booking)
    return tuple(Day(day, tuple(found)) for day, found in by_day.items())


def who(booking: Booking) -> str:
    """Whose it is, for people."""
    if isinstance(booking.name, Recording):
        return "Name recorded"
    return str(booking.name or "") or "No name"


def about(booking: Booking, services: Mapping[str, str]) -> str:
    """What it is, in short: `4 guests`, `a health check`."""
    if booking.party_size:
        return "1 guest" if booking.party_size == 1 else f"{booking.party_size} guests"
    return services.get(booking.service or "", booking.service or "")
