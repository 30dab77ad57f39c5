"""What lies ahead in a flow: the slots that may be filled at an open question, and the order of filling them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.flow.model import (
    AskStep,
    ChooseStep,
    ConsentStep,
    Flow,
    FormStep,
    ListenStep,
    NoticeStep,
    SayStep,
    Step,
)


def filling_order(flow: Flow) -> tuple[str, ...]:
    """Slots by how long the chain of those is that they depend on; a circle, which `check` refuses, counts as short."""
    depth: dict[str, int] = {}

    def measure(name: str, above: frozenset[str]) -> int:
        if name not in depth:
            others = [other for other in flow.slots[name].depends_on if other in flow.slots and other not in above]
            found = 1 + max((measure(other, above | {other}) for other in others), default=0)
            depth.setdefault(name, found)
        return depth[name]

    return tuple(sorted(flow.slots, key=lambda name: measure(name, frozenset({name}))))


def onward_of(flow: Flow) -> Mapping[str, tuple[str, ...]]:
    """The open questions that both ways of a consent come to, past what is only said."""
    found: dict[str, tuple[str, ...]] = {}
    for step in flow.steps.values():
        if isinstance(step, ConsentStep):
            names = (_past_words(flow, step.no), _past_words(flow, step.yes))
            found[step.name] = tuple(dict.fromkeys(name for name in names if name is not None))
    return found


def _past_words(flow: Flow, start: str) -> str | None:
    seen: set[str] = set()
    name = start
    while name not in seen:
        seen.add(name)
        step = flow.steps.get(name)
        if isinstance(step, ListenStep):
            return name
        if not isinstance(step, SayStep | NoticeStep):
            return None
        name = step.then
    return None


def reach_of(flow: Flow, listen: ListenStep) -> Mapping[str, tuple[str, ...]]:
    """The slots that may be filled at once with each intent: those of the first forms that it leads to."""
    return {name: _first_slots(flow, intent.go) for name, intent in listen.intents.items()}


def _first_slots(flow: Flow, start: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    seen: set[str] = set()
    queue = [start]
    while queue:
        name = queue.pop(0)
        step = flow.steps.get(name)
        if step is None or name in seen:
            continue
        seen.add(name)
        if isinstance(step, FormStep):
            found.update(dict.fromkeys(slot for slot in step.slots if not flow.slots[slot].only_when_asked))
        else:
            queue.extend(_passes_to(step))
    return tuple(found)


def _passes_to(step: Step) -> Iterator[str]:
    match step:
        case SayStep() | NoticeStep():
            yield step.then
        case ChooseStep():
            yield from (branch.go for branch in step.branches)
            yield step.otherwise
        case AskStep():
            yield step.yes
        case _:
            return
