"""Times of day: "half seven", "quarter to eight tonight", "twelve oh three", "at 8"; am and pm are never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, time, timedelta
from typing import Any, Final

from engine.effects import Keypad
from engine.languages.sheet import sheet_of
from engine.slots.clock_words import LEAD, is_odd, lead_minutes
from engine.slots.doubts import DOUBT
from engine.slots.grammar.times import times
from engine.slots.numerals import ONES, TEENS, TENS, small
from engine.slots.registry import Context, Mention, register
from engine.slots.words import any_of, finish, fold, longest, span_of

_HOUR_WORD: Final = rf"(?:{any_of([*ONES, 'ten', 'eleven', 'twelve'])})"
_HOUR: Final = rf"(?:{_HOUR_WORD}|[01]?\d|2[0-3])"
_AMPM: Final = r"(?: ?(?:in the )?(?P<ampm>[ap] ?\.? ?m\b\.?|(?<=\d)[ap]\b\.?))"
_PART: Final = r"(?:,? (?P<part>(?:early |late )?in the (?:morning|afternoon|evening|night)|at night))"
_CLOCK: Final = r"(?: ?o'? ?clock)"
_TAIL: Final = rf"{_CLOCK}?{_AMPM}?{_PART}?"
_MINUTE_WORD: Final = (
    rf"(?:(?:oh?|ou|zero|nought)[ -](?:{any_of(ONES)})|{any_of(TENS)}(?:[ -]{any_of(ONES)})?|{any_of(TEENS)})"
)
_MINUTES: Final = (
    rf"(?:(?P<minutes>[1-5]?\d|{any_of(TENS)}(?:[ -]{any_of(ONES)})?|{any_of([*TEENS, *ONES])})(?: ?min(?:ute)?s?)?)"
)
_AT: Final = (
    r"(?:at|around|about|by|before|after|from|till|until|approximately|circa|roughly|approx|(?<!to )say|nearer"
    r"|towards|closer to)"
)
_ISH: Final = r"(?: ?-?ish\b)"

_PATTERNS: Final = (
    (
        "clock",
        rf"(?P<hour>[01]?\d|2[0-4]) ?[:.h] ?(?P<minute>[0-5]\d)(?::[0-5]\d)?(?!\d|[./]\d)(?: ?hrs?\b| hours\b)?{_TAIL}",
    ),
    ("joined", rf"(?P<hour>[01]?\d|2[0-3])(?P<minute>[0-5]\d)(?:{_AMPM}| ?hours\b| ?hrs?\b)(?P<sure>)"),
    (
        "joined",
        r"(?:at|around|about|for|by|approximately) (?P<hour>[01]?\d"
        r"|2[0-3])(?P<minute>[0-5]\d)(?![\w./-])(?! (?:people|guests))",
    ),
    ("spaced", rf"at (?P<hour>[01]?\d|2[0-3]) (?P<minute>[0-5]\d)(?![\w./:])(?! people){_TAIL}"),
    (
        "past",
        rf"(?:(?P<fraction>half|(?:a )?quarter)|{_MINUTES})[ -](?P<way>past|after|to|before|till|til"
        rf"|of)[ -](?P<hour>{_HOUR}|noon|midday|midnight)(?!:|\d|[a-z]{{3}}){_TAIL}",
    ),
    ("past", rf"{_MINUTES} (?P<way>from) (?P<hour>{_HOUR})(?:{_AMPM}|{_CLOCK}){_PART}?(?P<fraction>)"),
    ("half", rf"half[ -]+(?P<hour>{_HOUR_WORD}|1[0-2]|[1-9])(?![\w:./])(?! (?:people|of)){_TAIL}"),
    (
        "words",
        rf"(?P<hour>{_HOUR_WORD})[ -](?P<minute>{_MINUTE_WORD})(?! (?:people|of us|guests|minutes?|days?)){_TAIL}",
    ),
    ("words", rf"(?P<hour>{_HOUR_WORD}|1[0-2]|[1-9])[ -](?P<minute>{_MINUTE_WORD}|[0-5]\d)(?:{_AMPM})(?P<part>)"),
    ("hour", rf"(?P<hour>{_HOUR}){_CLOCK}{_AMPM}?{_PART}?"),
    ("hour", rf"(?P<hour>{_HOUR}){_AMPM}{_PART}?"),
    ("hour", rf"(?P<hour>{_HOUR}){_PART}"),
    ("hour", rf"(?P<hour>{_HOUR})(?: ?hrs?\b| hundred hours\b| hundred\b(?= hours))"),
    (
        "hour",
        rf"{_AT} (?:about |around )?(?P<hour>{_HOUR})(?![\w:./])(?! (?:people|of us|guests|persons?|adults"
        rf"|hours?|days?|minutes?|mins?|weeks?|per ?cent|%|(?:\w+ )?tables?)\b){_ISH}?",
    ),
    ("hour", rf"(?P<hour>{_HOUR})(?:[:.](?P<minute>[0-5]\d))?{_ISH}"),
    ("noon", r"(?:12|twelve)?(?: ?o'?clock)? ?(?:noonish|noon|mid[ -]?day|lunch ?time(?= at| please|$))(?P<hour>)"),
    ("midnight", r"(?:12|twelve)? ?mid[ -]?night(?P<hour>)"),
    (
        "part_hour",
        r"(?:in the |this |tomorrow )?(?P<part>morning|afternoon|evening|night|tonight|tonite),? (?:at "
        rf"|around |about |for )?(?P<hour>{_HOUR}(?:[ :.][0-5]\d)?)(?![\w:./])(?! (?:people|of us|adults"
        r"|guests|for))",
    ),
    (
        "hour_part",
        rf"(?P<hour>{_HOUR})(?:,| o'?clock)? (?:this |tomorrow |on \w+day |\w+day )?(?P<part>morning"
        r"|afternoon|evening|night|tonight|tonite|lunchtime)",
    ),
    ("lead", rf"(?:in|within) (?:about |around |less than |under )?(?P<span>{LEAD})(?:'s? time)?"),
    ("lead", rf"(?P<span>{LEAD}) (?:from now|later)"),
)
_RULES: Final = tuple((kind, re.compile(rf"(?<![\w'.,:/£$-])(?:{pattern})(?!\w)")) for kind, pattern in _PATTERNS)
_LATE_WORD: Final = rf"(?:{any_of([word for word in TEENS if TEENS[word] > 12])}|twenty(?:[ -](?:one|two|three))?)"
_BARE: Final = re.compile(
    rf"(?<![\w'.,:/£$-])(?:(?P<hour>{_HOUR})(?:[ ](?P<minute>[0-5]\d))?|(?P<late>{_LATE_WORD})"
    rf"(?:[ -](?P<minutes>{_MINUTE_WORD}|hundred))?|(?P<joined>(?:[01]?\d"
    r"|2[0-3])[0-5]\d))(?![\w/:])(?!\.\d)"
    r"(?! (?:people|persons?|of us|guests|adults|kids|children|days?|weeks?|minutes?|hours?|nights?"
    r"|(?:january|february|march|april|may|june|july)\b))"
)
_NOT_MINE: Final = re.compile(
    r"(?:table|party|group|booking|reservation|family|room|total) (?:of|for) $|(?:option|number|choice) $"
)
_PRONOUN: Final = re.compile(r"\b(?:the|that|this|those|which|other|another|any|same|every|each) (?:\w+ )?$")
_THE: Final = re.compile(r"\b(?:the|that) $")
_LIMIT: Final = re.compile(
    r"\b(?:after|before|until|till|(?:later|earlier|sooner) than|from|between) (?:about |around )?$"
)
_TENS_BEFORE: Final = re.compile(rf"\b{any_of(TENS)}[ -]$")
_DIGIT: Final = rf"(?:{any_of([*ONES, 'zero', 'oh', 'nought', 'double', 'triple'])}|\d)"
_DIGITS_BEFORE: Final = re.compile(rf"(?P<more>\b{_DIGIT}[ ,-]+)?\b{_DIGIT}[ ,-]+$")
_DIGIT_AFTER: Final = re.compile(rf"[ ,-]+{_DIGIT}\b")
_FROM: Final = re.compile(r"\b(?:hours?|minutes?|mins?) (?:before|after|from|past) (?:about )?$")
_BOUND: Final = 0.6
_SMALL_HOURS: Final = 4
_NOON: Final = 12
_NAMED_HOURS: Final = {"noon": 12, "midday": 12, "midnight": 0}
_DAY_PART: Final = re.compile(
    r"(?<!good )\b(?:(?P<am>morning|breakfast|a\.?m\.?)\b|(?P<noonish>lunch|lunchtime|midday)\b"
    r"|(?P<pm>afternoon|evening|tonight|tonite|tea ?time|dinner|supper|night|p\.?m\.?)\b)"
)


class TimeType:
    """A time of day; values are `datetime.time` to the minute, both readings of "eight" when nothing decides."""

    name = "time"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        if other := sheet_of(context.language):
            return times(text, context, other)
        low = fold(text)
        mentions = longest(_explicit(text, low, context))
        if context.asked and not mentions:
            mentions = longest(_bare(text, low))
        return finish(text, low, mentions)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=4, shortest=3)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Hours and minutes as three or four digits; below 13 hours both halves of the day."""
        if not (keys.isascii() and keys.isdigit() and 3 <= len(keys) <= 4):
            return ()
        hour, minute = int(keys[:-2]), int(keys[-2:])
        return readings(hour, minute) if hour < 24 and minute < 60 else ()

    def to_json(self, value: Any) -> Any:
        return value.strftime("%H:%M")

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str) or not re.fullmatch(r"\d\d:\d\d", data):
            raise ValueError(f"{data!r} is no time such as 19:30")
        return time.fromisoformat(data)


