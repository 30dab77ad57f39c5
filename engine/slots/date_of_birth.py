"""Dates of birth: whole dates in the past, also as strings of digits ("one seven oh eight nineteen thirty eight")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from engine.effects import Keypad
from engine.languages.sheet import Sheet, sheet_of
from engine.slots.calendar_words import DAY, MONTH, YEAR, make_day, month_of, year_of
from engine.slots.grammar.counts import key_strings
from engine.slots.grammar.dates import births
from engine.slots.numerals import ONES, ORDINAL, SMALL, TEENS, TENS, ordinal, small
from engine.slots.registry import Context, Mention, register
from engine.slots.words import any_of, finish, fold, longest, span_of

_OLDEST: Final = 120
_SHORT_YEAR: Final = (
    rf"(?:2000 and (?:\d{{1,2}}(?:st|nd|rd|th)?|{SMALL})|(?:19|20)(?:th)?[ -](?:or )?\d\d?|{YEAR}|\d\d|{SMALL}"
    r"|(?:19|20) ?\d ?\d|(?:19|20)\d0 \d(?:st|nd|rd|th)?)"
)
_DAY: Final = rf"(?:{DAY}|{SMALL})"
_TWO_DIGITS: Final = rf"(?:{any_of(TENS)}(?:[ -]{any_of(ONES)})?|{any_of(TEENS)})"
_BETWEEN: Final = r"(?: day)?(?:,|\.)? ?(?:of )?(?:the )?"
_PATTERNS: Final = tuple(
    re.compile(rf"(?<![\w'])(?:{pattern})(?!\w)")
    for pattern in (
        rf"(?P<day>{_DAY}){_BETWEEN}(?P<month>{MONTH}),? ?(?:in |the )?(?P<year>{_SHORT_YEAR})",
        rf"(?P<day>{DAY}) (?:of )?(?:the )?(?P<month>{MONTH}) (?:the )?(?P<other>{ORDINAL}),? (?P<year>{YEAR})",
        rf"(?P<month>{MONTH}) (?:the )?(?P<day>{_DAY})(?:, ?| )(?:in )?(?P<year>{_SHORT_YEAR})",
        rf"(?P<day>{ORDINAL}|\d\d?(?= of)) (?:of )?(?:the )?(?P<month>{ORDINAL}|{SMALL}|\d\d?)"
        rf",? ?(?:of )?(?P<year>{_SHORT_YEAR})",
        r"(?P<day>\d{1,2})[ ./:-]{1,3}(?P<month>\d{1,2})[ ./:-]{1,3}(?P<year>(?:19|20)[ -]?\d\d|\d\d)",
        r"(?P<year>(?:19|20)\d\d)[./-](?P<month>\d{1,2})[./-](?P<day>\d{1,2})",
        rf"(?P<day>{SMALL}) (?:of )?(?:the )?(?P<month>{SMALL}),? (?P<year>{YEAR})",
        # "oh" is also heard as "or"
        rf"(?P<day>\d\d?|{_TWO_DIGITS}) (?:oh?|or|zero) (?P<month>[1-9]|{any_of(ONES)}),? (?P<year>{YEAR})",
    )
)


class DateOfBirth:
    """A day of birth; values are `datetime.date`, never in the future and at most 120 years ago."""

    name = "date_of_birth"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        other = sheet_of(context.language)
        mentions = longest(_by_table(text, context, other) if other else _written(text, low, context))
        if not mentions and (context.asked or "born" in low or "birth" in low):
            mentions = list(_keyed(text, low, context))
        return finish(text, low, mentions)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=8, shortest=8, pause=3.0)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Eight digits: day, month (month, day in American English), year."""
        if not (keys.isascii() and keys.isdigit() and len(keys) == 8):
            return ()
        found = _past(int(keys[4:]), *_order(int(keys[:2]), int(keys[2:4]), context), context)
        return () if found is None else (found,)

    def to_json(self, value: Any) -> Any:
        return value.isoformat()

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str):
            raise ValueError(f"{data!r} is no day such as 1980-03-20")
        return date.fromisoformat(data)


def _order(one: int, two: int, context: Context) -> tuple[int, int]:
    """Month and day of two numbers in the order in which they are said."""
    day, month = (two, one) if context.language.lower() == "en-us" else (one, two)
    return (day, month) if month > 12 >= day else (month, day)


def _past(year: int, month: int, day: int, context: Context) -> date | None:
    found = make_day(year, month, day)
    today = context.now.date()
    return found if found and found <= today and found.year >= today.year - _OLDEST else None


