"""What each way of saying a day means: one function per construction, from a match to candidate days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from engine.slots.calendar_words import (
    DAY,
    MONTH,
    WEEKDAY,
    add_months,
    make_day,
    month_of,
    next_month_day,
    next_weekday,
    next_year_day,
    nth_weekday,
    week_day,
    weekday_of,
    year_of,
)
from engine.slots.feasts import FEAST, feast, is_plain
from engine.slots.numerals import ordinal, small
from engine.slots.registry import Context

Match = re.Match[str]
_OFFERED: Final = re.compile(r" (?:available|thought)")
"""What follows an ordinal that is no day ("the first available", "on second thoughts")."""
_COURTESY: Final = re.compile(
    r"\b(?:how(?:'re| are) (?:you|things)(?: (?:doing|keeping))?|called(?: earlier)?|rang(?: earlier)?) $"
)
_FAR: Final = 20
_DOUBT: Final = 0.8
"""For what one caller means otherwise than another: heard, and asked back."""
_MOST_AHEAD: Final = timedelta(days=300)
"""A day without a year that lies further ahead has just been: a slip, as often as next year's."""
_TWO_MONTHS: Final = 62
_SUNDAY: Final = 6
_SLIP: Final = 3
"""Days back that a caller may well mean by a day that has been."""
_AMERICAN: Final = "en-us"
Reading = tuple[tuple[date, ...], float]
"""Candidates (best first) and a confidence."""
Builder = Callable[[Match, Context], Reading | None]

TODAY: Final = r"(?:today|now|the present|this day)"
TOMORROW: Final = r"(?:tomorrow|tomorow|tommorow|tommorrow|tmrw|tmr|tomoz)"


def _day_number(words: str) -> int:
    return ordinal(words) or small(words) or 0


def _one(day: date | None, confidence: float = 0.95) -> Reading | None:
    return None if day is None else ((day,), confidence)


def _today(context: Context) -> date:
    return context.now.date()


def _count(words: str) -> int:
    if "couple" in words:
        return 2
    return 1 if words in ("a", "an", "") else small(words) or 0


def _shift(start: date, count: int, unit: str) -> date:
    if unit.startswith("month"):
        return add_months(start, count)
    days = {"d": 1, "w": 7, "f": 14}[unit[0]]
    return start + timedelta(days=days * count)


def named(found: Match, context: Context) -> Reading | None:
    words = found["name"]
    today = _today(context)
    if words.startswith(("tom", "tm")):
        return _one(today + timedelta(days=1))
    if words.endswith("yesterday"):
        # Asked for a day it is a slip that the flow can reject; elsewhere it tells when something was done.
        return _one(today - timedelta(days=2 if "before" in words else 1)) if context.asked else None
    if words == "today" and _COURTESY.search(found.string, 0, found.start()):
        return None
    return _one(today)


def _soon(day: date | None, today: date, confidence: float = 0.95) -> Reading | None:
    """A day whose year was not said."""
    return _one(day, _DOUBT if day and day - today > _MOST_AHEAD else confidence)


def after_tomorrow(found: Match, context: Context) -> Reading | None:
    return _one(_today(context) + timedelta(days=2))


def day_month(found: Match, context: Context) -> Reading | None:
    """Day and month in either order, with or without a year and a weekday."""
    parts = found.groupdict()
    month, day = month_of(parts["month"]), _day_number(parts["day"])
    if parts.get("year"):
        return _one(make_day(year_of(parts["year"]) or 0, month, day))
    wanted = weekday_of(parts["weekday"]) if parts.get("weekday") else None
    return _next_such(_today(context), month, day, wanted)


def _next_such(today: date, month: int, day: int, weekday: int | None) -> Reading | None:
    soonest = next_year_day(today, month, day)
    if soonest is None or weekday is None:
        return _soon(soonest, today)
    if soonest.weekday() == weekday:
        return _one(soonest)
    later = (make_day(today.year + ahead, month, day) for ahead in range(3))
    fitting = next((at for at in later if at and at >= today and at.weekday() == weekday), None)
    # The weekday and the number do not agree for the coming year: most callers misremember, so both are offered.
    return ((soonest,), 0.6) if fitting is None else ((fitting, soonest), 0.7)


def weekday_number(found: Match, context: Context) -> Reading | None:
    weekday, day, today = weekday_of(found["weekday"]), _day_number(found["day"]), _today(context)
    year, month = today.year, today.month
    for _ in range(84):
        at = make_day(year, month, day)
        if at and at >= today and at.weekday() == weekday:
            return _one(at, 0.95 if (at - today).days <= _TWO_MONTHS else 0.7)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def of_month(found: Match, context: Context) -> Reading | None:
    today, day = _today(context), _day_number(found["day"])
    which = found["which"]
    if which in ("this", "the current", "the", "current"):
        return _one(
            make_day(today.year, today.month, day) if "th" in which and which != "the" else next_month_day(today, day)
        )
    first = add_months(today.replace(day=1), 1)
    return _one(make_day(first.year, first.month, day))