def readings(hour: int, minute: int) -> tuple[time, ...]:
    """What a clock reading without am or pm may mean; from 13 hours on, and at hour 0, it is plain."""
    if hour == 24:
        hour = 0
    if hour == 0 or hour > 12:
        return (time(hour, minute),)
    if hour == 12:
        return (time(12, minute), time(0, minute))
    return (time(hour, minute), time(hour + 12, minute))


def _half_of_day(hour: int, minute: int, words: str) -> tuple[time, ...]:
    """The reading that am, pm, or a part of the day leaves."""
    both = readings(hour, minute)
    if len(both) == 1:
        return both
    early, late = sorted(both)
    words = words.replace(" ", "").replace(".", "")
    if words in ("a", "am") or "morning" in words or "breakfast" in words:
        return (early,)
    if words in ("p", "pm") or any(part in words for part in ("afternoon", "tea", "dinner", "supper")):
        return (late,)
    if "lunch" in words or "noon" in words or "midday" in words:
        return (late,) if hour <= 4 or hour == 12 else (early,) if hour == 11 else both
    if "night" in words or "nite" in words:
        return (early,) if hour <= 4 or hour == 12 else (late,)
    if "evening" in words:
        return (early,) if hour == 12 else (late,)
    return both


def _explicit(text: str, low: str, context: Context) -> Iterator[Mention]:
    for kind, pattern in _RULES:
        for found in pattern.finditer(low):
            if _TENS_BEFORE.search(low, 0, found.start()) or (kind == "words" and _is_dictated(low, found)):
                continue  # the end of a larger number: "twenty one fifteen"; or a part of one that is dictated
            made = None if _is_pronoun(kind, found, low) else _read(kind, found, low, context)
            if made:
                edge = _LIMIT.search(low, 0, found.start()) or _FROM.search(low, 0, found.start())
                sure = min(made[1], _BOUND) if kind != "lead" and edge else made[1]
                yield Mention(made[0], span_of(text, _start(kind, found), _end(kind, found)), sure)


