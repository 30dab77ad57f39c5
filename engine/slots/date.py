"""Days of the calendar as callers say them: "a week on Thursday", "the twentieth of the third"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from engine.effects import Keypad
from engine.languages.sheet import base_of, sheet_of
from engine.slots import date_readings as say
from engine.slots.calendar_words import (
    COUNT,
    DAY,
    MONTH,
    WEEKDAY,
    YEAR,
    next_year_day,
)
from engine.slots.date_readings import ANCHOR, TOMORROW, Builder
from engine.slots.feasts import FEAST, FEAST_WORDS
from engine.slots.foreign_date import foreign
from engine.slots.grammar.dates import dates
from engine.slots.numerals import ORDINAL, SMALL
from engine.slots.registry import Context, Mention, register
from engine.slots.words import any_of, finish, fold, longest, span_of

_UNIT: Final = r"(?:days?|weeks?|wks?|fortnights?|months?)"
_THE: Final = r"(?:the )?"
_YEAR: Final = rf"(?:(?:,? ?|/|-)(?:in |of )?(?P<year>{YEAR}))?"
_NOT_CLOCK: Final = r"(?![:.]?\d|/| ?[ap]\.?m| o'?clock| people| of us|%)"
_NEXT_WEEK: Final = r"(?:the )?next week|this week|the week after next|the week after|the following week"
_WHICH: Final = r"next|this coming|this|the coming|coming|the following|following|the upcoming|upcoming"
_NO_DAY: Final = (
    r"(?! (?:one|time|option|choice|floor|slot|person|of all|name|two|sitting|half|things?"
    r"|line|of \w|(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december)\b))"
)

_PATTERNS: Final[tuple[tuple[Builder, str], ...]] = (
    (
        say.named,
        rf"(?P<name>{TOMORROW}|(?:the )?(?:day before )?yesterday|today|tonight|tonite"
        r"|this (?:morning|afternoon|evening|lunchtime)|later today)(?! week)",
    ),
    (say.after_tomorrow, r"(?:the )?day after tomorrow|overmorrow"),
    (
        say.day_month,
        rf"(?:(?P<weekday>{WEEKDAY}),? (?:on )?{_THE})?(?P<day>{DAY})(?: day)?[ /-]?(?:of )?(?P<month>{MONTH}){_YEAR}",
    ),
    (
        say.day_month,
        rf"(?:(?P<weekday>{WEEKDAY}),? )?(?P<month>{MONTH})(?:, ?|[ /-]*){_THE}(?P<day>{DAY}){_NOT_CLOCK}{_YEAR}",
    ),
    (say.day_month, rf"(?P<month>{MONTH}) {_THE}(?P<day>{DAY}),? (?P<weekday>{WEEKDAY})"),
    (
        say.weekday_number,
        rf"(?P<weekday>{WEEKDAY}),? (?:on )?{_THE}(?P<day>{ORDINAL}|(?:[12]\d|3[01]|0?[1-9]){_NOT_CLOCK})",
    ),
    (
        say.of_month,
        rf"(?P<day>{DAY})(?: day)? of (?P<which>(?:the )?next|this|the current|current|the following"
        r"|the(?= month)) month",
    ),
    (say.of_month, rf"(?P<day>{ORDINAL}) (?P<which>next|this) month"),
    (say.of_month, rf"(?P<which>next|this) month,? (?:on )?the (?P<day>{ORDINAL})"),
    (
        say.nth_of_month,
        rf"{_THE}(?P<nth>last|{ORDINAL}) (?P<weekday>{WEEKDAY}) (?:of|in) (?P<which>(?:the )?next|this|the(?= month))"
        " month",
    ),
    (say.day_of_number, rf"(?P<day>{ORDINAL}) of (?:the )?(?P<month>{ORDINAL}|0?[1-9]|1[0-2]){_YEAR}"),
    (
        say.slashed,
        rf"(?:{WEEKDAY},? )?(?P<one>\d{{1,2}})(?:/|-)(?P<two>\d{{1,2}})(?:(?:/|-)(?P<year>\d{{4}}"
        rf"|\d{{2}}))?(?![/-]|\.\d)",
    ),
    (say.slashed, r"(?P<one>\d{1,2})\.(?P<two>\d{1,2})\.(?P<year>\d{4}|\d{2})"),
    (say.iso, rf"(?P<year>(?:19|20)\d\d)[-/. ](?P<month>\d{{1,2}}|{MONTH})[-/. ](?P<day>\d{{1,2}})"),
    (say.plain_weekday, rf"(?:(?P<which>{_WHICH}) )?(?P<weekday>{WEEKDAY})(?! (?:the )?{ORDINAL})"),
    (
        say.weekend,
        r"(?P<which>this|the|next|the coming|this coming|coming)? ?(?<!easter )weekend(?! (?:after|before|of) )",
    ),
    (say.easter_weekend, "easter weekend"),
    (say.week_of_weekday, rf"(?P<weekday>{WEEKDAY}),? (?:of |in )?(?P<week>{_NEXT_WEEK})"),
    (say.week_of_weekday, rf"(?P<week>{_NEXT_WEEK}),? (?:on )?(?P<weekday>{WEEKDAY})"),
    (
        say.weeks_on_weekday,
        rf"(?P<count>{COUNT}) (?P<unit>weeks?|fortnights?) (?:(?:on|from|this|from this) )?(?P<weekday>{WEEKDAY})",
    ),
    (say.weekday_week, rf"(?P<weekday>{WEEKDAY}) (?P<unit>week|fortnight)"),
    (say.weekday_after_next, rf"{_THE}(?P<weekday>{WEEKDAY}) after next"),
    (say.many_weekdays, rf"(?P<count>{COUNT}) (?P<weekday>{WEEKDAY}?)s? from (?:now|today)"),
    (
        say.ahead,
        rf"(?:in|within) (?:about |around |exactly )?(?P<count>{COUNT}) (?:more |further )?(?P<unit>{_UNIT})"
        r"(?:'s?)?(?: time)?(?: from (?:now|today))?(?! on)",
    ),
    (say.ahead_both, rf"(?:in )?(?P<count>{COUNT}) (?P<unit>weeks?|fortnights?|months?) and (?P<more>{COUNT}) days?"),
    (say.ahead, rf"(?P<count>{COUNT}) (?P<unit>{_UNIT}) (?:from (?:now|today)|hence|later|ahead)"),
    (say.ahead, rf"(?P<count>{COUNT}) (?P<unit>{_UNIT})(?:'s?)? time"),
    (say.ahead, rf"upcoming (?P<count>{COUNT}) (?P<unit>days?)"),
    (say.ahead, rf"(?P<count>{COUNT}) upcoming (?P<unit>days?)"),
    (
        say.ahead_on,
        rf"(?:in )?(?P<count>{COUNT}) (?P<unit>{_UNIT})(?: from (?:now|today))? on (?:a )?(?P<weekday>{WEEKDAY})",
    ),
    (say.ahead_on, rf"(?P<weekday>{WEEKDAY})(?: in)? (?P<count>{COUNT}) (?P<unit>{_UNIT}) from (?:now|today)"),
    (say.from_anchor, rf"(?P<count>{COUNT}) (?P<unit>{_UNIT}) (?P<side>from|after|on|before) (?P<anchor>{ANCHOR})"),
    (say.from_anchor, rf"(?:the |a )?(?P<unit>day|week)(?P<count>) (?P<side>after|before) (?P<anchor>{ANCHOR})"),
    (say.from_anchor, rf"(?P<count>a) (?P<unit>week|fortnight) (?P<anchor>today|{TOMORROW})"),
    (say.from_anchor, rf"(?P<anchor>today|{TOMORROW}) (?P<unit>week|fortnight)(?P<count>)"),
    (say.nth, rf"{_THE}(?P<nth>last|{ORDINAL}) (?P<weekday>{WEEKDAY}) (?:of|in) (?P<month>{MONTH}){_YEAR}"),
    (
        say.closest,
        rf"(?:the )?(?:closest|nearest) (?P<weekday>{WEEKDAY}) to (?:the )?(?P<month>{MONTH}) (?P<day>{DAY})",
    ),
    (say.feast_day, rf"(?:(?:this|next|this coming) )?(?P<name>{FEAST})(?:,? (?:in |of )?(?P<year>{YEAR}))?"),
    (say.of_the_month, rf"(?P<lead>(?:on|for|to|about) )?the (?P<day>{ORDINAL}){_NO_DAY}"),
    (say.of_the_month, r"(?P<lead>on )(?P<day>[12]\d|3[01]|[1-9])(?=,? (?:at|\d)|[.,!?]*$)"),
    (say.of_the_month, rf"(?P<lead>(?:on|for|to) )?(?P<day>\d{{1,2}}(?:st|nd|rd|th)){_NO_DAY}"),
)
_BARE: Final = re.compile(
    rf"(?<![\w'.,:/-])(?P<lead>(?:on |for |to )?the |on |for |to )?(?P<day>{DAY}|{SMALL}|[12]\d|3[01])(?!\w)(?![:./]\d)"
    rf"{_NOT_CLOCK}(?! (?:days?|weeks?|months?|minutes?|hours?|one|adults?|kids))"
)
_RULES: Final = tuple(
    (re.compile(rf"(?<![\w'$£€])(?<![$£] )(?:{pattern})(?!\w)"), builder) for builder, pattern in _PATTERNS
)
_PAST: Final = re.compile(
    rf"\b(?:(?:last|previous) (?:week'?s? )?(?:{WEEKDAY})(?! (?:of|in) )"
    rf"|{WEEKDAY} (?:of |from |in )?(?:last|the previous) week"
    rf"|{_THE}(?:{ORDINAL} )?(?:{WEEKDAY} )?of (?:last|the previous|the last) month"
    rf"|{COUNT} (?:{_UNIT}|{WEEKDAY}s?) (?:ago|back)|last night|last month|last week)\b"
)
"""Days that have been: no day of a booking."""
_PART_OF: Final = re.compile(
    r"\b(?:(?:end|close|beginning|start|middle|week|weekend) of|week (?:commencing|beginning|starting)"
    r"|(?:days?|weeks?|fortnights?|months?|years?|weekend|\w+day) (?:before|after|prior to|since|from)) (?:the )?$"
)
"""What makes a day the edge of something else: it is heard, and never sure."""
_VAGUE: Final = 0.7
_WORTH_IT: Final = re.compile(
    rf"\d|{any_of(['yest', 'tod', 'tom', 'ton', 'tm', 'day', 'week', 'month', 'fortnight', 'this '])}|{WEEKDAY}"
    rf"|{MONTH}|{ORDINAL}"
    rf"|{any_of(FEAST_WORDS)}"
)


class DateType:
    """A day; values are `datetime.date`."""

    name = "date"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        if other := sheet_of(context.language):
            return dates(text, context, other)
        if base_of(context.language) != "en":
            return foreign(text, context) if context.asked else ()
        low = fold(text)
        if not _WORTH_IT.search(low) and not context.asked:
            return ()
        mentions = longest(_explicit(text, low, context))
        if context.asked:
            mentions = mentions or longest(_bare(text, low, context))
        return finish(text, low, mentions)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=4, shortest=3)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Day and month as four digits (month and day in American English); the next such day."""
        if not (keys.isascii() and keys.isdigit() and len(keys) == 4):
            return ()
        one, two = int(keys[:2]), int(keys[2:])
        day, month = (two, one) if context.language.lower() == "en-us" else (one, two)
        found = next_year_day(context.now.date(), month, day)
        return () if found is None else (found,)

    def to_json(self, value: Any) -> Any:
        return value.isoformat()

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str):
            raise ValueError(f"{data!r} is no day such as 2026-03-20")
        return date.fromisoformat(data)


