"""Ranges of slot types that have an order: "from Friday to Sunday", "between seven and eight", "not before six"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from engine.acts import Range
from engine.effects import Keypad
from engine.kinds import RANGE
from engine.slots.datetime import complete, is_part
from engine.slots.joining import Joining, blank, words_of
from engine.slots.lists import alone, items_in, several, split_keys
from engine.slots.registry import Context, Mention, SlotType, register_wrapper
from engine.slots.words import fold, span_of

_OPEN: Final = 0.9
"""What a value is worth that is said as an end ("after six"), which is no good time by itself."""
_A_WEEK_AND_MORE: Final = timedelta(days=8)
"""Said so much earlier, "Friday" and "today" are other days of the month, and "the 24th" is not."""
_LOOSE: Final = 0.7
"""What "two or five" is worth as a range: the values between were not spoken of."""


class RangeType:
    """Values are `Range`s of the values of `item`; a single value is a range of its own."""

    def __init__(self, item: SlotType) -> None:
        self.item = item
        self.name = item.name + RANGE
        self.open = item.open

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low, words = fold(text), words_of(context.language)
        ends = self._ends(text, low, words, context)
        found: list[Mention] = []
        at = 0
        while at < len(ends):
            pair = self._pair(text, low, ends, at, words, context)
            found.append(pair or self._single(text, low, ends[at], words))
            at += 2 if pair else 1
        return found

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        """The start and the end one after the other, as a list of two is keyed in."""
        return several(self.item.keypad(options), 2)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Ranges of one or two values in their order, or nothing when the keys make none."""
        read = [self.item.from_keys(part, context) for part in split_keys(self.item.keypad(context.options), keys)]
        if not 1 <= len(read) <= 2 or not all(read):
            return ()
        return tuple(_paired(read[0], read[-1])) if len(read) == 2 else tuple(Range(one, one) for one in read[0])

    def to_json(self, value: Any) -> Any:
        return {name: None if end is None else self.item.to_json(end) for name, end in _ends(value)}

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, Mapping) or set(data) != {"start", "end"} or all(one is None for one in data.values()):
            raise ValueError(f'{data!r} is no range such as {{"start": ..., "end": ...}}')
        return Range(*(None if data[end] is None else self.item.from_json(data[end]) for end in ("start", "end")))

    def _ends(self, text: str, low: str, words: Joining, context: Context) -> list[Mention]:
        """Every value that may be an end, left to right. "From ten to two" is no time of its own, and "between seven
        and eight" are times also where none was asked for."""
        plain = blank(text, words.alternative)
        framed = self.item.name == "time" and words.frame.search(low) is not None
        found = items_in(self.item, plain, text, replace(context, asked=context.asked or framed), words.parts)
        if framed and len(found) == 1:
            found = items_in(self.item, plain, text, context, words.parts)
        ends: list[Mention] = []
        for one in found:
            inside = words.inside.search(low, one.span.start, one.span.end)
            split: list[Mention] = []
            if inside and words.opening.search(low[: one.span.start]):
                for piece in ((one.span.start, inside.start()), (inside.end(), one.span.end)):
                    split += alone(self.item, plain, text, piece, context)
            fits = len(split) == 2 and any(_paired(split[0].candidates, split[1].candidates))
            ends += split if fits else [one]
        return ends

    def _pair(
        self, text: str, low: str, ends: Sequence[Mention], at: int, words: Joining, context: Context
    ) -> Mention | None:
        """Two ends that belong together, in their order."""
        if at + 1 >= len(ends):
            return None
        first, last = ends[at], ends[at + 1]
        gap = low[first.span.end : last.span.start]
        lead = words.opening.search(low[: first.span.start])
        joined = words.middle.fullmatch(gap)
        if joined is None or (lead is None and words.conjunction.fullmatch(gap)):
            return None
        first = self._in_month_of(text, first, last, context)
        candidates = tuple(_paired(first.candidates, last.candidates)) or tuple(self._later(text, first, last, context))
        if not candidates:
            return None
        either = bool(words.alternative.search(gap)) and not all(_next_to(one.start, one.end) for one in candidates)
        sure = max(first.confidence, last.confidence) if lead else min(first.confidence, last.confidence)
        start = lead.start() if lead else first.span.start
        return Mention(
            candidates,
            span_of(text, start, last.span.end),
            min(sure, _LOOSE) if either else max(sure, _OPEN) if lead else sure,
            first.excluded and last.excluded,
            first.bare and last.bare and lead is None,
        )

    def _in_month_of(self, text: str, first: Mention, last: Mention, context: Context) -> Mention:
        """A start that is but a day of the month, in the month of the end ("the 24th to the 27th of December")."""
        begin, end = first.candidates[0], last.candidates[0]
        if self.item.name != "date" or not isinstance(begin, date) or not isinstance(end, date):
            return first
        days = {value.day for value in first.candidates if isinstance(value, date)}
        month = date(end.year, end.month, 1)
        own, before = (self._read_on(day, text, first, context) for day in (month, month - _A_WEEK_AND_MORE))
        only_a_day = bool(own) and all(value.day in days for value in (*own, *before))
        fits = only_a_day and all(month <= value <= end for value in own) and begin >= context.now.date()
        return (
            replace(first, candidates=tuple(own), confidence=max(first.confidence, last.confidence)) if fits else first
        )

    def _read_on(self, day: date, text: str, mention: Mention, context: Context) -> list[Any]:
        """The values of a mention's words, had they been said on that day."""
        alone = " " * mention.span.start + mention.span.text + " " * (len(text) - mention.span.end)
        now = datetime(day.year, day.month, day.day, tzinfo=context.now.tzinfo)
        found = self.item.find(alone, replace(context, now=now, asked=True))
        return [value for one in found for value in one.candidates]

    def _later(self, text: str, first: Mention, last: Mention, context: Context) -> Iterator[Range]:
        """The end read once more as it is meant from the start on ("from Friday to Sunday", said on a Saturday)."""
        for start in first.candidates:
            if isinstance(start, date):
                yield from _paired((start,), self._read_on(start, text, last, context))

    def _single(self, text: str, low: str, one: Mention, words: Joining) -> Mention:
        """One value: an open range where the words before or behind say so, else a range of its own."""
        before, after = low[: one.span.start], low[one.span.end :]
        leads = [(name, found) for name, way in (("least", words.least), ("most", words.most))
                 if (found := way.search(before))]  # fmt: skip
        side, lead = min(leads, key=lambda entry: entry[1].start(), default=(None, None))
        tails = [(name, found) for name, way in (("least", words.least_after), ("most", words.most_after))
                 if (found := way.match(after))]  # fmt: skip
        tail = tails[0][1] if tails and not leads else None
        side = side or (tails[0][0] if tails else None)
        if side is None:
            return replace(one, candidates=tuple(_alone(one.candidates)))
        past = lead is not None and (words.beyond.search(before) or _leaves_out(lead[0], one))
        values = [_shifted(value, 1 if side == "least" else -1) if past else value for value in one.candidates]
        made = tuple(Range(value, None) if side == "least" else Range(None, value) for value in values)
        span = span_of(text, lead.start() if lead else one.span.start, one.span.end + (tail.end() if tail else 0))
        return Mention(made, span, one.confidence if one.bare else max(one.confidence, _OPEN), bare=one.bare)