def _is_pronoun(kind: str, found: re.Match[str], low: str) -> bool:
    """Whether "one" is no hour ("the evening one", "the one in the evening"); in "in the afternoon one" it is."""
    if kind == "hour" and found[0].startswith(("one in ", "one at ")):
        return _THE.search(low, 0, found.start()) is not None
    if kind != "part_hour" or found["hour"] != "one" or found.start() != found.start("part"):
        return False
    return _PRONOUN.search(low, 0, found.start("hour")) is not None


def _is_dictated(low: str, found: re.Match[str]) -> bool:
    """Whether digits stand on both sides, or two before ("zero one six three two nine")."""
    before, after = _DIGITS_BEFORE.search(low, 0, found.start()), _DIGIT_AFTER.match(low, found.end())
    return before is not None and (after is not None or before["more"] is not None)


def _start(kind: str, found: re.Match[str]) -> int:
    """Where the value begins: "at" and "around" are no part of it."""
    if kind in ("joined", "spaced", "hour", "part_hour"):
        return found.start("hour")
    return found.start()


def _end(kind: str, found: re.Match[str]) -> int:
    if kind == "hour_part":
        return found.end("hour")
    end = found.end()
    if found[0].endswith("."):
        end -= 0 if re.search(r"m ?\.$", found[0]) else 1
    return end


def _read(kind: str, found: re.Match[str], low: str, context: Context) -> tuple[tuple[time, ...], float] | None:
    if kind == "noon":
        return (time(12, 0),), 0.95
    if kind == "midnight":
        return (time(0, 0),), 0.95
    if kind == "past" and found["hour"] in _NAMED_HOURS:
        exact = _past(found)
        return None if exact is None else ((time(*exact),), 0.95)
    if kind == "lead":
        return _lead(found["span"], context)
    clock = _past(found) if kind == "past" else _clock(kind, found)
    if clock is None:
        return None
    parts = found.groupdict()
    words = parts.get("ampm") or parts.get("part") or _nearest_part(low, found.start(), found.end())
    bound = _is_limit(found[0]) or is_odd(clock[0], words, _part_beside(low, found))
    return _half_of_day(*clock, words), _BOUND if bound else _sureness(kind, found, context)


