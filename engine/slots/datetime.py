"""A day and a time of it, said together or apart: "Friday at half seven", "tomorrow evening at eight"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from engine.acts import SURE, Span
from engine.effects import Keypad
from engine.slots.date import DateType
from engine.slots.registry import Context, Mention, register
from engine.slots.time import TimeType
from engine.slots.words import fold, longest, span_of

_DATE: Final = DateType()
_TIME: Final = TimeType()
_WRITTEN: Final = re.compile(
    r"(?<![\w-])(?P<day>\d{4}-\d\d-\d\d)(?:t| |, ?)(?P<clock>(?:[01]\d|2[0-3]):[0-5]\d)(?::\d\d)?(?!\w)"
)
_FROM_NOW: Final = re.compile(r"^(?:in|within) |(?:from now|later|time)$")
_GLUE: Final = re.compile(
    r"[\s,.]*(?:\b(?:at|on|for|the|about|around|say|like|maybe|and|then|please|by|in|early|late|this"
    r"|morning|afternoon|evening|night|lunch ?time|dinner|breakfast|o'clock|so)\b[\s,.]*)*"
)
"""What may stand between a day and its time."""
_NIGHT_ENDS: Final = 5
_GUESSED: Final = 0.6
"""What is left of the confidence where several days and times are paired by their places."""


class DateTimeType:
    """A moment by the clock on the wall; values are `datetime` without a zone, to the minute.

    A caller who names only the day or only the time gives a part: a `date` or a `time`, which the dialogue completes.
    """

    name = "datetime"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        if _WRITTEN.search(low):
            return list(_written(text, low))
        days, clocks = _parts(text, low, context)
        apart = [mention for mention in (*days, *clocks) if mention.excluded]
        days, clocks = _plain(days), _plain(clocks)
        found = [_from_now(clock, context) if _FROM_NOW.search(fold(clock.span.text)) else clock for clock in clocks]
        pairs = list(_together(text, days, found))
        return sorted([*pairs, *apart], key=lambda mention: mention.span.start)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=8, shortest=3, pause=3.0)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Day and month as four digits (month and day in American English), then the time as three or four; the day or
        the time alone as its part. Below 13 hours both halves of the day."""
        if len(keys) > 4:
            days, clocks = _DATE.from_keys(keys[:4], context), _TIME.from_keys(keys[4:], context)
            return tuple(_combined(days, clocks))
        return _DATE.from_keys(keys, context) or _TIME.from_keys(keys, context)

    def to_json(self, value: Any) -> Any:
        """`2026-03-20T19:30`; a part as `2026-03-20` or `19:30`."""
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M")
        return _TIME.to_json(value) if isinstance(value, time) else value.isoformat()

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?|\d\d:\d\d", data):
            raise ValueError(f"{data!r} is no day with a time such as 2026-03-20T19:30")
        if len(data) == len("19:30"):
            return time.fromisoformat(data)
        return datetime.fromisoformat(data) if "T" in data else date.fromisoformat(data)


def complete(part: object, others: Sequence[object]) -> tuple[datetime, ...]:
    """The moments that a day or a time alone makes with what is known already: parts of the other kind, or moments,
    whose day or time it replaces."""
    made: dict[datetime, None] = {}
    for other in others:
        if isinstance(other, datetime):
            other = other.time() if is_day(part) else other.date()
        if is_day(part) and isinstance(other, time):
            made[datetime.combine(part, other)] = None  # type: ignore[arg-type]
        elif isinstance(part, time) and is_day(other):
            made[datetime.combine(other, part)] = None  # type: ignore[arg-type]
    return tuple(made)


def is_day(value: object) -> bool:
    """Whether a value is a day without a time."""
    return isinstance(value, date) and not isinstance(value, datetime)


def is_part(value: object) -> bool:
    """Whether a value of a `datetime` slot is its day or its time alone."""
    return isinstance(value, time) or is_day(value)


def _written(text: str, low: str) -> Iterator[Mention]:
    for found in _WRITTEN.finditer(low):
        try:
            moment = datetime.fromisoformat(f"{found['day']}T{found['clock']}")
        except ValueError:
            continue
        yield Mention((moment,), span_of(text, *found.span()), 0.95)


