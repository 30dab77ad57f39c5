"""Rules about keys that can have no effect where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from engine.check.rule import Fault, Subject, rule
from engine.flow.model import ORDERED_TYPES, FormStep, Limit, Slot
from engine.kinds import is_list, is_range
from engine.slots.post_codes import COUNTRIES
from engine.slots.registry import type_of
from engine.yaml.position import listed

_TYPES_OF_KEY: Final[Mapping[str, tuple[str, ...]]] = {
    "min": ("number", "party_size", "duration", "money"),
    "max": ("number", "party_size", "duration", "money"),
    "from": ("date", "datetime"),
    "to": ("date", "datetime"),
    "open": ("date", "time", "datetime"),
    "step": ("time", "datetime", "duration"),
    "country": ("phone", "postcode"),
    "currency": ("money",),
    "unit": ("duration",),
    "offer": ("phone",),
    "length": ("digits",),
    "choices": ("choice",),
}
"""Keys of a slot that only some types know."""

_NEVER_MANY: Final = ("yes_no", "text")
"""Types of which nobody says several at once."""
_LAST_THREE: Final = ("phone", "digits")
"""Types of which the last three digits can be read aloud alone."""


def _refuses(limit: Limit | None) -> bool:
    return limit is not None and limit.then is None


_NEEDS: Final[Mapping[str, tuple[str, Callable[[Slot], bool]]]] = {
    "closed": ("open", lambda slot: slot.open is not None),
    "too_far": ("to", lambda slot: slot.latest is not None),
    "too_soon": ("from", lambda slot: (slot.earliest or 0) > 0),
    "too_small": ("min", lambda slot: _refuses(slot.min)),
    "too_big": ("max", lambda slot: _refuses(slot.max)),
    "step": ("step", lambda slot: "step" in slot.options),
    "incomplete": ("many", lambda slot: slot.type != slot.item),
    "too_short": ("length", lambda slot: bool({"length", "shortest"} & set(slot.options))),
    "too_many_digits": ("length", lambda slot: bool({"length", "longest"} & set(slot.options))),
    "too_few": ("at_least", lambda slot: "at_least" in slot.options),
    "too_many": ("at_most", lambda slot: "at_most" in slot.options),
    "one_end": ("range: both_ends", lambda slot: "both_ends" in slot.options),
    "backwards": ("range: both_ends", lambda slot: "both_ends" in slot.options),
}
"""The key without which a value is not refused for a reason; a limit that leads elsewhere refuses nothing."""

_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("past", "closed", "too_soon", "too_far"),
    "time": ("past", "closed", "skipped", "step"),
    "datetime": ("past", "closed", "skipped", "too_soon", "too_far", "step", "incomplete"),
    "duration": ("too_small", "too_big", "step"),
    "money": ("too_small", "too_big", "currency"),
    "number": ("too_small", "too_big"),
    "party_size": ("too_small", "too_big"),
    "date_of_birth": ("future", "too_long_ago"),
    "digits": ("too_short", "too_many_digits"),
    "choice": ("unknown",),
}
"""Why a value of a type can be refused; `excluded` ("not Friday") can befall any."""
_OF_LISTS: Final = ("too_few", "too_many")
_OF_RANGES: Final = ("one_end", "backwards")
_PARTS: Final = ("engine.hint.", "engine.key")
"""Prompts that are only ever said within others."""
_FEWEST: Final = 1
"""Nobody says a party of fewer."""
_NEVER_HEARD: Final = ("unknown", "excluded", "skipped")
"""Reasons that no plain answer of a caller brings about."""


def _known_reasons(slot: Slot) -> tuple[str, ...]:
    """Why a value of the slot's type can be refused at all."""
    whole = _OF_LISTS if is_list(slot.type) else _OF_RANGES if is_range(slot.type) else ()
    return (*_REASONS.get(slot.item, ()), *whole)


def reasons_of(slot: Slot) -> tuple[str, ...]:
    """The reasons for which this slot can refuse what a caller says."""
    known = (reason for reason in _known_reasons(slot) if reason not in _NEVER_HEARD)
    never = {"past", "closed"} if slot.item == "time" and not slot.depends_on else set()
    if slot.item == "party_size" and slot.min is not None and slot.min.value <= _FEWEST:
        never.add("too_small")
    fitting = (name for name in known if name not in never and (name not in _NEEDS or _NEEDS[name][1](slot)))
    return (*fitting, *(rule.name for rule in slot.rules))


@rule(
    "no-effect",
    "error",
    advice="A key that can have no effect says something that will not happen.",
    good="slots: {party_size: {type: party_size, ask: How many?, max: 8}}",
    bad="slots: {party_size: {type: party_size, ask: How many?, step: 15 minutes}}",
)
def no_effect(subject: Subject) -> Iterator[Fault]:
    for name, slot in subject.flow.slots.items():
        for key, types in _TYPES_OF_KEY.items():
            if slot.item not in types and subject.reading.has("slots", name, key):
                place = subject.place("slots", name, key, key=True)
                yield place, f"`{key}` has no effect on a {slot.type}", f"It belongs to {listed(types)}."
        yield from _idle_keypad(subject, slot)
        yield from _idle_number(subject, slot)
        if slot.speech == "last3" and slot.item not in _LAST_THREE:
            place = subject.place("slots", name, "sensitive", "speech", key=True)
            yield (
                place,
                f"`speech` has no effect on a {slot.type}",
                f"Parts are only left out of {listed(_LAST_THREE)}.",
            )


