"""Times of day by table: clock words counted from the hour, and parts of the day that settle which half is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import lru_cache
from typing import Final

from engine.languages.building import build
from engine.languages.sheet import Sheet
from engine.slots.grammar.lexicon import Line, lexicon, line_of
from engine.slots.grammar.matching import (
    TERMINALS,
    Found,
    either_of,
    finished,
    joining_of,
    patterns_of,
    searched,
    sides,
)
from engine.slots.registry import Context, Mention

_SURE: Final = 0.95
_BOUND: Final = 0.6
_LOOSE: Final = 0.75
_HALF_DAY: Final = 720
_OFFSET: Final = re.compile(r"(?P<base>-?\d+)?(?P<minutes>[+-]m)?")


@dataclass(frozen=True, slots=True)
class TimeWords:
    """The section `times`; all lists hold templates over `{hour}`, `{minute}`, `{clock}` and `{count}`.

    `offsets` are minutes from the hour that is named: `30`, `-15`, `+m` and `-m` for `{minute}` of them, `-30-m` for
    `{minute}` before half an hour before it. `parts` maps hours such as `17-23` (both within, past midnight allowed) to
    the words for that part of the day. `limits` are words before a time that make it a bound, not the time that is
    wanted. `loosely` are moments that are rarely meant to the minute. `no_hour` follows numbers that are no hour,
    `no_bare` stands before bare numbers that are none, `no_parts` are greetings and the like.
    """

    clock: tuple[str, ...] = ()
    offsets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    bare: tuple[str, ...] = ("{hour}", "{hour} {minute}")
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_parts: tuple[str, ...] = ()
    moments: Mapping[time, tuple[str, ...]] = field(default_factory=dict)
    loosely: Mapping[time, tuple[str, ...]] = field(default_factory=dict)
    in_minutes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    hours_ahead: tuple[str, ...] = ()
    minutes_ahead: tuple[str, ...] = ()
    no_hour: tuple[str, ...] = ()
    no_bare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """Words for a part of the day where they stand, and its first and last hour."""

    start: int
    end: int
    first: int
    last: int


class _Times:
    """The patterns of one language."""

    def __init__(self, sheet: Sheet) -> None:
        words = build(TimeWords, sheet.section("times"), f"{sheet.file}: times")
        codes = lexicon(sheet)
        nouns = either_of(codes, words.no_hour)
        either = joining_of(sheet).either.pattern
        self.stop = re.compile(rf"\s*(?:(?:{either}\s*#n\d+\s*)?(?:{nouns})|#m\d|#n\d+(?!\s*(?:{nouns})))")
        self.no_bare = re.compile(either_of(codes, words.no_bare))
        terminals = {**TERMINALS, "hour": r"#[na]\d\d?\.?", "late": r"#n(?:1[3-9]|2[0-4])\.?"}
        self.tail = re.compile(rf"[\s,]*{either_of(codes, [part for given in words.parts.values() for part in given])}")
        self.clock = patterns_of(codes, words.clock, terminals)
        self.offsets = tuple(
            (_offset(key), patterns_of(codes, given, terminals)) for key, given in words.offsets.items()
        )
        self.limits = re.compile(either_of(codes, words.limits))
        self.bare = patterns_of(codes, words.bare, terminals)
        self.parts = tuple((*_hours(key), patterns_of(codes, given)) for key, given in words.parts.items())
        self.no_parts = patterns_of(codes, words.no_parts)
        self.moments = tuple(
            (at, sure, patterns_of(codes, given))
            for sure, table in ((_SURE, words.moments), (_LOOSE, words.loosely))
            for at, given in table.items()
        )
        leads = {**{str(key): given for key, given in words.in_minutes.items()}}
        self.leads = (
            *((int(key), 0, patterns_of(codes, given)) for key, given in leads.items()),
            (0, 60, patterns_of(codes, words.hours_ahead)),
            (0, 1, patterns_of(codes, words.minutes_ahead)),
        )


def _offset(key: str) -> tuple[int, int]:
    """The fixed minutes of an offset such as `-30-m`, and the sign of its `{minute}` (0 where it has none)."""
    found = _OFFSET.fullmatch(key)
    if not found or not key:
        raise ValueError(f"{key!r} is no offset such as 30, -15, +m or -30-m")
    return int(found["base"] or 0), {"+m": 1, "-m": -1, None: 0}[found["minutes"]]


def _hours(key: str) -> tuple[int, int]:
    first, _, last = key.partition("-")
    return int(first), int(last)


@lru_cache(maxsize=32)
def times_of(sheet: Sheet) -> _Times:
    """The times of a language, as patterns. Raises SettingsError for what is wrong in its file."""
    return _Times(sheet)


def times(text: str, context: Context, sheet: Sheet) -> list[Mention]:
    """Every time of day in an utterance; a bare hour only where a time was asked for. Both halves of the day stay
    candidates unless the caller's words leave one."""
    line, words = line_of(text, sheet), times_of(sheet)
    made = finished(line, (_bounded(line, mention, words) for mention in _explicit(line, words, context)), sheet)
    if context.asked and not made:
        parts = _parts(line, words)
        bare = (
            _bounded(line, mention, words)
            for found in searched(line, words.bare, words.stop)
            if not found.values.get("hour", "").startswith("#a") and not _is_led(line, found, words)
            if (mention := _clocked(found, parts, 0.9, True))
        )
        made = finished(line, bare, sheet)
        made = made or finished(line, _joined(line, parts), sheet)
    return made


