"""How each language reads values aloud: data only, one `Reading` a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that `spoken` says in one language. Texts with `{…}` are patterns; the names in the braces are fixed.

    `small` holds the words for 0 to 59. `clock` maps minutes past the hour to a pattern over `{hour}` and `{next}` (in
    figures) and `{hour_word}` and `{next_word}`; other minutes use `past` before and `to` after the half hour, which
    also know `{minutes}`. `parts` pairs the first hour of a part of the day with a pattern over `{clock}`;
    `part_always` keeps it in the short style too.
    `echo` maps a slot type to how it stands in a read-back: see `Piece`. `ranges` maps a slot type to patterns over
    `{start}` and `{end}`: `both`, `start` and `end` alone where the other side is open; "" is for all other types.
    """

    small: tuple[str, ...]
    digits: tuple[str, ...]
    plus: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    ordinals: tuple[str, ...]
    date: Mapping[str, str]
    clock: Mapping[int, str]
    past: str
    to: str
    moments: Mapping[time, str]
    parts: tuple[tuple[int, str], ...]
    twelve_hours: bool
    part_always: bool
    datetime: str
    people: tuple[str, str]
    money: tuple[str, str, str]
    hours: tuple[str, str]
    minutes: tuple[str, str]
    half_hours: tuple[str, str]
    hours_minutes: str
    yes_no: tuple[str, str]
    join: Mapping[str, str]
    ending: str
    numbered: str
    named: str
    recorded: Mapping[str, str]
    email: Mapping[str, str]
    region: str
    echo: Mapping[str, Piece]
    echo_other: Piece
    spelled_out: str = "{value}, {letters}"
    days: tuple[str, str] = ("", "")
    nights: tuple[str, str] = ("", "")
    days_hours: str = ""
    """How days and hours stand together; patterns over `{days}` and `{hours}`."""
    currencies: Mapping[str, tuple[str, str, str, str]] = field(default_factory=dict)
    """For each currency its coin: one, many (`{whole}`), and one and many (`{rest}`) of the small one."""
    ranges: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _RANGES)
    parts_of_day: Mapping[str, str] = field(default_factory=dict)
    """What `{part_of_day}` is called aloud, where that is another word."""
    mend: Mapping[str, str] = field(default_factory=dict)
    """Words of a time of day that are said otherwise together ("las una")."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One value in a read-back: a pattern over `{value}` (the placeholder) and `{label}`, and whether it runs on from
    the value before it ("4 people on Friday at nine") instead of standing between commas."""

    pattern: str
    runs_on: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """What the reader of one value may know."""

    words: Reading
    now: datetime
    style: str | None


def expect(value: Any, kind: type | tuple[type, ...], name: str) -> None:
    """Raises TypeError when a value is not of the kind that its type promises."""
    if not isinstance(value, kind):
        raise TypeError(f"a {name} was to be read aloud, but the value is {value!r}")


_RANGES: Final[Mapping[str, Mapping[str, str]]] = {
    "date": {"both": "from {start} to {end}", "start": "from {start} on", "end": "until {end}"},
    "time": {"both": "between {start} and {end}", "start": "from {start} on", "end": "until {end}"},
    "": {"both": "{start} to {end}", "start": "at least {start}", "end": "up to {end}"},
}


_LOW: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _english_small() -> tuple[str, ...]:
    tens = ("twenty", "thirty", "forty", "fifty")
    return (*_LOW, *(ten if unit == 0 else f"{ten}-{_LOW[unit]}" for ten in tens for unit in range(10)))


def _english_ordinal(number: int) -> str:
    if number in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


