"""Lengths of time: "an hour and a half", "ninety minutes", "two nights", "three quarters of an hour"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from engine.effects import Keypad
from engine.slots.numerals import SMALL, lone, numbers, small
from engine.slots.registry import Context, Mention, register
from engine.slots.words import finish, fold, longest, span_of

UNITS: Final[Mapping[str, timedelta]] = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "nights": timedelta(days=1),
}
"""What the option `unit` may say: how a bare number is meant, and how the length is read aloud."""
_UNIT_WORDS: Final = (
    (r"m(?:in(?:ute)?s?)?", timedelta(minutes=1)),
    (r"h(?:ou)?rs?|h", timedelta(hours=1)),
    (r"days?", timedelta(days=1)),
    (r"nights?", timedelta(days=1)),
    (r"w(?:ee)?ks?", timedelta(weeks=1)),
    (r"fortnights?", timedelta(weeks=2)),
)
_UNIT: Final = (
    r"(?:minutes?|mins?|(?<=\d)h|(?<=\d )h|(?<=\dh \d\d)m|(?<=\dh\d\d)m|hours?|hrs?|days?|nights?|weeks?|wks?"
    r"|fortnights?)"
)
_COUNT: Final = (
    rf"(?:\d{{1,4}}(?:\.\d{{1,2}})?|(?:(?:an?|one|two|three|four|five) )?hundred(?: and)?(?: {SMALL})?|{SMALL}"
    r"|an?(?! (?:few|half|quarter))|a couple(?: of)?)"
)
_FRACTION: Final = r"(?:(?:a )?half|(?:a |one )?quarter|three[ -]quarters?)"
_VALUE_OF_FRACTION: Final = (("three", 0.75), ("quarter", 0.25), ("half", 0.5))
_ITEM: Final = re.compile(
    rf"(?<![\w.:/'£$€-])(?:"
    rf"(?P<part>{_FRACTION})[ -](?:of )?(?:an? )?(?P<whole>hour|hr|day)"
    rf"|(?:(?P<low>{_COUNT})(?: or | to |, maybe ))?(?P<count>{_COUNT})(?: and (?P<and>{_FRACTION}))?"
    rf"[ -]?(?P<unit>{_UNIT})"
    rf"(?: and (?P<tail>{_FRACTION})(?! (?:of )?an? hour))?(?: or (?P<high>{_COUNT})(?! ?{_UNIT}))?"
    rf"|(?P<lone>hour) and (?P<rest>{_FRACTION})"
    r"|(?P<hours>\d{1,2})(?: ?h ?|:)(?P<minutes>[0-5]\d)(?: ?(?:hours?|hrs?|h|m|mins?))?"
    r")(?![\w/:])"
)
_JOIN: Final = re.compile(r",? (?:and )?")
_NOT_BEFORE: Final = re.compile(
    r"\b(?:(?:in|within)(?: about| around| roughly| just| exactly)?|every|after|ago|past|next|last|the last|under|by"
    r"|per|at|until|this|half past|quarter past|wait|just|give me|hold on|give it) $"
)
_NOT_AFTER: Final = re.compile(
    r"^,? ?(?:ago|later|late|early|earlier|away|before|after|past|to (?:\w+ )?(?:o'clock|one|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve|\d)|from|hence|old|notice|time\b|'s? time|walk|drive|of (?:my|your)|off\b)"
)
_STAY: Final = re.compile(r"\b(?:for|stay|staying|lasts?|takes?|need|want|like) (?:the )?$")
_SHORTEST: Final = timedelta(minutes=3)
"""What is shorter is a way to say "one moment" ("just two minutes")."""
_LONGEST: Final = timedelta(days=400)
_FEW: Final = 10
"""Below this a bare number may be hours as well as minutes."""


@dataclass(frozen=True, slots=True)
class _Length:
    candidates: tuple[timedelta, ...]
    start: int
    end: int
    unit: timedelta


class DurationType:
    """A length of time; values are `timedelta` of whole minutes. `options`: `unit`, one of `UNITS`, says what a bare
    number is. A night counts as a day."""

    name = "duration"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        found = longest(_explicit(text, low, context))
        if context.asked and not found:
            found = list(_bare(text, low, context))
        return finish(text, low, found)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=4)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Up to four digits: minutes, or what the option `unit` says."""
        if not (keys.isascii() and keys.isdigit() and 0 < len(keys) <= 4):
            return ()
        return tuple(_sound([int(keys) * _unit(context)]))

    def to_json(self, value: Any) -> Any:
        """Minutes as a whole number."""
        return round(value.total_seconds() / 60)

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data <= _LONGEST.days * 24 * 60:
            raise ValueError(f"{data!r} is no length of time in minutes")
        return timedelta(minutes=data)