def _by_table(text: str, context: Context, other: Sheet) -> Iterator[Mention]:
    for mention in births(text, context, other):
        for year, month, day in (part for part in mention.candidates if isinstance(part, tuple)):
            whole, sure = (year, 0.95) if year > 99 else _short_year(year, context)
            born = _past(whole, month, day, context)
            if born and (context.asked or sure >= 0.9):
                yield replace(mention, candidates=(born,), confidence=min(sure, mention.confidence))


def _written(text: str, low: str, context: Context) -> Iterator[Mention]:
    for pattern in _PATTERNS:
        for found in pattern.finditer(low):
            day = ordinal(found["day"]) or small(found["day"]) or 0
            words = found["month"]
            named = words[0].isalpha() and not (ordinal(words) or small(words))
            month = month_of(words) if named else ordinal(words) or small(words) or 0
            if words.isdigit() and found["day"].isdigit() and found["year"] != found[0][:4]:
                month, day = _order(day, month, context)
            year, sure = _year(found["year"], context)
            born = _past(year, month, day, context)
            if twice := found.groupdict().get("other"):
                yield from _either(text, found, (_past(year, ordinal(twice) or 0, day, context), born))
                continue
            if born and (context.asked or sure >= 0.9):
                yield Mention((born,), span_of(text, *found.span()), sure)


def _either(text: str, found: re.Match[str], days: Sequence[date | None]) -> Iterator[Mention]:
    """A month said twice, or misheard once ("the 16th of May 5th 1927"): both readings, never sure."""
    if likely := tuple(dict.fromkeys(day for day in days if day)):
        yield Mention(likely, span_of(text, *found.span()), 0.6)


def _year(words: str, context: Context) -> tuple[int, float]:
    """The year and how sure it is; two digits mean the latest such year that has begun."""
    if slip := re.fullmatch(r"((?:19|20)\d)0 (\d)(?:st|nd|rd|th)?", words):
        return int(slip[1] + slip[2]), 0.75  # recognisers part "1960 8th": nineteen sixty-eight
    if late := re.fullmatch(r"2000 and (\w+?)(?:st|nd|rd|th)?", words):
        return 2000 + (small(late[1]) or 0), 0.9
    plain = re.sub(r"th|or| |-", "", words) if words[:1].isdigit() else words
    if re.fullmatch(r"(?:19|20)\d", plain):
        return int(f"{plain[:2]}0{plain[2]}"), 0.75
    if plain.isdigit() and len(plain) == 4:
        return int(plain), 0.95
    if len(words.strip("'")) > 2 and (year := year_of(words)):
        return year, 0.95
    short = small(words.strip("'"))
    return (0, 0.0) if short is None or short > 99 else _short_year(short, context)


def _short_year(short: int, context: Context) -> tuple[int, float]:
    """The latest year with these two digits that has begun."""
    century = context.now.year // 100 * 100
    return (century + short if century + short <= context.now.year else century - 100 + short), 0.75


def _keyed(text: str, low: str, context: Context) -> Iterator[Mention]:
    for keys in key_strings(text, context.language):
        if len(keys.digits) not in (6, 7, 8):
            continue
        for one, two, year, sure in _splits(keys.digits, context):
            born = _past(year, *_order(one, two, context), context)
            if born:
                yield Mention((born,), span_of(text, keys.start, keys.end), sure)
                break


def _splits(digits: str, context: Context) -> Iterator[tuple[int, int, int, float]]:
    """Ways to read six to eight digits as two numbers and a year."""
    if len(digits) == 8:
        yield int(digits[:2]), int(digits[2:4]), int(digits[4:]), 0.9
    elif len(digits) == 7:
        yield int(digits[:2]), int(digits[2]), int(digits[3:]), 0.7
        yield int(digits[0]), int(digits[1:3]), int(digits[3:]), 0.7
    elif digits[0] in "23" and digits[1] != "0" and digits[2:4] in ("19", "20"):
        yield int(digits[0]) * 10, int(digits[1]), int(digits[2:]), 0.75  # "twenty, four" is heard as "24"
        yield int(digits[0]), int(digits[1]), int(digits[2:]), 0.7
    elif digits[2:4] in ("19", "20"):
        yield int(digits[0]), int(digits[1]), int(digits[2:]), 0.8
    else:
        yield int(digits[:2]), int(digits[2:4]), _year(digits[4:], context)[0], 0.75


register(DateOfBirth())
