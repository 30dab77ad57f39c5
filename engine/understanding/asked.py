"""What would be expected after a question named by a slot or a step: for trying the understanding outside a call."""

from __future__ import annotations

from engine.effects import Expecting
from engine.flow.model import (
    AskStep,
    ChooseSlotStep,
    ConfirmStep,
    ConsentStep,
    Flow,
    FormStep,
    ListenStep,
    Step,
)


def expecting_of(flow: Flow, asked: str) -> Expecting | None:
    """As the dialogue waits after asking for the slot `asked`, or at the step `asked`; None when there is neither."""
    if asked in flow.slots:
        return _after_slot(flow, asked, "")
    step = flow.steps.get(asked)
    return _at_step(flow, step) if step else None


def _after_slot(flow: Flow, name: str, step: str) -> Expecting:
    slot = flow.slots[name]
    others = (other for other in flow.slots if other != name and not flow.slots[other].only_when_asked)
    return Expecting(
        step=step,
        kind="slot",
        asked=name,
        open=(name, *others),
        yes_no=slot.type == "yes_no" or slot.optional,
        intents=(*_intents(flow), *flow.anywhere),
    )


def _intents(flow: Flow) -> tuple[str, ...]:
    listens = (step for step in flow.steps.values() if isinstance(step, ListenStep))
    return tuple(dict.fromkeys(name for step in listens for name in step.intents))


def _at_step(flow: Flow, step: Step) -> Expecting | None:
    slots = tuple(name for name, slot in flow.slots.items() if not slot.only_when_asked)
    anywhere = tuple(flow.anywhere)
    match step:
        case ListenStep():
            return Expecting(step.name, "intent", open=slots, intents=(*step.intents, *anywhere))
        case AskStep():
            return Expecting(step.name, "yes_no", open=slots, yes_no=True, intents=anywhere)
        case ConsentStep():
            return Expecting(step.name, "yes_no", open=slots, yes_no=True, intents=(*_intents(flow), *anywhere))
        case ConfirmStep():
            return Expecting(step.name, "yes_no", open=step.slots, yes_no=True, intents=anywhere)
        case FormStep():
            return _after_slot(flow, step.slots[0], step.name)
        case ChooseSlotStep():
            return _after_slot(flow, step.slot, step.name)
        case _:
            return None
