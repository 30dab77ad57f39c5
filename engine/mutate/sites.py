"""Small changes of a flow, each giving a new flow: what mutation operators are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from engine.flow.model import Flow, PromptText, Slot, Step, Tool, Variant

Change: TypeAlias = tuple[str, Flow]
"""Where a fault was put in, in a few words, and the flow with it."""


def with_step(flow: Flow, step: Step, **changes: Any) -> Flow:
    return replace(flow, steps={**flow.steps, step.name: replace(step, **changes)})


def with_slot(flow: Flow, slot: Slot, **changes: Any) -> Flow:
    return replace(flow, slots={**flow.slots, slot.name: replace(slot, **changes)})


def with_tool(flow: Flow, tool: Tool, **changes: Any) -> Flow:
    return replace(flow, tools={**flow.tools, tool.name: replace(tool, **changes)})


def without(mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}


def said(prompt: PromptText, more: str) -> PromptText:
    """The prompt with more words in each wording."""
    return replace(prompt, variants=tuple(replace(one, text=f"{one.text} {more}") for one in prompt.variants))


def plain(prompt: PromptText, text: str) -> PromptText:
    return PromptText(prompt.id, (Variant(text),))


def targets_of(step: Step) -> Iterator[tuple[str, str]]:
    """The plain targets of a step: the field and where it leads."""
    for name in ("then", "yes", "no", "gave_up", "otherwise"):
        target = getattr(step, name, None)
        if isinstance(target, str):
            yield name, target


def led_past(flow: Flow, name: str, instead: str) -> Flow:
    """The flow with every way to a step led on to another."""
    steps = {step.name: _renamed(step, name, instead) for step in flow.steps.values()}
    anywhere = {one.name: replace(one, go=_swap(one.go, name, instead)) for one in flow.anywhere.values()}
    slots = {slot.name: _slot_past(slot, name, instead) for slot in flow.slots.values()}
    return replace(
        flow,
        steps=steps,
        anywhere=anywhere,
        slots=slots,
        start=_swap(flow.start, name, instead),
        operator=_swap(flow.operator, name, instead),
    )


def _swap(target: str, name: str, instead: str) -> str:
    return instead if target == name else target


def _slot_past(slot: Slot, name: str, instead: str) -> Slot:
    limits = {
        key: replace(limit, then=instead)
        for key in ("min", "max")
        if (limit := getattr(slot, key)) is not None and limit.then == name
    }
    return replace(slot, **limits) if limits else slot


def _renamed(step: Step, name: str, instead: str) -> Step:
    changes: dict[str, Any] = {field: _swap(target, name, instead) for field, target in targets_of(step)}
    if hasattr(step, "on"):
        changes["on"] = {outcome: _swap(target, name, instead) for outcome, target in step.on.items()}
    if hasattr(step, "intents"):
        changes["intents"] = {key: replace(one, go=_swap(one.go, name, instead)) for key, one in step.intents.items()}
    if hasattr(step, "branches"):
        changes["branches"] = tuple(replace(one, go=_swap(one.go, name, instead)) for one in step.branches)
    if hasattr(step, "checks"):
        changes["checks"] = tuple(
            replace(one, on={key: _swap(target, name, instead) for key, target in one.on.items()})
            for one in step.checks
        )
    ladder = getattr(step, "ladder", None)
    if ladder is not None and ladder.then == name:
        changes["ladder"] = replace(ladder, then=instead)
    return replace(step, **changes)
