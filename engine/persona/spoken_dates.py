"""Dates, times and durations read aloud."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from engine.persona.readings import Reading, Saying, expect

FAR: Final = timedelta(days=300)
"""From here on a date is read with its year."""


def read_date(value: Any, saying: Saying) -> str:
    expect(value, date, "date")
    words, today = saying.words, saying.now.date()
    day = value.date() if isinstance(value, datetime) else value
    if saying.style == "weekday":
        return words.weekdays[day.weekday()]
    ahead = day - today
    if saying.style == "short" and ahead in (timedelta(0), timedelta(days=1)):
        return words.date["tomorrow" if ahead else "today"]
    near = timedelta(0) < ahead < timedelta(days=28)
    shape = "short" if saying.style == "short" and near else "full"
    if shape == "full" and (saying.style == "year" or abs(ahead) >= FAR):
        shape = "full_year"
    return _dated(day, shape, words)


def _dated(day: date, shape: str, words: Reading) -> str:
    return words.date[shape].format(
        weekday=words.weekdays[day.weekday()],
        ordinal=words.ordinals[day.day - 1],
        month=words.months[day.month - 1],
        year=day.year,
    )


def read_birth(value: Any, saying: Saying) -> str:
    expect(value, date, "date of birth")
    return _dated(value, "birth", saying.words)


def read_time(value: Any, saying: Saying) -> str:
    expect(value, time, "time")
    words = saying.words
    moment = words.moments.get(time(value.hour, value.minute))
    if moment is not None:
        return moment
    if saying.style == "short" and not words.part_always:
        return _clock(value, words)
    pattern = [pattern for hour, pattern in words.parts if hour <= value.hour][-1]
    return pattern.format(clock=_clock(value, words))


def _clock(value: time, words: Reading) -> str:
    hour = value.hour if not words.twelve_hours else (value.hour - 1) % 12 + 1
    following = hour % 12 + 1 if words.twelve_hours else (hour + 1) % 24
    pattern = words.clock.get(value.minute, words.past if value.minute < 30 else words.to)
    minutes = value.minute if value.minute < 30 else 60 - value.minute
    said = pattern.format(
        hour=hour,
        next=following,
        hour_word=words.small[hour],
        next_word=words.small[following],
        minutes=words.small[minutes],
    )
    for together, instead in words.mend.items():
        said = re.sub(rf"(?<!\w){re.escape(together)}(?!\w)", instead, said)
    return said


def read_datetime(value: Any, saying: Saying) -> str:
    expect(value, datetime, "date and time")
    at = read_time(value.time(), saying)
    return saying.words.datetime.format(date=read_date(value.date(), saying), time=at)


def read_nights(value: Any, saying: Saying) -> str:
    """A length of time in nights, where it is whole ones."""
    expect(value, timedelta, "duration")
    one, many = saying.words.nights
    if value % timedelta(days=1) or not one:
        return read_duration(value, saying)
    return (one if value.days == 1 else many).format(count=value.days)


def read_duration(value: Any, saying: Saying) -> str:
    expect(value, timedelta, "duration")
    words, total = saying.words, round(value.total_seconds() / 60)
    days, rest = divmod(total, 24 * 60)
    if days and words.days[0] and rest % 60 == 0:
        said_days = words.days[days != 1].format(count=days)
        said_rest = words.hours[rest != 60].format(count=rest // 60)
        return words.days_hours.format(days=said_days, hours=said_rest) if rest else said_days
    hours, minutes = divmod(total, 60)
    if hours and minutes == 30:
        return words.half_hours[hours != 1].format(count=hours)
    said_hours = words.hours[hours != 1].format(count=hours)
    said_minutes = words.minutes[minutes != 1].format(count=minutes)
    if not hours:
        return said_minutes
    return words.hours_minutes.format(hours=said_hours, minutes=said_minutes) if minutes else said_hours
