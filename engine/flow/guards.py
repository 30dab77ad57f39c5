"""The condition language: closed, typed and total; no text is ever run as code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Final, Literal, Protocol, TypeAlias, assert_never

from engine.acts import Range
from engine.flow.calendar import Calendar
from engine.kinds import figure

Comparison: TypeAlias = Literal[">", "<", ">=", "<=", "==", "!="]
Constant: TypeAlias = bool | int | str | date | time


class View(Protocol):
    """What a condition may look at."""

    @property
    def now(self) -> datetime: ...

    def value(self, name: str) -> object | None:
        """The value of a slot, of a tool's result or of a built-in (`caller`, `part_of_day`); None where unset."""

    def calendar(self, name: str) -> Calendar:
        """A calendar of the flow."""


@dataclass(frozen=True, slots=True)
class OpenNow:
    """`tables is open now`."""

    calendar: str


@dataclass(frozen=True, slots=True)
class OpenDay:
    """`day is open`, by the calendar of the slot; an unset day is neither open nor closed."""

    name: str
    calendar: str
    open: bool


@dataclass(frozen=True, slots=True)
class IsSet:
    """`note is set`, `caller is known`."""

    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """The value of a slot, a result or a built-in."""

    name: str


@dataclass(frozen=True, slots=True)
class FromToday:
    """`today`, `today + 3 days`."""

    days: int


Operand: TypeAlias = Named | FromToday | Constant


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison with anything unset is false, whatever the sign."""

    left: Operand
    sign: Comparison
    right: Operand


@dataclass(frozen=True, slots=True)
class Within:
    """`service in [checkup, vaccination]`."""

    name: str
    values: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """`services has manicure`: the list holds the value; of a range (`stay has 2026-12-24`): the value lies within."""

    name: str
    value: Constant | FromToday


@dataclass(frozen=True, slots=True)
class Not:
    test: Test


@dataclass(frozen=True, slots=True)
class And:
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Or:
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Always:
    """Holds whatever there is to see; what a condition means that could not be read."""


Test: TypeAlias = OpenNow | OpenDay | IsSet | Compare | Within | Has | Not | And | Or | Always

_SIGNS: Final = {">": gt, "<": lt, ">=": ge, "<=": le, "==": eq, "!=": ne}


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition; `text` is what the author wrote, `test` what it means."""

    text: str
    test: Test = Always()

    def holds(self, view: View) -> bool:
        """Whether it is true of what the view shows. Total: it never raises."""
        return _holds(self.test, view)

    @property
    def names(self) -> frozenset[str]:
        """Slots, results and built-ins that it looks at."""
        return _names(self.test)


def _holds(test: Test, view: View) -> bool:
    match test:
        case OpenNow():
            return view.calendar(test.calendar).is_open(view.now)
        case OpenDay():
            day = _plain(view.value(test.name))
            return isinstance(day, date) and view.calendar(test.calendar).is_open_day(day) == test.open
        case IsSet():
            return view.value(test.name) is not None
        case Compare():
            return _compare(_operand(test.left, view), test.sign, _operand(test.right, view))
        case Within():
            return any(_compare(view.value(test.name), "==", value) for value in test.values)
        case Has():
            return _has(view.value(test.name), _operand(test.value, view))
        case Not():
            return not _holds(test.test, view)
        case And():
            return all(_holds(part, view) for part in test.tests)
        case Or():
            return any(_holds(part, view) for part in test.tests)
        case Always():
            return True
        case _:
            assert_never(test)


def _operand(operand: Operand, view: View) -> object | None:
    match operand:
        case Named():
            return view.value(operand.name)
        case FromToday():
            return view.now.date() + timedelta(days=operand.days)
        case _:
            return operand


def _compare(left: object | None, sign: Comparison, right: object | None) -> bool:
    """Numbers with numbers, dates with dates, times with times; equality of anything of one kind."""
    left, right = _plain(left), _plain(right)
    for kind in (int | float, date, time):
        if isinstance(left, kind) and isinstance(right, kind):
            return bool(_SIGNS[sign](left, right))
    if left is None or right is None or sign not in ("==", "!="):
        return False
    return (str(left) == str(right)) == (sign == "==")


def _has(whole: object | None, value: object | None) -> bool:
    if isinstance(whole, Range):
        after = whole.start is None or _compare(whole.start, "<=", value)
        return after and (whole.end is None or _compare(whole.end, ">=", value))
    return isinstance(whole, list | tuple) and any(_compare(item, "==", value) for item in whole)


def _plain(value: object | None) -> object | None:
    """Moments as their day, times without a zone, lengths of time and money as numbers, so that any two of a kind can
    be compared."""
    if isinstance(value, datetime):
        return value.date()
    if (number := figure(value)) is not None:
        return number
    return value.replace(tzinfo=None) if isinstance(value, time) else value


def _names(test: Test) -> frozenset[str]:
    match test:
        case OpenDay() | IsSet() | Within() | Has():
            return frozenset({test.name})
        case Compare():
            return frozenset(side.name for side in (test.left, test.right) if isinstance(side, Named))
        case Not():
            return _names(test.test)
        case And() | Or():
            return frozenset().union(*(_names(part) for part in test.tests))
        case _:
            return frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What conditions of a flow may name: `types` of slots, results and built-ins, `choices` of those that have any,
    calendars, and the calendar of each date slot."""

    types: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    calendars: frozenset[str]
    open: Mapping[str, str]