def _parts(text: str, low: str, context: Context) -> tuple[list[Mention], list[Mention]]:
    """Days and times of an utterance, no two from the same words; a bare number is never taken for the day."""
    days = [mention for mention in _DATE.find(text, context) if not mention.bare or mention.confidence >= SURE]
    plain = replace(context, asked=False)
    clocks = list(_TIME.find(text, plain))
    if not clocks and (context.asked or days):
        rest = _blanked(text, days)
        clocks = [mention for mention in _TIME.find(rest, replace(context, asked=True)) if _follows(low, mention, days)]
    kept = longest([*days, *clocks])
    return [one for one in days if one in kept], [one for one in clocks if one in kept]


def _blanked(text: str, days: Sequence[Mention]) -> str:
    for day in days:
        text = text[: day.span.start] + " " * (day.span.end - day.span.start) + text[day.span.end :]
    return text


def _follows(low: str, clock: Mention, days: Sequence[Mention]) -> bool:
    """Whether a bare number stands beside a day ("Friday seven"), or alone."""
    if not days:
        return True
    pairs = (sorted((day.span, clock.span), key=lambda span: span.start) for day in days)
    return any(_GLUE.fullmatch(low[first.end : second.start]) for first, second in pairs)


def _plain(mentions: Sequence[Mention]) -> list[Mention]:
    return [mention for mention in mentions if not mention.excluded]


def _from_now(clock: Mention, context: Context) -> Mention:
    """ "In two hours" names its day too."""
    now = context.now.replace(tzinfo=None, second=0, microsecond=0)
    moments = (datetime.combine(now.date(), at) for at in clock.candidates if isinstance(at, time))
    return replace(clock, candidates=tuple(at if at >= now else at + timedelta(days=1) for at in moments))


def _together(text: str, days: Sequence[Mention], clocks: Sequence[Mention]) -> Iterator[Mention]:
    """Each time with its day: in their order where there are as many of both, else all with the nearest."""
    whole = [clock for clock in clocks if isinstance(clock.candidates[0], datetime)]
    if whole or not (days and clocks):
        yield from whole or (*days, *clocks)
    elif len(days) == len(clocks):
        for day, clock in zip(days, clocks, strict=True):
            yield _pair(text, day, clock, _span(text, day, clock))
    elif len(clocks) > len(days):
        yield from _around(text, clocks, days)
    else:
        yield from _around(text, days, clocks)


def _around(text: str, many: Sequence[Mention], few: Sequence[Mention]) -> Iterator[Mention]:
    """Each of `many` with the nearest of `few`, over its own words but for the nearest pair; unsure when several of
    both are left to guess about."""
    taken: set[int] = set()
    for one in many:
        near = min(few, key=lambda other: _distance(one, other))
        first = id(near) not in taken and one is min(many, key=lambda other: _distance(other, near))
        taken |= {id(near)} if first else set()
        day, clock = (one, near) if is_day(one.candidates[0]) else (near, one)
        made = _pair(text, day, clock, _span(text, day, clock) if first else one.span)
        yield made if len(few) == 1 else replace(made, confidence=made.confidence * _GUESSED)


def _distance(one: Mention, other: Mention) -> int:
    return max(one.span.start - other.span.end, other.span.start - one.span.end)


def _span(text: str, day: Mention, clock: Mention) -> Span:
    """From the day to the time or the other way round; over the time alone where other things stand between them."""
    first, second = sorted((day.span, clock.span), key=lambda span: span.start)
    if not _GLUE.fullmatch(fold(text)[first.end : second.start]):
        return clock.span
    return span_of(text, first.start, second.end)


def _pair(text: str, day: Mention, clock: Mention, span: Span) -> Mention:
    moments = tuple(_combined(day.candidates, clock.candidates))
    words = fold(text[min(day.span.start, clock.span.start) : max(day.span.end, clock.span.end) + len(" at night")])
    if "night" in words:
        moments = tuple(both for moment in moments for both in _of_night(moment))
    return Mention(moments, span, min(day.confidence, clock.confidence))


def _of_night(moment: datetime) -> Iterator[datetime]:
    """ "Friday at midnight" may be where Friday ends, or where it begins."""
    if moment.hour < _NIGHT_ENDS and moment.date() < date.max:
        yield moment + timedelta(days=1)
    yield moment


def _combined(days: Sequence[object], clocks: Sequence[object]) -> Iterator[datetime]:
    for day in days:
        for clock in clocks:
            if isinstance(day, date) and isinstance(clock, time):
                yield datetime.combine(day, clock)


register(DateTimeType())
