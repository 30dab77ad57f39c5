"""The ways through a flow: which step can lead to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.flow.model import (
    AskStep,
    CallStep,
    ChooseSlotStep,
    ChooseStep,
    ConfirmStep,
    ConsentStep,
    Flow,
    FormStep,
    HangupStep,
    Limit,
    ListenStep,
    MessageStep,
    NoticeStep,
    SayStep,
    Slot,
    Step,
    Target,
    TransferStep,
)


def ways_out(flow: Flow, step: Step) -> frozenset[Target]:
    """Every step that this one can lead to by itself, `end` and `hangup` included."""
    return frozenset(target for target in _ways(flow, step) if target)


def _ways(flow: Flow, step: Step) -> Iterator[Target | None]:
    match step:
        case SayStep() | NoticeStep() | MessageStep():
            yield step.then
        case AskStep() | ConsentStep():
            yield from (step.yes, step.no)
        case ListenStep():
            yield from (intent.go for intent in step.intents.values())
        case FormStep():
            yield step.then
            yield from (target for check in step.checks for target in check.on.values() if target in flow.steps)
            yield from _ways_of_slots(flow, step.slots)
        case ChooseSlotStep():
            yield step.then
            yield from _ways_of_slots(flow, (step.slot,))
        case ConfirmStep():
            yield from (step.yes, step.gave_up)
            yield from _ways_of_slots(flow, step.slots)
        case CallStep() | TransferStep():
            yield from step.on.values()
        case ChooseStep():
            yield from (branch.go for branch in step.branches)
            yield step.otherwise
        case HangupStep():
            yield "hangup"
    ladder = getattr(step, "ladder", None)
    if ladder is not None:
        yield ladder.then


def _ways_of_slots(flow: Flow, names: Iterable[str]) -> Iterator[Target | None]:
    for slot in (flow.slots[name] for name in names if name in flow.slots):
        yield slot.ladder.then
        yield from (limit.then for limit in limits(slot))


def limits(slot: Slot) -> tuple[Limit, ...]:
    """The limits that a slot has."""
    return tuple(limit for limit in (slot.min, slot.max) if limit is not None)


def doors(flow: Flow) -> frozenset[Target]:
    """Where a call can be without having been led there by a step: the start, and what holds anywhere."""
    anywhere = (intent.go for intent in flow.anywhere.values())
    then = (flow.repair.ladder.then,) if flow.repair.ladder.then else ()
    return frozenset({flow.start, flow.operator, *anywhere, *then})


def reached(ways: Mapping[str, Iterable[str]], start: Iterable[str]) -> frozenset[str]:
    """Everything that can be reached from `start`, itself included."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(ways.get(name, ()))
    return frozenset(seen)


def all_ways(flow: Flow) -> dict[str, frozenset[Target]]:
    """The ways out of every step."""
    return {name: ways_out(flow, step) for name, step in flow.steps.items()}
