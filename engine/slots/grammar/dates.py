"""Days by table: what a language's section `dates` says, turned into days of the calendar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from engine.languages.building import build
from engine.languages.sheet import Sheet
from engine.slots.calendar_words import (
    add_months,
    easter,
    make_day,
    next_month_day,
    next_weekday,
    next_year_day,
    nth_weekday,
    week_day,
)
from engine.slots.foreign_date import foreign
from engine.slots.grammar.lexicon import lexicon, line_of
from engine.slots.grammar.matching import TERMINALS, Found, either_of, finished, patterns_of, searched
from engine.slots.registry import Context, Mention

Unit = Literal["day", "week", "fortnight", "month"]
_ALMOST: Final = 0.9
_OPEN: Final = 0.7


@dataclass(frozen=True, slots=True)
class DateWords:
    """The section `dates`; every list holds templates unless said otherwise. Keys of `days` are days from today, of
    `weekends` and `in_week` weeks from this one, of `of_month` months; `feasts` are `month-day`, `easter` days from
    Easter Sunday. `asked` are only days where one was asked for; so is `bare`, with
    nothing but words of `around` beside it; `weeks_on` counts from the coming weekday, `weeks_in`
    from this week. `loose` maps a number of days that is said loosely to those that may be meant (eight days for a
    week). `taken` are words that look like a day and are none."""

    months: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    weekdays: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    tails: tuple[str, ...] = ()
    units: Mapping[Unit, tuple[str, ...]] = field(default_factory=dict)
    order: Literal["dmy", "mdy"] = "dmy"
    days: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    day_month: tuple[str, ...] = ()
    weekday_day: tuple[str, ...] = ()
    of_month: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    bare: tuple[str, ...] = ("{day}",)
    around: frozenset[str] = frozenset()
    weekday: tuple[str, ...] = ("{weekday}",)
    coming: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    in_week: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    weeks_on: tuple[str, ...] = ()
    weeks_in: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    loose: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    weekends: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    nth: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    feasts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    easter: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    births: tuple[str, ...] = ()


Reading = tuple[tuple[date, ...], float]
Reader = Callable[[Found, Context], Reading | None]
_NONE: Final[Reading] = (), 0.0
"""No day: but the words are taken, and no part of them is read as another one ("on the thirtieth of February")."""


class _Days:
    """The patterns of one language with what each of them means."""

    def __init__(self, sheet: Sheet) -> None:
        self.words = build(DateWords, sheet.section("dates"), f"{sheet.file}: dates")
        codes = lexicon(sheet)
        units = {unit: either_of(codes, names) for unit, names in self.words.units.items()}
        self._units = {unit: re.compile(pattern) for unit, pattern in units.items()}
        terminals = {**TERMINALS, "unit": f"(?:{'|'.join(units.values())})" if units else r"(?!)"}
        w = self.words
        tables: list[tuple[Reader, Sequence[str]]] = [
            (self._written, ("{date}", *w.figures)),
            (_day_month, w.day_month),
            (_weekday_day, w.weekday_day),
            (_alone, w.alone),
            (_asked, w.asked),
            (_weekday, w.weekday),
            (_coming, w.coming),
            (_next, w.next),
            (self._weeks_on, w.weeks_on),
            (self._weeks_in, w.weeks_in),
            (self._ahead, w.ahead),
            (_nth, w.nth),
            (_last, w.last),
            *((_day_ahead(days), given) for days, given in w.days.items()),
            *((_of_month(months), given) for months, given in w.of_month.items()),
            *((_in_week(weeks), given) for weeks, given in w.in_week.items()),
            *((_weekend(weeks), given) for weeks, given in w.weekends.items()),
            *((_feast(name), given) for name, given in w.feasts.items()),
            *((_easter(days), given) for days, given in w.easter.items()),
            (_nothing, w.taken),
        ]
        self.rules = tuple((reader, patterns_of(codes, given, terminals)) for reader, given in tables if given)
        self.bare = patterns_of(codes, w.bare, terminals)
        self._around = {codes.plain(word) for word in w.around}
        self.births = patterns_of(codes, w.births, terminals)

    def is_alone(self, found: Found) -> bool:
        """Whether a number stands alone but for words such as "the" and "please"."""
        rest = f"{found.line.codes[: found.start]} {found.line.codes[found.end :]}"
        return all(word in self._around or (not word[0].isalpha() and word[0] != "#") for word in rest.split())

    def unit(self, found: Found) -> Unit:
        """The unit of a match; `either_of` has made sure that it is one."""
        return next(unit for unit, pattern in self._units.items() if pattern.match(found.values["unit"]))

    def _written(self, found: Found, context: Context) -> Reading | None:
        """A date in figures, in the order of the language, or of the standard."""
        parts = [int(part) for part in re.findall(r"\d+", found.values.get("date") or found.values["figure"])]
        if len(parts) == 3 and parts[0] > 31:
            return _one(make_day(*parts))
        day, month = parts[:2] if self.words.order == "dmy" else parts[1::-1]
        if len(parts) == 2:
            return _one(next_year_day(context.now.date(), month, day))
        return _one(make_day(parts[2] + (2000 if parts[2] < 100 else 0), month, day))

    def _ahead(self, found: Found, context: Context) -> Reading | None:
        """So many days, weeks or months from today; one unit where no number is said."""
        count, unit, today = found.number("count") or 1, self.unit(found), context.now.date()
        if unit == "month":
            return _one(add_months(today, count)) if count <= 60 else None
        days = count * {"day": 1, "week": 7, "fortnight": 14}[unit]
        meant = self.words.loose.get(days, (days,)) if unit == "day" else (days,)
        if days > 3660:
            return None
        return tuple(today + timedelta(days=one) for one in meant), _ALMOST if len(meant) == 1 else _OPEN

    def _weeks_on(self, found: Found, context: Context) -> Reading | None:
        """A weekday so many weeks on ("Freitag in zwei Wochen")."""
        weeks = self._weeks(found)
        return _one(next_weekday(context.now.date(), _weekday_of(found), weeks), _ALMOST) if weeks else None

    def _weeks_in(self, found: Found, context: Context) -> Reading | None:
        """A weekday of the week that is so many weeks from this one ("in zwei Wochen am Freitag")."""
        weeks = self._weeks(found)
        return _one(week_day(context.now.date(), _weekday_of(found), weeks), _ALMOST) if weeks else None

    def _weeks(self, found: Found) -> int | None:
        """The whole weeks of a count with its unit; eight days are said for one, fifteen for two."""
        count = (found.number("count") or 1) * {"day": 1, "week": 7, "fortnight": 14, "month": 0}[self.unit(found)]
        weeks = {8: 7, 15: 14}.get(count, count) if self.unit(found) == "day" else count
        return weeks // 7 if 0 < weeks <= 3660 and weeks % 7 == 0 else None


def _one(day: date | None, confidence: float = 0.95) -> Reading | None:
    return None if day is None else ((day,), confidence)


def _weekday_of(found: Found) -> int:
    return found.number("weekday") or 0


def _nothing(found: Found, context: Context) -> Reading | None:
    return None


def _day_ahead(days: int) -> Reader:
    def read(found: Found, context: Context) -> Reading | None:
        if days < 0 and not context.asked:
            return None  # it tells when something was done; asked for a day it is a slip that the flow can reject
        return _one(context.now.date() + timedelta(days=days))

    return read


def _day_month(found: Found, context: Context) -> Reading | None:
    day, today = found.number("day", "ordinal", "n") or 0, context.now.date()
    month = found.number("month", "month_ordinal", "month_number") or 0
    sure = 0.95 if "month" in found.values else _ALMOST
    year = found.number("year")
    if year is not None:
        return _one(make_day(year + (2000 if year < 100 else 0), month, day), sure)
    soonest = next_year_day(today, month, day)
    if soonest is None or "weekday" not in found.values or soonest.weekday() == _weekday_of(found):
        return _one(soonest, sure)
    # The weekday and the number do not agree: most callers misremember, so the day of the number is offered, not taken.
    return (soonest,), 0.6


def _weekday_day(found: Found, context: Context) -> Reading | None:
    """ "Friday the fourth": the next such day."""
    weekday, day, today = _weekday_of(found), found.number("day", "ordinal") or 0, context.now.date()
    at = next_month_day(today, day)
    for _ in range(13):
        if at is None or at.weekday() == weekday:
            return _one(at, 0.95 if at and (at - today).days < 100 else _OPEN)
        at = next_month_day(at + timedelta(days=1), day)
    return None


def _alone(found: Found, context: Context) -> Reading | None:
    return _one(next_month_day(context.now.date(), found.number("day", "ordinal", "n") or 0), _ALMOST)


def _asked(found: Found, context: Context) -> Reading | None:
    return _alone(found, context) if context.asked else None


def _weekday(found: Found, context: Context) -> Reading | None:
    """The coming one; on that very weekday also today, which only the caller knows."""
    today, weekday = context.now.date(), _weekday_of(found)
    coming = next_weekday(today, weekday)
    return ((coming, today), _OPEN) if today.weekday() == weekday else _one(coming)


def _coming(found: Found, context: Context) -> Reading | None:
    return _one(next_weekday(context.now.date(), _weekday_of(found)))


def _next(found: Found, context: Context) -> Reading | None:
    """The coming one, or that of the next week: both, where they differ."""
    today, weekday = context.now.date(), _weekday_of(found)
    coming, later = next_weekday(today, weekday), week_day(today, weekday, 1)
    return _one(coming) if coming == later else ((coming, later), _OPEN)


def _in_week(weeks: int) -> Reader:
    def read(found: Found, context: Context) -> Reading | None:
        return _one(week_day(context.now.date(), _weekday_of(found), weeks))

    return read


def _of_month(months: int) -> Reader:
    def read(found: Found, context: Context) -> Reading | None:
        first = add_months(context.now.date().replace(day=1), months)
        return _one(make_day(first.year, first.month, found.number("day") or 0))

    return read


def _weekend(weeks: int) -> Reader:
    def read(found: Found, context: Context) -> Reading | None:
        today = context.now.date()
        saturday = week_day(today, 5, weeks)
        days = [saturday, saturday + timedelta(days=1)]
        return tuple(day for day in days if day >= today), _OPEN

    return read


def _nth(found: Found, context: Context) -> Reading | None:
    return _one(_of_year(found, context.now.date(), found.number("ordinal") or 0), _ALMOST)


def _last(found: Found, context: Context) -> Reading | None:
    return _one(_of_year(found, context.now.date(), -1), _ALMOST)


def _of_year(found: Found, today: date, nth: int) -> date | None:
    """The nth such weekday of a month, this year or the next."""
    month, weekday = found.number("month") or 0, _weekday_of(found)
    if not (nth == -1 or 1 <= nth <= 5):
        return None
    days = (nth_weekday(year, month, weekday, nth) for year in (today.year, today.year + 1))
    return next((day for day in days if day and day >= today), None)


def _feast(name: str) -> Reader:
    month, day = (int(part) for part in name.split("-"))

    def read(found: Found, context: Context) -> Reading | None:
        return _one(next_year_day(context.now.date(), month, day))

    return read


def _easter(days: int) -> Reader:
    def read(found: Found, context: Context) -> Reading | None:
        today = context.now.date()
        at = (easter(year) + timedelta(days=days) for year in (today.year, today.year + 1))
        return _one(next(day for day in at if day >= today))

    return read


@lru_cache(maxsize=32)
def days_of(sheet: Sheet) -> _Days:
    """The days of a language, as patterns. Raises SettingsError for what is wrong in its file."""
    return _Days(sheet)


def dates(text: str, context: Context, sheet: Sheet) -> list[Mention]:
    """Every day that is named in an utterance; a bare number only where a day was asked for."""
    line, days = line_of(text, sheet), days_of(sheet)
    mentions = [
        found.mention(*(reader(found, context) or _NONE))
        for reader, patterns in days.rules
        for found in searched(line, patterns)
    ]
    made = [mention for mention in finished(line, mentions, sheet) if mention.candidates]
    if made or not context.asked or mentions:
        return made
    bare = (
        found.mention((day,), 0.8, bare=True)
        for found in searched(line, days.bare)
        if days.is_alone(found) and (day := next_month_day(context.now.date(), found.number("day") or 0))
    )
    return finished(line, bare, sheet) or foreign(text, context)


def births(text: str, context: Context, sheet: Sheet) -> Iterator[Mention]:
    """Whole dates with a year, written or said; the caller of this decides which of them may be a birth."""
    line, days = line_of(text, sheet), days_of(sheet)
    for found in searched(line, (*days.births, *patterns_of(lexicon(sheet), ("{date}",)))):
        if "date" in found.values:
            parts = [int(part) for part in re.findall(r"\d+", found.values["date"])]
            if len(parts) == 3:
                year, month, day = parts if parts[0] > 31 else (parts[2], parts[1], parts[0])
                if days.words.order == "mdy" and parts[0] <= 31:
                    month, day = day, month
                yield found.mention(((year, month, day),), 0.95 if year > 99 else 0.75)
            continue
        month = found.number("month", "month_ordinal", "month_number") or 0
        year = found.number("year") or 0
        sure = 0.95 if year > 99 and "month" in found.values else 0.9 if year > 99 else 0.75
        yield found.mention(((year, month, found.number("day") or 0),), sure)
