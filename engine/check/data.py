"""Proofs that need no walk: about conditions, calendars and limits, and outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations, islice
from math import gcd, prod
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.acts import Money, Range
from engine.check.promises import Fault
from engine.check.values import typical
from engine.check.words import prompts_of
from engine.dialogue.limits import MOST
from engine.flow.calendar import Calendar
from engine.flow.guards import (
    And,
    Compare,
    Condition,
    FromToday,
    Has,
    Named,
    Not,
    OpenDay,
    OpenNow,
    Operand,
    Or,
    Test,
    Within,
)
from engine.flow.model import (
    PARTS_OF_DAY,
    TRANSFER_OUTCOMES,
    CallStep,
    ChooseStep,
    Flow,
    FormStep,
    Slot,
    TransferStep,
)
from engine.kinds import figure, is_list, is_range
from engine.slots.money import currency_of

_MOST_VIEWS: Final = 20_000
_MOST_PAIRED: Final = 6
_TYPICAL: Final = 2
_NOW: Final = datetime(2025, 3, 3, 10, 0)
_WEEK: Final = tuple(date(2025, 3, 3) + timedelta(days=days) for days in range(7))
"""A plain week, Monday first, for opening hours without exceptions."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One way that the world may look to a condition."""

    now: datetime
    values: Mapping[str, object]
    calendars: Mapping[str, Calendar]

    def value(self, name: str) -> object | None:
        return self.values.get(name)

    def calendar(self, name: str) -> Calendar:
        return self.calendars[name]


@dataclass(frozen=True, slots=True)
class Rows:
    """A row of conditions of which the first that holds is taken; `tests` may hold None, which always does. `after` is
    how often each must have been said before."""

    tests: tuple[Condition | None, ...]
    after: tuple[int, ...] = ()


def takers(flow: Flow, rows: Rows, most: int = 3) -> list[list[Sight] | None]:
    """For each row a few views of the world in which it is taken: none where no value that the limits allow leads
    there; None where too many views are there to try all, and those that were tried do not lead there."""
    tests = [test for test in rows.tests if test is not None]
    names = sorted(frozenset().union(*(test.names for test in tests))) if tests else []
    values = [_values(flow, name, tests) for name in names]
    options: list[Sequence[Any]] = [range(max(rows.after, default=0) + 1), _moments(flow), *values]
    size = prod(len(one) for one in options)
    found: list[list[Sight]] = [[] for _ in rows.tests]
    for count, moment, *chosen in _views(options, size):
        given = dict(zip(names, chosen, strict=True))
        given["part_of_day"] = _part(moment)
        sight = Sight(moment, given, flow.calendars)
        taken = next((n for n, _ in enumerate(rows.tests) if _takes(rows, n, count, sight)), None)
        if taken is not None and len(found[taken]) < most:
            found[taken].append(sight)
    return [sights or None for sights in found] if size > _MOST_VIEWS else list(found)


def _views(options: Sequence[Sequence[Any]], size: int) -> Iterator[list[Any]]:
    """All combinations in order, or, where they are too many, some from all over.

    Steps of the golden section spread them evenly.
    """
    stride = 1 if size <= _MOST_VIEWS else size * 618_034 // 1_000_000 | 1
    while gcd(stride, size) > 1:
        stride += 1
    for number in range(min(size, _MOST_VIEWS)):
        left = number * stride % size
        chosen: list[Any] = []
        for one in reversed(options):
            left, at = divmod(left, len(one))
            chosen.append(one[at])
        yield chosen[::-1]


def _takes(rows: Rows, number: int, count: int, sight: Sight) -> bool:
    test = rows.tests[number]
    early = bool(rows.after) and count < rows.after[number]
    return not early and (test is None or test.holds(sight))


def _part(moment: datetime) -> str:
    return PARTS_OF_DAY[0] if 4 <= moment.hour < 12 else PARTS_OF_DAY[1] if moment.hour < 18 else PARTS_OF_DAY[2]


def _moments(flow: Flow) -> list[datetime]:
    """Moments that tell opening hours apart: six of each day of a week, and of each exception."""
    zone = ZoneInfo(flow.timezone)
    days = [*_WEEK, *(day for calendar in flow.calendars.values() for day in islice(calendar.exceptions, 20))]
    moments = [datetime.combine(day, time(hour), zone) for day in days for hour in (3, 9, 12, 15, 20, 23)]
    found: dict[tuple[object, ...], datetime] = {}
    for moment in moments:
        signs = (_part(moment), *(calendar.is_open(moment) for calendar in flow.calendars.values()))
        found.setdefault(signs, moment)
    return list(found.values())