def _is_led(line: Line, found: Found, words: _Times) -> bool:
    """Whether a word before a bare number says that it is no hour."""
    before = line.codes[: found.start].rstrip()
    return any(match.end() == len(before) for match in words.no_bare.finditer(before))


def _bounded(line: Line, mention: Mention, words: _Times) -> Mention:
    """A time after a word such as "before" is a bound, and not sure to be the time that is wanted."""
    before, _ = sides(line, mention)
    limit = any(match.end() == len(before) for match in words.limits.finditer(before))
    return replace(mention, confidence=min(mention.confidence, _BOUND)) if limit else mention


def _explicit(line: Line, words: _Times, context: Context) -> Iterator[Mention]:
    parts = _parts(line, words)
    for found in _spoken(line, words.clock, words):
        yield from _maybe(_clocked(found, parts, _SURE))
    for (fixed, sign), patterns in words.offsets:
        for found in _spoken(line, patterns, words):
            minutes = fixed + sign * (found.number("minute") or 0)
            yield from _maybe(_offset_from(found, minutes, parts))
    for at, sure, patterns in words.moments:
        yield from (found.mention((at,), sure) for found in searched(line, patterns))
    for fixed, each, patterns in words.leads:
        for found in searched(line, patterns):
            minutes = fixed + each * (found.number("count") or 0)
            if 0 < minutes <= 24 * 60:
                then = context.now + timedelta(minutes=minutes)
                yield found.mention((time(then.hour, then.minute),), 0.9)


def _spoken(line: Line, patterns: Sequence[re.Pattern[str]], words: _Times) -> Iterator[Found]:
    """Matches that are hours and count nothing else, with a part of the day behind them."""
    for found in searched(line, patterns, words.stop):
        tail = words.tail.match(line.codes, found.end)
        yield replace(found, end=tail.end()) if tail else found


def _maybe(mention: Mention | None) -> Iterator[Mention]:
    if mention:
        yield mention


def _clocked(found: Found, parts: Sequence[_Part], sure: float, bare: bool = False) -> Mention | None:
    """A time given by hour and perhaps minute, in words or in figures."""
    figures = found.values.get("clock") or found.values.get("figure")
    if figures:
        hour, minute = (int(part) for part in re.split(r"[:.,]", figures[2:]))
        short = "clock" not in found.values and not re.search(r"[.,]\d\d$", figures)
        if short:
            return None
    else:
        hour, minute = found.number("hour", "late") or 0, found.number("minute", "minutes") or 0
    if hour > 24 or minute > 59:
        return None
    return found.mention(_narrowed(both(hour, minute), parts, found), sure, bare)


def _joined(line: Line, parts: Sequence[_Part]) -> Iterator[Mention]:
    """ "1930" as one number."""
    for match in re.finditer(r"(?<![\w#])#n((?:[01]?\d|2[0-3])[0-5]\d)\.?(?![\w#])", line.codes):
        found = Found({}, *match.span(), line)
        hour, minute = int(match[1][:-2]), int(match[1][-2:])
        yield found.mention(_narrowed(both(hour, minute), parts, found), 0.9, bare=True)


def _offset_from(found: Found, minutes: int, parts: Sequence[_Part]) -> Mention | None:
    hour = found.number("hour") or 0
    if hour > 24 or abs(minutes) >= 60:
        return None
    total = hour * 60 + minutes
    if hour > 12 or hour == 0:
        total %= 2 * _HALF_DAY
        return found.mention((time(total // 60, total % 60),), _SURE)
    hour, minute = divmod(total % _HALF_DAY, 60)
    return found.mention(_narrowed(both(hour or 12, minute), parts, found), _SURE)


def both(hour: int, minute: int) -> tuple[time, ...]:
    """What a clock reading may mean: from 13 hours on, at hour 0 and at 24 it is plain."""
    if hour in (0, 24) or hour > 12:
        return (time(hour % 24, minute),)
    late = time(12 if hour == 12 else hour + 12, minute)
    early = time(hour % 12, minute)
    return (late, early) if hour == 12 else (early, late)


def _parts(line: Line, words: _Times) -> list[_Part]:
    no_parts = [(found.start, found.end) for found in searched(line, words.no_parts)]
    return [
        _Part(found.start, found.end, first, last)
        for first, last, patterns in words.parts
        for found in searched(line, patterns)
        if not any(found.start < end and start < found.end for start, end in no_parts)
    ]


def _narrowed(readings: tuple[time, ...], parts: Sequence[_Part], found: Found) -> tuple[time, ...]:
    """The readings that lie in the part of the day that is named nearest; all where none is named or none fits."""
    near = min(parts, key=lambda part: max(part.start - found.end, found.start - part.end, 0), default=None)
    if near is None:
        return readings
    return tuple(at for at in readings if _within(at, near)) or readings


def _within(at: time, part: _Part) -> bool:
    hours = at.hour
    if part.first <= part.last:
        return part.first <= hours <= part.last
    return hours >= part.first or hours <= part.last