def _unit(context: Context) -> timedelta:
    return UNITS[str(context.options.get("unit", "minutes"))]


def _sound(lengths: Sequence[timedelta]) -> Iterator[timedelta]:
    """Lengths that somebody may mean, in whole minutes."""
    for length in lengths:
        minutes = round(length.total_seconds() / 60)
        if 0 < minutes <= _LONGEST.days * 24 * 60:
            yield timedelta(minutes=minutes)


def _explicit(text: str, low: str, context: Context) -> Iterator[Mention]:
    for length in _joined(low, [made for found in _ITEM.finditer(low) if (made := _read(found, low, context))]):
        before, after = low[: length.start], low[length.end :]
        if _NOT_AFTER.match(after) or (_NOT_BEFORE.search(before) and not _STAY.search(before)):
            continue
        candidates = tuple(_sound(length.candidates))
        if candidates and max(candidates) >= _SHORTEST:
            sure = 0.95 if len(candidates) == 1 else 0.7
            yield Mention(candidates, span_of(text, length.start, length.end), sure)


def _read(found: re.Match[str], low: str, context: Context) -> _Length | None:
    start, end = found.span()
    if found["whole"]:
        unit = _length_of(found["whole"])
        return _Length((unit * _fraction(found["part"]),), start, end, unit)
    if found["lone"]:
        return _Length((timedelta(hours=1 + _fraction(found["rest"])),), start, end, timedelta(hours=1))
    if found["hours"]:
        if "h" not in found[0] and not context.asked:
            return None  # a time of day
        length = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
        return _Length((length,), start, end, timedelta(minutes=1))
    return _counted(found, low, context.asked)


def _counted(found: re.Match[str], low: str, asked: bool) -> _Length | None:
    start, end = found.span()
    unit, count = _length_of(found["unit"]), _number(found["count"])
    if found["count"].startswith("hundred") and re.search(rf"{SMALL} $", low[:start]):
        return None  # "eighteen hundred hours" is a time of day
    if not asked and re.fullmatch(r"\d\dh(?:rs?)?", found[0]):
        return None  # "19h" and "14hr" are mostly times of day
    if not count or (found["count"] == "a" and unit == timedelta(minutes=1)):
        return None
    more = _fraction(found["and"] or found["tail"] or "")
    counts = [_number(found["low"] or ""), count + more, _number(found["high"] or "")]
    return _Length(tuple(unit * one for one in counts if one), start, end, unit)


def _length_of(words: str) -> timedelta:
    return next(length for pattern, length in _UNIT_WORDS if re.fullmatch(pattern, words))


def _fraction(words: str) -> float:
    return next((value for word, value in _VALUE_OF_FRACTION if word in words), 0.0)


def _number(words: str) -> float:
    if words in ("a", "an"):
        return 1
    if "couple" in words:
        return 2
    if not words or words[0].isdigit():
        return float(words or 0)
    return small(words) or sum(number.value for number in numbers(words))


def _joined(low: str, lengths: Sequence[_Length]) -> list[_Length]:
    """ "One hour and twenty minutes" is one length: each part in a smaller unit than the one before."""
    kept: list[_Length] = []
    for length in lengths:
        last = kept[-1] if kept else None
        parts = last is not None and len(last.candidates) == len(length.candidates) == 1
        if last and parts and length.unit < last.unit and _JOIN.fullmatch(low[last.end : length.start]):
            whole = last.candidates[0] + length.candidates[0]
            kept[-1] = replace(last, candidates=(whole,), end=length.end, unit=length.unit)
        else:
            kept.append(length)
    return kept


def _bare(text: str, low: str, context: Context) -> Iterator[Mention]:
    """A number alone, in the slot's unit; without one a small number may be hours or minutes."""
    for number in lone(low):
        if re.match(r" ?(?:pounds?|euros?|dollars?|pence|quid)", low[number.end :]):
            continue
        if number.value > _LONGEST.days * 24 * 60:
            continue
        known = "unit" in context.options
        units = [_unit(context)] if known or number.value >= _FEW else [UNITS["hours"], UNITS["minutes"]]
        candidates = tuple(_sound([number.value * unit for unit in units]))
        if candidates:
            yield Mention(candidates, span_of(text, number.start, number.end), 0.9 if known else 0.7, bare=True)


register(DurationType())
