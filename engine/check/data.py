"""Proofs that need no walk: about conditions, calendars and limits, outcomes, and what is sensitive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, product
from typing import Final
from zoneinfo import ZoneInfo

from engine.check.promises import Fault
from engine.check.speech import step_prompts
from engine.dialogue.draft import PLACEHOLDER
from engine.flow.calendar import Calendar
from engine.flow.guards import And, Compare, Condition, FromToday, Named, Not, OpenDay, OpenNow, Or, Test, Within
from engine.flow.model import (
    PARTS_OF_DAY,
    TRANSFER_OUTCOMES,
    CallStep,
    ChooseStep,
    Flow,
    FormStep,
    PromptText,
    Slot,
    TransferStep,
)

_MOST_VIEWS: Final = 20_000
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


def total(flow: Flow) -> Iterator[Fault]:
    """Every branch and every wording can be taken: some value that the limits allow leads there and no earlier."""
    for step in flow.steps.values():
        if isinstance(step, ChooseStep):
            tests = [branch.when for branch in step.branches]
            for number in _dead(flow, tests):
                words = f"no caller can get to the branch `{tests[number].text}` of `{step.name}`"
                yield Fault("total", step.name, f"choose {number}", words)
        for prompt in step_prompts(step):
            yield from _dead_wordings(flow, prompt, step.name)
    for slot in flow.slots.values():
        yield from _dead_wordings(flow, slot.ask, slot.name)


def _dead_wordings(flow: Flow, prompt: PromptText, owner: str) -> Iterator[Fault]:
    tests = [variant.when for variant in prompt.variants if variant.when is not None]
    for number in _dead(flow, tests):
        yield Fault(
            "total", owner, prompt.id, f"no caller can hear the wording for `{tests[number].text}` of `{prompt.id}`"
        )


def _dead(flow: Flow, tests: list[Condition]) -> list[int]:
    """The numbers of conditions that never hold where all before them fail; none where there is too much to try."""
    alive: set[int] = set()
    if not tests:
        return []
    names = sorted(frozenset().union(*(test.names for test in tests)))
    values = [_values(flow, name, tests) for name in names]
    moments = _moments(flow)
    size = len(moments)
    for one in values:
        size *= len(one)
    if size > _MOST_VIEWS:
        return []
    for moment, chosen in product(moments, product(*values)):
        given = dict(zip(names, chosen, strict=True))
        given["part_of_day"] = _part(moment)
        sight = Sight(moment, given, flow.calendars)
        taken = next((number for number, test in enumerate(tests) if test.holds(sight)), None)
        if taken is not None:
            alive.add(taken)
    return [number for number in range(len(tests)) if number not in alive]


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


def _values(flow: Flow, name: str, tests: list[Condition]) -> list[object]:
    """Values of a name that the conditions tell apart, unset first."""
    slot = flow.slots.get(name)
    found: list[object] = [None]
    for constant in _constants(tests):
        match constant:
            case bool():
                found += [True, False]
            case int():
                found += [constant - 1, constant, constant + 1]
            case date():
                found += [constant + timedelta(days=days) for days in (-1, 0, 1)]
            case time():
                found += [time(0, 0), constant, time(23, 59)]
            case _:
                found.append(constant)
    if slot is None:
        return list(dict.fromkeys([*found, "other", 1])) if name != "part_of_day" else [None]
    if slot.type == "date":
        found += [*_WEEK, *(day for c in flow.calendars.values() for day in islice(c.exceptions, 10))]
    if slot.type == "choice":
        found = [None, *(choice.value for choice in slot.options.get("choices", ()))]
    return [value for value in dict.fromkeys(found) if value is None or _allowed(slot, value)]


def _allowed(slot: Slot, value: object) -> bool:
    """Whether a slot's limits let a value stand."""
    if slot.type in ("number", "party_size"):
        if not isinstance(value, int):
            return False
        low = slot.min is not None and not slot.min.then and value < slot.min.value
        high = slot.max is not None and not slot.max.then and value > slot.max.value
        return not (low or high)
    return True


def _constants(tests: list[Condition]) -> Iterator[object]:
    waiting: list[Test] = [test.test for test in tests]
    while waiting:
        test = waiting.pop()
        match test:
            case Compare():
                for side in (test.left, test.right):
                    if isinstance(side, FromToday):
                        yield from (day + timedelta(days=side.days) for day in _WEEK[:2])
                    elif not isinstance(side, Named):
                        yield side
            case Within():
                yield from test.values
            case Not():
                waiting.append(test.test)
            case And() | Or():
                waiting.extend(test.tests)
            case OpenDay() | OpenNow():
                yield from _WEEK


def opened(flow: Flow) -> Iterator[Fault]:
    """Every slot can be filled: its limits and its calendar leave a value."""
    for slot in flow.slots.values():
        if not _fillable(flow, slot):
            yield Fault("open", slot.name, slot.name, f"no value of `{slot.name}` is ever taken")
    for name, calendar in flow.calendars.items():
        if not any(calendar.week.values()) and not any(calendar.exceptions.values()):
            yield Fault("open", name, name, f"`{name}` is never open")


def _fillable(flow: Flow, slot: Slot) -> bool:
    match slot.type:
        case "number" | "party_size":
            return slot.min is None or slot.max is None or slot.min.value <= slot.max.value
        case "choice":
            return bool(slot.options.get("choices"))
        case "digits":
            shortest, longest = slot.options.get("shortest"), slot.options.get("longest")
            return shortest is None or longest is None or int(shortest) <= int(longest)
        case "date":
            return _has_day(flow, slot)
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


def private(flow: Flow) -> Iterator[Fault]:
    """What only the last digits of may be said is never read out in full."""
    hidden = {slot.name: slot for slot in flow.slots.values() if slot.speech == "last3"}
    for slot in hidden.values():
        if slot.type not in ("phone", "digits"):
            yield Fault(
                "private", slot.name, slot.name, f"`{slot.name}` is a {slot.type}, which is always read in full"
            )
    kinds = {slot.type for slot in hidden.values()} & {"phone"}
    results = {
        name: kind for tool in flow.tools.values() for values in tool.outcomes.values() for name, kind in values.items()
    }
    for step in flow.steps.values():
        for prompt in step_prompts(step):
            for match in (m for variant in prompt.variants for m in PLACEHOLDER.finditer(variant.text)):
                full = results.get(match[1]) in kinds and match[2] != ":last3"
                named = match[1] in hidden and match[2] == ":named"
                if full or named:
                    yield Fault("private", step.name, match[1], f"`{prompt.id}` reads `{match[1]}` out in full")