def candidates(flow: Flow, name: str) -> list[object]:
    """Values of a name that the conditions of the whole flow tell apart."""
    tests = [variant.when for prompt in prompts_of(flow) for variant in prompt.variants if variant.when is not None]
    tests += [branch.when for step in flow.steps.values() if isinstance(step, ChooseStep) for branch in step.branches]
    about = [test for test in tests if name in test.names]
    return [value for value in _values(flow, name, about) if value is not None]


def _values(flow: Flow, name: str, tests: Sequence[Condition]) -> list[object]:
    """Values of a name that the conditions tell apart, unset first."""
    slot = flow.slots.get(name)
    found: list[object] = [None]
    for constant in _constants(tests):
        match constant:
            case bool():
                found += [True, False]
            case int():
                grid = int(slot.options.get("step", 1)) if slot is not None and slot.item == "duration" else 1
                found += [constant - grid, constant, constant + grid]
            case date():
                found += [constant + timedelta(days=days) for days in (-1, 0, 1)]
            case time():
                found += [time(0, 0), constant, time(23, 59)]
            case _:
                found.append(constant)
    if slot is None:
        return list(dict.fromkeys([*found, "other", 1])) if name != "part_of_day" else [None]
    found += islice(typical(slot.item, slot.options, _NOW), _TYPICAL)
    if slot.item in ("date", "datetime"):
        found += [*_WEEK, *(day for c in flow.calendars.values() for day in islice(c.exceptions, 10))]
    if slot.item == "choice":
        found = [None, *(choice.value for choice in slot.options.get("choices", ()))]
    held = dict.fromkeys(_of_type(flow, slot, one) for one in found)
    allowed = [value for value in held if value is None or _allowed(slot, value)]
    if slot.type == "date" and slot.open and _only_open_days(tests, name, slot.open):
        days = flow.calendars[slot.open]
        allowed = [value for value in allowed if not isinstance(value, date) or days.is_open_day(value)]
    return _whole(slot, allowed)


def _whole(slot: Slot, values: list[object]) -> list[object]:
    """Single values as the slot holds them: lists of each one, of any two and of all, or ranges."""
    given = [value for value in values if value is not None]
    if is_list(slot.type):
        pairs = list(combinations(given[:_MOST_PAIRED], 2))
        return [None, *((value,) for value in given), *pairs, tuple(given)]
    if is_range(slot.type):
        return [None, *(Range(value, value) for value in given), *(Range(value, None) for value in given)]
    return values


def _allowed(slot: Slot, value: object) -> bool:
    """Whether a slot's limits let a value stand."""
    if slot.item in ("number", "party_size", "duration", "money"):
        number = figure(value)
        if number is None:
            return False
        low = slot.min is not None and not slot.min.then and number < slot.min.value
        high = slot.max is not None and not slot.max.then and number > slot.max.value
        return not (low or high)
    return True


def _of_type(flow: Flow, slot: Slot, value: object) -> object:
    """A number or a day of a condition as the slot holds it: a length of time, an amount of money, a day at noon."""
    match slot.item:
        case "duration" if isinstance(value, int):
            return timedelta(minutes=value)
        case "money" if isinstance(value, int):
            return Money(Decimal(value), currency_of(slot.options, flow.language))
        case "datetime" if isinstance(value, date):
            return datetime.combine(value, time(12))
        case _:
            return value


def _only_open_days(tests: Sequence[Condition], name: str, calendar: str) -> bool:
    """Whether all that tests ask of a day is if it is set and if a calendar is open on it: then only the calendar tells
    days apart."""
    waiting: list[Test] = [test.test for test in tests if name in test.names]
    while waiting:
        match waiting.pop():
            case Compare() | Within() | Has() as test if name in Condition("", test).names:
                return False
            case OpenDay(asked, by) if asked == name and by != calendar:
                return False
            case Not(inner):
                waiting.append(inner)
            case And(inner) | Or(inner):
                waiting.extend(inner)
            case _:
                pass
    return True


