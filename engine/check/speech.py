"""What may be said at each state, and the values that it would need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.check.guessing import may_hold
from engine.check.moves import HEARS, Course
from engine.dialogue.draft import PLACEHOLDER
from engine.flow.model import (
    AskStep,
    ChooseSlotStep,
    ConfirmStep,
    ConsentStep,
    HangupStep,
    Ladder,
    ListenStep,
    MessageStep,
    NoticeStep,
    PromptText,
    SayStep,
    Step,
    TransferStep,
)


def said_at(course: Course, position: str) -> Iterator[PromptText]:
    """The author's prompts that can be said when a call is at `position`."""
    node = course.nodes[position]
    flow = course.flow
    if node.kind in ("slot", "offer", "pick", "verify", "limit") and node.slot:
        slot = flow.slots[node.slot]
        if node.kind == "slot":
            yield slot.ask
            yield from slot.reject.values()
        if slot.help is not None:
            yield slot.help
        yield from _rungs(slot.ladder)
    elif node.kind not in ("form", "check", "which", "final"):
        yield from step_prompts(node.step)
    if node.kind in HEARS:
        ladder = getattr(node.step, "ladder", None)
        if ladder is not None:
            yield from _rungs(ladder)
        yield from _rungs(flow.repair.ladder)
        yield from (answer.say for answer in flow.answers.values())


def step_prompts(step: Step) -> Iterator[PromptText]:
    """What a step itself says."""
    match step:
        case NoticeStep():
            yield step.notice
        case AskStep() | ConsentStep() | MessageStep():
            yield step.ask
        case SayStep() | ListenStep() | ChooseSlotStep():
            yield step.say
        case ConfirmStep() | TransferStep() | HangupStep() if step.say is not None:
            yield step.say


def _rungs(ladder: Ladder) -> tuple[PromptText, ...]:
    return (*ladder.nomatch, *ladder.noinput)


def missing(prompt: PromptText, known: Mapping[str, bool], spoken: frozenset[str]) -> str | None:
    """A name of `spoken`, which have nothing to say, that a wording of the prompt would say all the same; `known` says
    of names whether conditions see a value."""
    for variant in prompt.variants:
        holds = True if variant.when is None else may_hold(variant.when, known)
        if holds is False:
            continue
        holds = None if variant.after else holds
        for match in PLACEHOLDER.finditer(variant.text):
            if match[1] in spoken and not _given(prompt, match[1]):
                return match[1]
        if holds:
            return None
    return None


def _given(prompt: PromptText, name: str) -> bool:
    """Whether the engine itself gives this value to the prompt."""
    owner, _, rest = prompt.id.partition(".")
    return rest.startswith("reject") and name in (owner, "value", "step")
