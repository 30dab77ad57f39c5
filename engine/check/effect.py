"""Rules about keys that can have no effect where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.rule import Fault, Subject, rule
from engine.flow.model import FormStep
from engine.flow.position import listed

_TYPES_OF_KEY: Final[Mapping[str, tuple[str, ...]]] = {
    "min": ("number", "party_size"),
    "max": ("number", "party_size"),
    "from": ("date",),
    "to": ("date",),
    "open": ("date", "time"),
    "step": ("time",),
    "country": ("phone",),
    "offer": ("phone",),
    "length": ("digits",),
    "choices": ("choice",),
}
"""Keys of a slot that only some types know."""

_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("past", "closed", "too_soon", "too_far"),
    "time": ("past", "closed", "step"),
    "number": ("too_small", "too_big"),
    "party_size": ("too_small", "too_big"),
    "date_of_birth": ("future", "too_long_ago"),
    "digits": ("too_short", "too_many_digits"),
    "choice": ("unknown",),
}
"""Why a value of a type can be refused; `excluded` ("not Friday") can befall any."""


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
            if slot.type not in types and subject.reading.has("slots", name, key):
                place = subject.place("slots", name, key, key=True)
                yield place, f"`{key}` has no effect on a {slot.type}", f"It belongs to {listed(types)}."


@rule(
    "taper-of-engine",
    "error",
    advice="What frontdesk says by itself is said in many places, so its wordings are not counted.",
    good="prompts: {engine.filler: Just a second.}",
    bad="prompts: {engine.filler: [{after: 1, text: A second more.}, {text: Just a second.}]}",
)
def taper_of_engine(subject: Subject) -> Iterator[Fault]:
    for prompt_id, prompt in subject.flow.prompts.items():
        if any(variant.after for variant in prompt.variants):
            place = subject.reading.entries["prompts", prompt_id][0].place
            yield place, f"`after` has no effect in `{prompt_id}`", "Use `if`, or one wording."


@rule(
    "unknown-reason",
    "error",
    advice="A `reject` prompt is said for its reason only, and each type has its own reasons.",
    good="slots: {party_size: {type: party_size, ask: How many?, max: 8, reject: {too_big: Too many.}}}",
    bad="slots: {party_size: {type: party_size, ask: How many?, max: 8, reject: {closed: Too many.}}}",
)
def unknown_reason(subject: Subject) -> Iterator[Fault]:
    for name, slot in subject.flow.slots.items():
        known = (*_REASONS.get(slot.type, ()), "excluded", *(one.name for one in slot.rules))
        for reason in slot.reject:
            if reason not in known:
                place = subject.place("slots", name, "reject", reason, key=True)
                yield place, f"a {slot.type} is never refused as `{reason}`", f"Its reasons are {listed(known)}."


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
