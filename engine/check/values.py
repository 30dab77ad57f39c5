"""A few values of each slot to try things out with: what is taken, what is refused, and what tools bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from engine.acts import Money, PersonName, Range
from engine.dialogue.draft import Draft
from engine.dialogue.limits import MOST, leads_to, refusal
from engine.dialogue.machine import Compiled
from engine.dialogue.state import SlotState, State, new_state
from engine.flow.model import Slot
from engine.kinds import is_list, is_range
from engine.slots.duration import UNITS
from engine.slots.money import currency_of
from engine.slots.post_codes import COUNTRIES
from engine.slots.postcode import country_of

_DAYS: Final = 370
_QUARTER: Final = 15
_CLOCKS: Final = (*(time(hour) for hour in (12, 19, 10, 15, 9, 20, 8, 17, 22)), time(12, 1))


@dataclass(frozen=True, slots=True)
class Samples:
    """`good` values are taken, whatever the others of a flow's samples are; `bad` ones are refused, `past` ones lead
    elsewhere. Any may be empty."""

    good: tuple[object, ...]
    bad: tuple[object, ...] = ()
    past: tuple[object, ...] = ()


def samples(compiled: Compiled, now: datetime, each: int = 2) -> dict[str, Samples]:
    """Values for every slot, those that others depend on first."""
    found: dict[str, Samples] = {}
    for name in compiled.order:
        found[name] = _sample(compiled, compiled.flow.slots[name], now, found, each)
    return found


def _sample(compiled: Compiled, slot: Slot, now: datetime, known: dict[str, Samples], each: int) -> Samples:
    drafts = [Draft(compiled, state, now) for state in _contexts(compiled, slot, known)]
    good: list[object] = []
    bad: list[object] = []
    past: list[object] = []
    tried = dict.fromkeys((*_edges(slot, compiled.flow.language), *typical(slot.item, slot.options, now)))
    for value in dict.fromkeys(_several(slot, tried)):
        if leads_to(slot, value):
            past.append(value)
            continue
        refusals = [refusal(draft, slot, value) for draft in drafts]
        if not any(refusals):
            good.append(value)
        elif all(refusals):
            bad.append(value)
        if len(good) >= each and bad:
            break
    return Samples(tuple(good[:each]), tuple(bad[:1]), tuple(past[:1]))


def _several(slot: Slot, values: Iterable[object]) -> Iterator[object]:
    """The values as the slot takes them: by themselves, as lists of the due length and of a wrong one, or as ranges."""
    if is_list(slot.type):
        least, most = int(slot.options.get("at_least", 1)), int(slot.options.get("at_most", MOST))
        each = tuple(values)
        yield from (each[at : at + least] for at in range(max(1, len(each) - least + 1)))
        yield from (each[: least - 1], each[: most + 1])
    elif is_range(slot.type):
        for value in values:
            yield from (Range(value, value), Range(value, None))
    else:
        yield from values


def _contexts(compiled: Compiled, slot: Slot, known: dict[str, Samples]) -> Iterator[State]:
    """States in which the slots that this one depends on have each of their good values."""
    base = new_state(compiled, "samples")
    for number in range(2):
        slots = {
            name: SlotState("valid", values.good[min(number, len(values.good) - 1)])
            for name, values in known.items()
            if values.good and name in slot.depends_on
        }
        yield replace(base, slots=slots)


def _edges(slot: Slot, language: str) -> Iterator[object]:
    """Values within and just beyond the limits of a slot."""
    make, step = _scale(slot, language)
    if make is None:
        return
    low = slot.min.value if slot.min is not None else step
    yield from (make(max(2 * step, low)), make(max(3 * step, low + step)))
    for limit in (slot.max, slot.min):
        if limit is not None:
            yield from (make(value) for value in (limit.value, limit.value + step, limit.value - step))


def _scale(slot: Slot, language: str) -> tuple[Callable[[int], object] | None, int]:
    """What makes a value of a number in the unit of the slot's limits, and by how much values differ."""
    match slot.item:
        case "number" | "party_size":
            return int, 1
        case "duration":
            unit = UNITS[str(slot.options.get("unit", "minutes"))] // timedelta(minutes=1)
            return (lambda minutes: timedelta(minutes=minutes)), int(slot.options.get("step") or max(unit, _QUARTER))
        case "money":
            currency = currency_of(slot.options, language)
            return (lambda whole: Money(Decimal(whole), currency)), 1
        case _:
            return None, 1


def typical(kind: str, options: Mapping[str, Any], now: datetime) -> Iterator[object]:
    """Values of a slot type that tell limits apart, the likely ones first."""
    match kind:
        case "date":
            yield from (now.date() + timedelta(days=days) for days in (*range(1, _DAYS), 0, -1))
        case "time":
            step = int(options.get("step") or _QUARTER)
            minutes = [*range(12 * 60, 24 * 60, step), *range(0, 12 * 60, step), 1]
            yield from (time(minute // 60, minute % 60) for minute in minutes)
        case "datetime":
            days = (now.date() + timedelta(days=days) for days in (*range(1, _DAYS), -1))
            yield from (datetime.combine(day, clock) for day in days for clock in _CLOCKS)
        case "date_of_birth":
            yield from (date(1980, 1, 31), date(1975, 6, 2), now.date() + timedelta(days=1))
        case "money":
            own = currency_of(options, "en-GB")
            yield from (Money(Decimal(whole), currency) for currency in (own, "XXX") for whole in (20, 30))
        case "postcode":
            yield from COUNTRIES[country_of(options)].samples
        case "choice":
            yield from (choice.value for choice in options.get("choices", ()))
        case "digits":
            length = int(options.get("length") or options.get("longest") or 4)
            yield from ("4" * length, "7" * length, "4" * (length + 1))
        case _:
            yield from _PLAIN.get(kind, ("one", "two"))


_PLAIN: Final[Mapping[str, tuple[object, ...]]] = {
    "yes_no": (True, False),
    "number": (2, 3),
    "party_size": (2, 3),
    "duration": tuple(timedelta(minutes=minutes) for minutes in (60, 120, 90, 7)),
    "phone": ("+441632960123", "+441632960456"),
    "person_name": (PersonName("Maria", "Rossi"), PersonName("John", "Smith")),
    "email": ("maria.rossi@example.com", "john.smith@example.org"),
    "address": ("22 High Street, Bristol", "5 Mill Lane, Oxford"),
}
"""Values of types that nothing limits but numbers."""


def brought(compiled: Compiled, kind: str, found: Mapping[str, Samples], now: datetime) -> object:
    """A value that a tool brings: of a list, values that a slot of this type would take."""
    plain = kind.removesuffix(" list")
    slots = (slot for slot in compiled.flow.slots.values() if slot.type == plain and found[slot.name].good)
    slot = next(slots, None)
    good = found[slot.name].good if slot else tuple(islice(typical(plain, {}, now), 2))
    return tuple(good) if kind.endswith(" list") else good[0]
