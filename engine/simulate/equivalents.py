"""Faults that change nothing for any caller, and the steps at which another fault can show first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from engine.coverage.items import Item
from engine.flow.model import (
    TRANSFER_OUTCOMES,
    CallStep,
    Check,
    ChooseStep,
    Flow,
    FormStep,
    NoticeStep,
    PromptText,
    Slot,
    Step,
    TransferStep,
    Variant,
)

T = TypeVar("T")


def changed_steps(flow: Flow, mutant: Flow) -> frozenset[str] | None:
    """The steps at which a fault can show first; None where that may be anywhere."""
    parts = ("operator", "start", "calendars", "repair", "prompts", "anywhere", "answers", "resources")
    if any(getattr(flow, part) != getattr(mutant, part) for part in parts):
        return None
    found = {name for name, step in flow.steps.items() if mutant.steps.get(name) != step}
    slots = {name for name, slot in flow.slots.items() if mutant.slots.get(name) != slot}
    tools = {name for name, tool in flow.tools.items() if mutant.tools.get(name) != tool}
    for name, step in flow.steps.items():
        if slots & set(getattr(step, "slots", ())) or getattr(step, "slot", None) in slots or tools & set(_calls(step)):
            found.add(name)
    return frozenset(found)


def _calls(step: Step) -> Iterator[str]:
    if isinstance(step, CallStep):
        yield step.call
    if isinstance(step, FormStep):
        yield from (check.call for check in step.checks)


def equivalent(flow: Flow, mutant: Flow, beyond: frozenset[Item]) -> str:
    """Why no caller can tell the mutant from the flow; empty where one may."""
    changed = changed_steps(flow, mutant)
    if changed is not None and changed and all(Item("step", step) in beyond for step in changed):
        return "proven to be out of every caller's reach"
    return "the engine does the same" if _plain(flow) == _plain(mutant) else ""


def _plain(flow: Flow) -> Flow:
    """The flow as the engine takes it: outcomes wired to where they lead in the end, without limits that refuse
    nothing and without what is decided twice."""
    slots = {name: _plain_slot(slot) for name, slot in flow.slots.items()}
    return replace(flow, slots=slots, steps={name: _plain_step(flow, step) for name, step in flow.steps.items()})


def _plain_slot(slot: Slot) -> Slot:
    """Days before today, and parties of nobody, are refused in any case."""
    earliest = slot.earliest or None
    nobody = slot.type == "party_size" and slot.min is not None and slot.min.then is None and slot.min.value <= 1
    return replace(slot, earliest=earliest, min=None if nobody else slot.min)


def _plain_step(flow: Flow, step: Step) -> Step:
    match step:
        case CallStep():
            return replace(step, on=_wired(flow, step.on, flow.tools[step.call].all_outcomes, ""))
        case TransferStep():
            return replace(step, on=_wired(flow, step.on, TRANSFER_OUTCOMES, "engine.bye"))
        case FormStep():
            checks = (replace(one, on=_wired(flow, one.on, _outcomes(flow, one), "")) for one in step.checks)
            return replace(step, checks=tuple(checks))
        case NoticeStep():
            return replace(step, notice=_once(step.notice))
        case ChooseStep():
            return replace(step, branches=_first(step.branches, lambda branch: branch.when.text))
    return step


def _outcomes(flow: Flow, check: Check) -> Sequence[str]:
    return flow.tools[check.call].all_outcomes


def _wired(flow: Flow, on: Mapping[str, str], outcomes: Sequence[str], otherwise: str) -> dict[str, str]:
    """Where each outcome leads in the end: one that is not wired counts as `failed`, and where that is not wired
    either the call is given up."""
    last = otherwise or flow.repair.ladder.then or flow.operator
    return {name: on.get(name, on.get("failed", last)) for name in sorted(outcomes)}


def _once(prompt: PromptText) -> PromptText:
    """Without wordings under a condition that an earlier wording has."""
    return replace(prompt, variants=_first(prompt.variants, _said_when))


def _first(found: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    """Of those with the same key the first."""
    seen: dict[Hashable, T] = {}
    for one in found:
        seen.setdefault(key(one), one)
    return tuple(seen.values())


def _said_when(variant: Variant) -> tuple[str, int]:
    return variant.when.text if variant.when is not None else "", variant.after