_EN_GB: Final = Reading(
    small=_english_small(),
    digits=_LOW[:10],
    plus="plus",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=_MONTHS,
    ordinals=tuple(_english_ordinal(number) for number in range(1, 32)),
    date={
        "full": "{weekday} the {ordinal} of {month}",
        "full_year": "{weekday} the {ordinal} of {month} {year}",
        "short": "{weekday} the {ordinal}",
        "birth": "the {ordinal} of {month} {year}",
        "today": "today",
        "tomorrow": "tomorrow",
    },
    clock={
        0: "{hour} o'clock",
        5: "five past {hour_word}",
        10: "ten past {hour_word}",
        15: "quarter past {hour_word}",
        20: "twenty past {hour_word}",
        25: "twenty-five past {hour_word}",
        30: "half past {hour_word}",
        35: "twenty-five to {next_word}",
        40: "twenty to {next_word}",
        45: "quarter to {next_word}",
        50: "ten to {next_word}",
        55: "five to {next_word}",
        1: "one minute past {hour_word}",
        59: "one minute to {next_word}",
    },
    past="{minutes} minutes past {hour_word}",
    to="{minutes} minutes to {next_word}",
    moments={time(0, 0): "midnight", time(12, 0): "midday"},
    parts=(
        (0, "{clock} at night"),
        (1, "{clock} in the morning"),
        (12, "{clock} in the afternoon"),
        (18, "{clock} in the evening"),
        (22, "{clock} at night"),
    ),
    twelve_hours=True,
    part_always=False,
    datetime="{date} at {time}",
    people=("one person", "{count} people"),
    money=("one pound", "{whole} pounds", "{amount} {rest}"),
    hours=("one hour", "{count} hours"),
    minutes=("one minute", "{count} minutes"),
    half_hours=("one and a half hours", "{count} and a half hours"),
    hours_minutes="{hours} {minutes}",
    spelled_out="{value}, spelled {letters}",
    days=("one day", "{count} days"),
    nights=("one night", "{count} nights"),
    days_hours="{days} and {hours}",
    currencies={
        "GBP": ("one pound", "{whole} pounds", "one penny", "{rest} pence"),
        "EUR": ("one euro", "{whole} euros", "one cent", "{rest} cents"),
        "USD": ("one dollar", "{whole} dollars", "one cent", "{rest} cents"),
        "CAD": ("one Canadian dollar", "{whole} Canadian dollars", "one cent", "{rest} cents"),
        "AUD": ("one Australian dollar", "{whole} Australian dollars", "one cent", "{rest} cents"),
        "NZD": ("one New Zealand dollar", "{whole} New Zealand dollars", "one cent", "{rest} cents"),
        "CHF": ("one franc", "{whole} francs", "one centime", "{rest} centimes"),
        "DKK": ("one krone", "{whole} kroner", "one øre", "{rest} øre"),
        "NOK": ("one krone", "{whole} kroner", "one øre", "{rest} øre"),
        "SEK": ("one krona", "{whole} kronor", "one öre", "{rest} öre"),
        "PLN": ("one zloty", "{whole} zlotys", "one grosz", "{rest} groszy"),
    },
    yes_no=("yes", "no"),
    join={"or": " or ", "and": " and ", "comma": ", "},
    ending="the number ending {digits}",
    numbered="the number {digits}",
    named="the name {name}",
    recorded={"person_name": "the name you recorded", "phone": "the number you recorded", "": "what you recorded"},
    email={"@": " at ", ".": " dot ", "-": " dash ", "_": " underscore ", "+": " plus "},
    region="GB",
    echo={
        "party_size": Piece("{value}", runs_on=True),
        "choice": Piece("{value}", runs_on=True),
        "date": Piece("on {value}", runs_on=True),
        "time": Piece("at {value}", runs_on=True),
        "datetime": Piece("on {value}", runs_on=True),
        "duration": Piece("for {value}", runs_on=True),
        "email": Piece("{label}: {value}", style="checked"),
        "person_name": Piece("under {value}", style="named"),
        "phone": Piece("{value}", style="named"),
        "date_of_birth": Piece("born on {value}"),
    },
    echo_other=Piece("{label}: {value}"),
)

_EN_US: Final = replace(
    _EN_GB,
    date={
        **_EN_GB.date,
        "full": "{weekday}, {month} {ordinal}",
        "full_year": "{weekday}, {month} {ordinal}, {year}",
        "birth": "{month} {ordinal}, {year}",
    },
    clock={minute: f"{{hour}}:{minute:02d}" if minute else "{hour}" for minute in range(60)},
    moments={time(0, 0): "midnight", time(12, 0): "noon"},
    parts=((0, "{clock} am"), (12, "{clock} pm")),
    part_always=True,
    money=("one dollar", "{whole} dollars", "{amount} {rest}"),
    region="US",
)

READINGS: Final[Mapping[str, Reading]] = {"en-GB": _EN_GB, "en-US": _EN_US}