def day_of_number(found: Match, context: Context) -> Reading | None:
    """ "The twentieth of the third"."""
    year = year_of(found["year"]) if found["year"] else None
    month, day = _day_number(found["month"]), _day_number(found["day"])
    today = _today(context)
    return _one(make_day(year, month, day), 0.9) if year else _soon(next_year_day(today, month, day), today, 0.9)


def slashed(found: Match, context: Context) -> Reading | None:
    one, two = int(found["one"]), int(found["two"])
    day, month = (two, one) if context.language.lower() == _AMERICAN else (one, two)
    if month > 12 >= day:
        day, month = month, day
    sure = 0.9 if day > 12 or day == month else _DOUBT  # the fifth of June to some, the sixth of May to others
    if found["year"]:
        year = int(found["year"])
        if year < 100:  # nobody books decades ahead
            year += 2000 if 2000 + year <= _today(context).year + _FAR else 1900
        return _one(make_day(year, month, day), sure)
    today = _today(context)
    return _soon(next_year_day(today, month, day), today, sure if context.asked else _DOUBT)


def iso(found: Match, context: Context) -> Reading | None:
    month = found["month"]
    return _one(make_day(int(found["year"]), int(month) if month.isdigit() else month_of(month), int(found["day"])))


def plain_weekday(found: Match, context: Context) -> Reading | None:
    today, weekday = _today(context), weekday_of(found["weekday"])
    which = (found["which"] or "").strip()
    coming = next_weekday(today, weekday)
    if which.startswith("next"):
        return _one(week_day(today, weekday, 1), _DOUBT)
    if which.startswith("this"):
        at = week_day(today, weekday)
        return _one(at) if at > today else _one(today if at == today else coming, _DOUBT)
    if weekday == today.weekday() and not which:
        return (coming, today), _DOUBT
    return _one(coming, _DOUBT if weekday == today.weekday() or "following" in which else 0.95)


def weekend(found: Match, context: Context) -> Reading | None:
    """Saturday or Sunday of this week, or of the next: nobody knows which of the two."""
    today = _today(context)
    weeks = 1 if found["which"] == "next" else 0
    days = tuple(day for day in (week_day(today, weekday, weeks) for weekday in (5, 6)) if day >= today)
    return days, 0.6


def easter_weekend(found: Match, context: Context) -> Reading | None:
    names = ("easter saturday", "easter sunday", "good friday", "easter monday")
    days = (feast(name, _today(context), None, context.language) for name in names)
    return tuple(day for day in days if day), 0.6


def week_of_weekday(found: Match, context: Context) -> Reading | None:
    """ "Wednesday next week", "next week on Friday", "Tuesday of this week"."""
    today, weekday, week = _today(context), weekday_of(found["weekday"]), found["week"]
    weeks = 0 if week.startswith("this") else 2 if "after" in week else 1
    at = week_day(today, weekday, weeks)
    plain = week.endswith(("this week", "next week", "after next"))
    on_sunday = _SUNDAY in (weekday, today.weekday())  # the last day of a week, or the first one
    return _one(at, 0.95 if plain and at > today and not on_sunday else _DOUBT)


def weeks_on_weekday(found: Match, context: Context) -> Reading | None:
    """ "A week on Thursday", "two weeks on Monday"."""
    weeks = 2 if found["unit"].startswith("f") else _count(found["count"])
    return _weeks_on(found, context, weeks, 0.95)


def weekday_week(found: Match, context: Context) -> Reading | None:
    """ "Thursday week", "Friday fortnight"."""
    return _weeks_on(found, context, 2 if found["unit"].startswith("f") else 1, 0.9)


def _weeks_on(found: Match, context: Context, weeks: int, sure: float) -> Reading | None:
    """So and so many weeks after the coming weekday, as the British count; Americans may hear another week."""
    today, weekday = _today(context), weekday_of(found["weekday"])
    doubtful = weekday == today.weekday() or context.language.lower() == _AMERICAN
    return _one(next_weekday(today, weekday, weeks), _DOUBT if doubtful else sure)


def weekday_after_next(found: Match, context: Context) -> Reading | None:
    return _one(next_weekday(_today(context), weekday_of(found["weekday"]), 1), 0.8)


def many_weekdays(found: Match, context: Context) -> Reading | None:
    today, weekday, count = _today(context), weekday_of(found["weekday"]), _count(found["count"])
    sure = _DOUBT if weekday == today.weekday() or count > 1 else 0.95  # whether this week's counts
    return _one(next_weekday(today, weekday, count - 1), sure) if count else None


def ahead(found: Match, context: Context) -> Reading | None:
    count, today = _count(found["count"]), _today(context)
    at = _shift(today, count, found["unit"])
    clipped = found["unit"].startswith("month") and at.day != today.day
    vague = clipped or "couple" in found["count"] or found[0].startswith("within")
    return _one(at, _DOUBT if vague else 0.95) if count else None


def ahead_on(found: Match, context: Context) -> Reading | None:
    """ "In two weeks on Tuesday", "Monday two weeks from now": the weekday of the week of that day."""
    at = _shift(_today(context), _count(found["count"]), found["unit"])
    if found["unit"].startswith(("d", "m")):
        return _one(next_weekday(at - timedelta(days=1), weekday_of(found["weekday"])), _DOUBT)
    return _one(week_day(at, weekday_of(found["weekday"])), _DOUBT)