def _explicit(text: str, low: str, context: Context) -> Iterator[Mention]:
    past = [found.span() for found in _PAST.finditer(low)]
    for pattern, builder in _RULES:
        for found in pattern.finditer(low):
            if any(found.start() < end and start < found.end() for start, end in past):
                continue
            reading = (
                None if builder is say.plain_weekday and _is_verb(text, found, context) else builder(found, context)
            )
            if reading:
                candidates, confidence = reading
                confidence = min(confidence, _VAGUE) if _PART_OF.search(low, 0, found.start()) else confidence
                yield Mention(candidates, span_of(text, _start(found), found.end()), confidence)


def _is_verb(text: str, found: re.Match[str], context: Context) -> bool:
    """Whether "sat" or "sun" is more likely the verb or the star."""
    at = found.start("weekday")
    if found["weekday"].rstrip(".") not in ("sat", "sun") or found["which"] or context.asked:
        return False
    if found.string.endswith(" the ", 0, at):
        return True
    if text[at].isupper():
        return False
    return not re.search(r"(?:^|\bon|\bfor|,) ?$", found.string[:at])


def _start(found: re.Match[str]) -> int:
    """Where the value begins: what leads up to it ("on the") is left out."""
    return found.start("day") if "lead" in found.re.groupindex else found.start()


def _bare(text: str, low: str, context: Context) -> Iterator[Mention]:
    for found in _BARE.finditer(low):
        reading = say.bare_number(found, context)
        if reading:
            yield Mention(reading[0], span_of(text, found.start("day"), found.end()), reading[1], bare=True)


register(DateType())