def _idle_keypad(subject: Subject, slot: Slot) -> Iterator[Fault]:
    """Open types have no keys, nor have codes with letters; all others always have them; any may be recorded."""
    if slot.keypad == "record" or not subject.reading.has("slots", slot.name, "keypad"):
        return
    kind = type_of(slot.type)
    way = "skip" if kind.open else "digits" if kind.keypad(slot.options) else ""
    if slot.keypad != way:
        known = f"`{way}` and `record`" if way else "`record`"
        place = subject.place("slots", slot.name, "keypad")
        yield place, f"`keypad: {slot.keypad}` has no effect on a {slot.type}", f"There is {known} for it."


def _idle_number(subject: Subject, slot: Slot) -> Iterator[Fault]:
    """Keys about several values where the slot has one."""

    def idle(key: str, why: str, hint: str) -> Iterator[Fault]:
        if subject.reading.has("slots", slot.name, key):
            yield subject.place("slots", slot.name, key, key=True), f"`{key}` has no effect {why}", hint

    if not is_list(slot.type):
        for key in ("at_least", "at_most"):
            yield from idle(key, "without `many`", "Add `many: yes`, or remove it.")
    elif slot.item in _NEVER_MANY:
        yield from idle("many", f"on a {slot.item}", "Remove it.")
    else:
        yield from idle("range", "beside `many`", "Remove one of them.")
    if is_range(slot.type) and slot.item not in ORDERED_TYPES:
        yield from idle("range", f"on a {slot.item}", f"It belongs to {listed(ORDERED_TYPES)}.")


@rule(
    "unknown-country",
    "error",
    advice="A postcode is known by the pattern of its country.",
    good="slots: {code: {type: postcode, country: DE, ask: Which postcode?}}",
    bad="slots: {code: {type: postcode, country: ZZ, ask: Which postcode?}}",
)
def unknown_country(subject: Subject) -> Iterator[Fault]:
    for name, slot in subject.flow.slots.items():
        country = slot.options.get("country", "GB")
        if slot.item == "postcode" and country not in COUNTRIES:
            place = subject.place("slots", name, "country")
            yield place, f"the postcodes of {country} are not known", f"There are {listed(sorted(COUNTRIES))}."


@rule(
    "open-without-day",
    "error",
    advice="Whether a time is within opening hours can only be told with its day.",
    good="""
slots:
  day: {type: date, ask: Which day?}
  clock: {type: time, open: tables, depends_on: [day], ask: When?}
steps: {book: {form: [party_size, day, clock], then: sure}}
""",
    bad="""
slots: {clock: {type: time, open: tables, ask: When?}}
steps: {book: {form: [party_size, clock], then: sure}}
""",
)
def open_without_day(subject: Subject) -> Iterator[Fault]:
    slots = subject.flow.slots
    for name, slot in slots.items():
        days = [other for other in slot.depends_on if other in slots and slots[other].type == "date"]
        if slot.item == "time" and slot.open and not days:
            place = subject.place("slots", name, "open", key=True)
            yield (
                place,
                f"`open` has no effect: `{name}` depends on no date",
                "Add `depends_on:` with the slot of its day.",
            )


@rule(
    "taper-of-engine",
    "error",
    advice="Hints are parts of other prompts, and are not counted by themselves.",
    good="prompts: {engine.filler: [{after: 1, text: A second more.}, {text: Just a second.}]}",
    bad="prompts: {engine.hint.date: [{after: 1, text: The day?}, {text: Please say a day.}]}",
)
def taper_of_engine(subject: Subject) -> Iterator[Fault]:
    for prompt_id, prompt in subject.flow.prompts.items():
        if prompt_id.startswith(_PARTS) and any(variant.after for variant in prompt.variants):
            place = subject.reading.entries["prompts", prompt_id][0].place
            hint = "Use `if`, or one wording; `engine.help` and `engine.hint` may have `after`."
            yield place, f"`after` has no effect in `{prompt_id}`", hint


@rule(
    "unknown-reason",
    "error",
    advice="A `reject` prompt is said for its reason only, and each type has its own reasons.",
    good="slots: {party_size: {type: party_size, ask: How many?, max: 8, reject: {too_big: Too many.}}}",
    bad="slots: {party_size: {type: party_size, ask: How many?, max: 8, reject: {closed: Too many.}}}",
)
def unknown_reason(subject: Subject) -> Iterator[Fault]:
    for name, slot in subject.flow.slots.items():
        known = (*_known_reasons(slot), "excluded", *(one.name for one in slot.rules))
        for reason in slot.reject:
            place = subject.place("slots", name, "reject", reason, key=True)
            if reason not in known:
                yield place, f"a {slot.type} is never refused as `{reason}`", f"Its reasons are {listed(known)}."
            elif reason in _NEEDS and not _NEEDS[reason][1](slot):
                key = _NEEDS[reason][0]
                yield (
                    place,
                    f"`{name}` has no `{key}`, so it is never refused as `{reason}`",
                    f"Add `{key}`, or remove this.",
                )


@rule(
    "limit-in-circle",
    "error",
    advice="A limit that leads back to the question would ask it for ever.",
    good="slots: {party_size: {type: party_size, ask: How many?, max: {value: 8, then: to_human}}}",
    bad="slots: {party_size: {type: party_size, ask: How many?, min: {value: 1, then: book}}}",
)
def limit_in_circle(subject: Subject) -> Iterator[Fault]:
    for name, slot in subject.flow.slots.items():
        forms = {step.name for step in subject.flow.steps.values() if isinstance(step, FormStep) and name in step.slots}
        for key, limit in (("min", slot.min), ("max", slot.max)):
            if limit is not None and limit.then in forms:
                place = subject.place("slots", name, key, "then")
                yield (
                    place,
                    "this limit leads back to the form that asks for it",
                    "Lead it elsewhere, or refuse the value.",
                )