def ahead_both(found: Match, context: Context) -> Reading | None:
    """ "In two weeks and three days"."""
    count, more = _count(found["count"]), _count(found["more"])
    if not (count and more):
        return None
    return _one(_shift(_shift(_today(context), count, found["unit"]), more, "days"))


def from_anchor(found: Match, context: Context) -> Reading | None:
    start = _anchor(found["anchor"], context)
    count = _count(found["count"])
    if start is None or not count:
        return None
    if found.groupdict().get("side") == "before":
        count = -count
    whole_week = found[0].startswith("the week")
    couple = "couple" in found["count"]
    return _one(_shift(start[0][0], count, found["unit"]), _DOUBT if whole_week or couple else start[1])


def _anchor(words: str, context: Context) -> Reading | None:
    today = _today(context)
    if words == "yesterday":
        return _one(today - timedelta(days=1))
    for pattern, builder in _ANCHORS:
        if found := pattern.fullmatch(words):
            return builder(found, context)
    return None


def nth(found: Match, context: Context) -> Reading | None:
    """ "The last Friday of October", "first Wednesday in May 2026"."""
    today, month, weekday = _today(context), month_of(found["month"]), weekday_of(found["weekday"])
    nth = -1 if found["nth"] == "last" else ordinal(found["nth"]) or 0
    years = [year_of(found["year"]) or 0] if found["year"] else [today.year, today.year + 1]
    days = [nth_weekday(year, month, weekday, nth) for year in years if 1 <= nth <= 5 or nth == -1]
    soonest = next((day for day in days if day and (found["year"] or day >= today)), None)
    return _one(soonest) if found["year"] else _soon(soonest, today)


def nth_of_month(found: Match, context: Context) -> Reading | None:
    """ "The first Monday of next month"."""
    first = add_months(_today(context).replace(day=1), 1 if found["which"].endswith("next") else 0)
    nth = -1 if found["nth"] == "last" else ordinal(found["nth"]) or 0
    if not (1 <= nth <= 5 or nth == -1):
        return None
    at = nth_weekday(first.year, first.month, weekday_of(found["weekday"]), nth)
    return _one(at, 0.95 if at and at >= _today(context) else _DOUBT)


def closest(found: Match, context: Context) -> Reading | None:
    anchor = next_year_day(_today(context), month_of(found["month"]), _day_number(found["day"]))
    if anchor is None:
        return None
    return _one(next_weekday(anchor - timedelta(days=4), weekday_of(found["weekday"])), 0.9)


def feast_day(found: Match, context: Context) -> Reading | None:
    year, today = year_of(found["year"]) if found["year"] else None, _today(context)
    at = feast(found["name"], today, year, context.language)
    sure = 0.95 if is_plain(found["name"], context.language) else _DOUBT
    return _one(at, sure) if year else _soon(at, today, sure)


def of_the_month(found: Match, context: Context) -> Reading | None:
    day = _day_number(found["day"])
    words = found["day"].strip()
    if day <= 3 and words.isalpha() and not (found["lead"] or context.asked):
        return None  # "the second one" and "first of all" are no days
    if day <= 9 and _OFFERED.match(found.string, found.end()):
        return None
    return _one(next_month_day(_today(context), day), 0.9 if _is_next(day, _today(context)) else _DOUBT)


def _is_next(day: int, today: date) -> bool:
    """Whether a day of the month without its month is plainly the coming one: not today, no slip of some days, and
    this month or the next has it."""
    at = next_month_day(today, day)
    return at is not None and at != today and not today - timedelta(days=_SLIP) <= _this_month(today, day) < today


def _this_month(today: date, day: int) -> date:
    return make_day(today.year, today.month, day) or today


def bare_number(found: Match, context: Context) -> Reading | None:
    day = _day_number(found["day"])
    plain = found["lead"] and context.asked and _is_next(day, _today(context))
    sure = 0.9 if plain else _DOUBT if context.asked else 0.6
    return _one(next_month_day(_today(context), day), sure) if 1 <= day <= 31 else None


_ANCHORS: Final[tuple[tuple[re.Pattern[str], Builder], ...]] = (
    (re.compile(rf"(?P<name>{TODAY}|{TOMORROW})"), named),
    (re.compile(rf"(?P<name>{FEAST})(?P<year>)"), feast_day),
    (re.compile(rf"(?:(?P<which>next|this) )?(?P<weekday>{WEEKDAY})"), plain_weekday),
    (re.compile(rf"(?P<month>{MONTH}) (?:the )?(?P<day>{DAY})"), day_month),
    (re.compile(rf"(?P<day>{DAY}) (?:of )?(?P<month>{MONTH})"), day_month),
)
ANCHOR: Final = (
    rf"(?:yesterday|{TODAY}|{TOMORROW}|(?:next |this )?{WEEKDAY}|{MONTH} (?:the )?{DAY}|{DAY} (?:of )?{MONTH}"
    rf"|{FEAST})"
)
