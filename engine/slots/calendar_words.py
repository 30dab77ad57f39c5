"""Names of months and weekdays, and how they become days."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from engine.slots.numerals import ORDINAL, SMALL, small
from engine.slots.words import any_of

MONTHS: Final = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4,
    "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12, "febuary": 2, "feburary": 2,
}  # fmt: skip
WEEKDAYS: Final = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6, "mon": 0,
    "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
    "wensday": 2, "wednsday": 2,
}  # fmt: skip

MONTH: Final = rf"(?:{any_of(MONTHS)}\.?)"
WEEKDAY: Final = rf"(?:{any_of(WEEKDAYS)}\.?)"
DAY: Final = rf"(?:{ORDINAL}|0?[1-9]|[12]\d|3[01])"
YEAR: Final = (
    rf"(?:(?:19|20)\d\d|'\d\d|(?:nineteen|twenty)[ -](?:(?:oh|o)[ -])?{SMALL}"
    rf"|nineteen hundred(?: and {SMALL})?|two thousand(?:(?: and)? {SMALL})?)"
)
COUNT: Final = rf"(?:an?|{SMALL}|\d{{1,3}}|a couple(?: of)?|couple of)"


def month_of(words: str) -> int:
    return MONTHS[words.rstrip(".")]


def weekday_of(words: str) -> int:
    return WEEKDAYS[words.rstrip(".")]


def make_day(year: int, month: int, day: int) -> date | None:
    """The day, or None where there is none (the 30th of February)."""
    if not (1 <= month <= 12 and 1 <= year <= 9998 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def next_month_day(today: date, day: int) -> date | None:
    """The next day of the month with this number, from today on."""
    year, month = today.year, today.month
    for _ in range(13):
        found = make_day(year, month, day)
        if found and found >= today:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def next_year_day(today: date, month: int, day: int) -> date | None:
    """The next such day of a year, from today on; leap days wait for a leap year."""
    for year in range(today.year, today.year + 9):
        found = make_day(year, month, day)
        if found and found >= today:
            return found
    return None


def next_weekday(today: date, weekday: int, weeks: int = 0) -> date:
    """The next such weekday after today, and `weeks` later."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1 + 7 * weeks)


def week_day(today: date, weekday: int, weeks: int = 0) -> date:
    """The weekday of this week (it starts on Monday), or of the week `weeks` later."""
    return today + timedelta(days=weekday - today.weekday() + 7 * weeks)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday of a month; -1 is the last."""
    if nth < 0:
        last = date(year, month, monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return make_day(year, month, 1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))


def easter(year: int) -> date:
    """Easter Sunday of the western calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


_YEAR_TENS: Final = re.compile(r"(nineteen|twenty)[ -](?:(?:oh|o)[ -])?(.+)")


def year_of(words: str) -> int | None:
    """The year of `YEAR`, of four digits, or of two digits after an apostrophe (in this century)."""
    words = words.strip()
    if words.isascii() and words.isdigit():
        return int(words)
    if words.startswith("'"):
        return 2000 + int(words[1:])
    if words.startswith("two thousand"):
        return 2000 + (small(words.removeprefix("two thousand").replace(" and ", " ")) or 0)
    if words.startswith("nineteen hundred"):
        return 1900 + (small(words.removeprefix("nineteen hundred").replace(" and ", " ")) or 0)
    if found := _YEAR_TENS.fullmatch(words):
        tail = small(found[2])
        return None if tail is None else (1900 if found[1] == "nineteen" else 2000) + tail
    return None