def _constants(tests: Sequence[Condition]) -> Iterator[object]:
    waiting: list[Test] = [test.test for test in tests]
    while waiting:
        test = waiting.pop()
        match test:
            case Compare():
                for side in (test.left, test.right):
                    yield from _sides(side)
            case Within():
                yield from test.values
            case Has():
                yield from _sides(test.value)
            case Not():
                waiting.append(test.test)
            case And() | Or():
                waiting.extend(test.tests)
            case OpenDay() | OpenNow():
                yield from _WEEK


def _sides(side: Operand) -> Iterator[object]:
    """The constants of one side of a test."""
    if isinstance(side, FromToday):
        yield from (day + timedelta(days=side.days) for day in _WEEK[:2])
    elif not isinstance(side, Named):
        yield side


def opened(flow: Flow) -> Iterator[Fault]:
    """Every slot can be filled: its limits and its calendar leave a value."""
    for slot in flow.slots.values():
        if not _fillable(flow, slot):
            yield Fault("open", slot.name, slot.name, f"no value of `{slot.name}` is ever taken")
    for name, calendar in flow.calendars.items():
        if not any(calendar.week.values()) and not any(calendar.exceptions.values()):
            yield Fault("open", name, name, f"`{name}` is never open")


def _fillable(flow: Flow, slot: Slot) -> bool:
    least, most = int(slot.options.get("at_least", 1)), int(slot.options.get("at_most", MOST))
    if is_list(slot.type) and (least > most or (slot.item == "choice" and least > len(slot.options["choices"]))):
        return False
    return _has_value(flow, slot)


def _has_value(flow: Flow, slot: Slot) -> bool:
    match slot.item:
        case "number" | "party_size" | "duration" | "money":
            return slot.min is None or slot.max is None or slot.min.value <= slot.max.value
        case "choice":
            return bool(slot.options.get("choices"))
        case "digits":
            shortest, longest = slot.options.get("shortest"), slot.options.get("longest")
            return shortest is None or longest is None or int(shortest) <= int(longest)
        case "date":
            return _has_day(flow, slot)
        case "datetime":
            return _has_day(flow, slot) and (slot.open is None or _has_time(flow.calendars[slot.open], slot))
        case "time":
            return slot.open is None or _has_time(flow.calendars[slot.open], slot)
    return True


def _has_day(flow: Flow, slot: Slot) -> bool:
    """On every day of the week there is a day that may be named, unless a calendar opens on special days alone."""
    first, last = max(slot.earliest or 0, 0), slot.latest
    if last is not None and last < first:
        return False
    if slot.open is None:
        return True
    calendar = flow.calendars[slot.open]
    if not any(calendar.week.values()):
        return any(calendar.exceptions.values())
    reach = 7 if last is None else min(7, last - first + 1)
    weekdays = {day for day, hours in calendar.week.items() if hours}
    return any(any((today + first + more) % 7 in weekdays for more in range(reach)) for today in range(7))


def _has_time(calendar: Calendar, slot: Slot) -> bool:
    step = int(slot.options.get("step") or 1)
    days = [*_WEEK, *islice(calendar.exceptions, 20)]
    minutes = range(0, 24 * 60, step)
    return any(
        calendar.start_of(day, time(minute // 60, minute % 60)) is not None for day in days for minute in minutes
    )


def wired(flow: Flow) -> Iterator[Fault]:
    """Everything that a tool or a transfer may answer leads somewhere, and not to itself."""
    for step in flow.steps.values():
        match step:
            case CallStep():
                yield from _outcomes(flow, step.name, step.name, flow.tools[step.call].all_outcomes, step.on)
            case TransferStep():
                yield from _outcomes(flow, step.name, step.name, TRANSFER_OUTCOMES, step.on)
            case FormStep():
                for check in step.checks:
                    yield from _outcomes(flow, step.name, "", flow.tools[check.call].all_outcomes, check.on)


def _outcomes(
    flow: Flow, position: str, itself: str, outcomes: tuple[str, ...], on: Mapping[str, str]
) -> Iterator[Fault]:
    for outcome in outcomes:
        if outcome not in on:
            yield Fault("wired", position, outcome, f"`{outcome}` of `{position}` leads nowhere")
        elif on[outcome] == itself:
            yield Fault("wired", position, outcome, f"`{outcome}` of `{position}` leads back to itself")
