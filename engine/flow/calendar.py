"""Opening hours: which moments and days a calendar is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
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
    `last` is how long before an opening's end the last booking may start."""

    name: str
    timezone: str
    week: Mapping[int, tuple[Hours, ...]]
    exceptions: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    last: timedelta = timedelta(0)

    def openings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Start and end of each opening that begins on `day`, as aware datetimes."""
        zone = ZoneInfo(self.timezone)
        for hours in self.exceptions.get(day, self.week.get(day.weekday(), ())):
            end_day = day if hours.end > hours.start else day + DAY
            yield datetime.combine(day, hours.start, zone), datetime.combine(end_day, hours.end, zone)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        day = at.astimezone(ZoneInfo(self.timezone)).date()
        return any(start <= at < end for begun in (day - DAY, day) for start, end in self.openings(begun))

    def is_open_day(self, day: date) -> bool:
        """Whether anything opens on this day."""
        return any(True for _ in self.openings(day))

    def start_of(self, day: date, clock: time) -> datetime | None:
        """The exact moment of `clock` within an opening that began on `day` and early enough to book, or None.

        A time past midnight belongs to the day its opening began.
        """
        zone = ZoneInfo(self.timezone)
        for start, end in self.openings(day):
            for moment in (datetime.combine(day, clock, zone), datetime.combine(day + DAY, clock, zone)):
                if start <= moment <= end - self.last and moment < end:
                    return moment
        return None
