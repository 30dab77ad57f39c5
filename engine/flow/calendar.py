"""Opening hours: which moments and days a calendar is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """One opening of a day, wall-clock; an `end` not after `start` lies on the next day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """`week` holds the openings of Monday (0) to Sunday (6); `exceptions` replace a whole day.
    `last` is how long before an opening's end the last booking may start.

    Moments are compared as instants, never by the clock on the wall, so that the nights on which clocks change
    are as long as they are.
    """

    name: str
    timezone: str
    week: Mapping[int, tuple[Hours, ...]]
    exceptions: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    last: timedelta = timedelta(0)

    def openings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Start and end of each opening that begins on `day`, as aware datetimes."""
        zone = ZoneInfo(self.timezone)
        for hours in self.exceptions.get(day, self.week.get(day.weekday(), ())):
            end_day = day if hours.end > hours.start else _shift(day, 1)
            yield datetime.combine(day, hours.start, zone), datetime.combine(end_day, hours.end, zone)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        day, instant = at.astimezone(ZoneInfo(self.timezone)).date(), at.astimezone(UTC)
        spans = (span for begun in (_shift(day, -1), day) for span in self.openings(begun))
        return any(start.astimezone(UTC) <= instant < end.astimezone(UTC) for start, end in spans)

    def is_open_day(self, day: date) -> bool:
        """Whether anything opens on this day."""
        return any(True for _ in self.openings(day))

    def start_of(self, day: date, clock: time) -> datetime | None:
        """The exact moment of `clock` within an opening that began on `day` and early enough to book, or None.

        A time past midnight belongs to the day its opening began; a time that the clocks skip does not exist; of
        one that they show twice it is the first.
        """
        zone = ZoneInfo(self.timezone)
        for start, end in self.openings(day):
            opens, closes = start.astimezone(UTC), end.astimezone(UTC)
            for moment in (datetime.combine(day, clock, zone), datetime.combine(_shift(day, 1), clock, zone)):
                instant = moment.astimezone(UTC)
                if exists(moment) and opens <= instant <= closes - self.last and instant < closes:
                    return moment
        return None

    def skips(self, day: date, clock: time) -> bool:
        """Whether `clock` would lie within an opening that began on `day`, if the clocks did not skip it that night."""
        zone = ZoneInfo(self.timezone)
        for start, end in self.openings(day):
            for moment in (datetime.combine(day, clock, zone), datetime.combine(_shift(day, 1), clock, zone)):
                if not exists(moment) and start.astimezone(UTC) <= moment.astimezone(UTC) < end.astimezone(UTC):
                    return True
        return False


def exists(moment: datetime) -> bool:
    """Whether the clocks of its zone show an aware moment; in the night that is an hour short, they skip some."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).time() == moment.time()


def _shift(day: date, days: int) -> date:
    """The day so many days on, or the same day at the ends of the calendar."""
    near_end = day >= date.max - DAY if days > 0 else day <= date.min + DAY
    return day if near_end else day + timedelta(days=days)