def _sureness(kind: str, found: re.Match[str], context: Context) -> float:
    """How plain a way of saying a time is: "half eight" is none in America, "quarter of" none in Britain, and in
    digits "5 to 6" may be from five to six."""
    american = context.language.lower() == "en-us"
    if kind == "past":
        foreign = found["way"] == "from" or (found["way"] == "of" and not american)
        digits = (found["minutes"] or "").isdigit() and "min" not in found[0]
        return DOUBT if foreign or (digits and found["way"].startswith("t")) else 0.95
    if kind == "hour_part" and re.search(r"\d|\w [a-z]+$", found[0]) and found[0].count(" ") == 1:
        return 0.95 if found["part"].startswith("ton") else DOUBT  # "four afternoon classes"
    if kind == "half":
        return DOUBT if american else 0.9
    return 0.9 if kind == "spaced" else 0.95


def _is_limit(words: str) -> bool:
    """ "After six" and "before six" name a bound, not the time that is wanted."""
    return words.startswith(("after ", "before ", "from ", "until ", "till "))


def _clock(kind: str, found: re.Match[str]) -> tuple[int, int] | None:
    parts = re.split(r"[ :.]", found["hour"]) if kind == "part_hour" else [found["hour"]]
    hour = small(parts[0])
    if hour is None or (kind == "hour_part" and hour <= _SMALL_HOURS and "nig" in found["part"] + found[0]):
        return None  # "two tonight" are people, if anything
    if kind == "half":
        return hour, 30
    minute = found.groupdict().get("minute") or (parts[1] if len(parts) > 1 else "")
    return hour, _minute(minute)


def _minute(words: str) -> int:
    words = re.sub(r"^(?:oh?|ou|zero|nought)[ -]", "", words)
    return (small(words) or 0) if words else 0


def _past(found: re.Match[str]) -> tuple[int, int] | None:
    hour = _NAMED_HOURS.get(found["hour"], small(found["hour"]))
    fraction = found["fraction"] or ""
    minutes = 30 if fraction == "half" else 15 if fraction else small(found["minutes"] or "")
    if hour is None or minutes is None or not 0 < minutes < 60:
        return None
    if found["way"] == "to" and minutes % 5 and not re.search(r"\d:|min", found[0]):
        return None  # "from nine to eight" is no time; "nine minutes to eight" is
    if found["way"] in ("past", "after", "from"):
        return hour, minutes
    if fraction == "half" or (found["way"] == "of" and not fraction and minutes % 5):
        return None  # nobody says "half to eight"; "three of seven" is no time
    return (hour - 1) % 24 if hour != 1 or found["ampm"] is None else 12, 60 - minutes


def _nearest_part(low: str, start: int, end: int) -> str:
    """The word for a part of the day that stands nearest, or nothing."""
    near = min(_DAY_PART.finditer(low), key=lambda part: max(part.start() - end, start - part.end()), default=None)
    return near[0] if near else ""


def _part_beside(low: str, found: re.Match[str]) -> str:
    """The nearest word for a part of the day that is no part of the time itself."""
    start, end = found.span()
    return _nearest_part(low[:start] + " " * (end - start) + low[end:], start, end)


def _lead(words: str, context: Context) -> tuple[tuple[time, ...], float] | None:
    minutes = lead_minutes(words)
    if not minutes or minutes > 24 * 60:
        return None
    at = (context.now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(context.now.tzinfo)
    vague = "couple" in words or at.date() != context.now.date()  # it would name a day too
    return (time(at.hour, at.minute),), DOUBT if vague else 0.9


def _bare(text: str, low: str) -> Iterator[Mention]:
    for found in _BARE.finditer(low):
        if _NOT_MINE.search(low[: found.start()]):
            continue
        if found[0] == "one" and _PRONOUN.search(low, 0, found.start()):
            continue  # "the other one"
        if found["joined"]:
            hour, minute = int(found["joined"][:-2]), int(found["joined"][-2:])
        elif found["late"]:
            hour, minute = small(found["late"]) or 0, _minute((found["minutes"] or "").replace("hundred", ""))
        else:
            hour, minute = small(found["hour"]) or 0, int(found["minute"] or 0)
        words = _nearest_part(low, found.start(), found.end())
        yield Mention(_half_of_day(hour, minute, words), span_of(text, *found.span()), 0.9, bare=True)


register(TimeType())