def _alone(values: Sequence[Any]) -> Iterator[Range]:
    """A value by itself; two days of which one follows the other ("the weekend") are one range."""
    if len(values) == 2 and not _is_dense(values[0]) and _next_to(min(values), max(values)):
        yield Range(min(values), max(values))
    else:
        yield from (Range(value, value) for value in values)


def _ends(value: Range) -> tuple[tuple[str, Any], ...]:
    return ("start", value.start), ("end", value.end)


def _paired(starts: Sequence[Any], ends: Sequence[Any]) -> Iterator[Range]:
    """Each start with the nearest end that is not before it ("between seven and eight": both in the morning or both
    in the evening)."""
    nearest: dict[Any, Any] = {}
    for start in sorted(starts):
        own = [end for one in ends for end in _like(one, start)]
        later = [end for end in own if end > start] or [end for end in own if end == start]
        if later:
            nearest[min(later)] = start
    for end, start in nearest.items():
        yield Range(start, end)


def _like(end: Any, start: Any) -> tuple[Any, ...]:
    """An end of the kind of the start: after a day with its time, a time or a day alone is completed by it."""
    if isinstance(start, datetime) and is_part(end):
        return complete(end, (start,))
    return (end,) if type(end) is type(start) else ()


def _next_to(one: Any, other: Any) -> bool:
    """Whether nothing of the type lies between two values: days, whole numbers; times and sums are never so."""
    return bool(_shifted(one, 1) == other) if not _is_dense(one) else True


def _is_dense(value: Any) -> bool:
    return not isinstance(value, int) and (not isinstance(value, date) or isinstance(value, datetime))


def _shifted(value: Any, steps: int) -> Any:
    """The day or number next to it; of a dense type the value itself."""
    if isinstance(value, int):
        return value + steps
    return value if _is_dense(value) else value + timedelta(days=steps)


def _leaves_out(lead: str, one: Mention) -> bool:
    """Whether "after Friday" and "before Friday" leave the day itself out; "after six" does not."""
    return bool(re.match(r"(?:after|before|nach|vor|después|antes)\b", lead)) and isinstance(one.candidates[0], date)


register_wrapper(RANGE, RangeType)
