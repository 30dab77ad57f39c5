"""The things that a caller can live through, read from the compiled machine: what coverage counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

from engine.acts import GLOBALS
from engine.check.effect import reasons_of
from engine.check.moves import HEARS
from engine.dialogue.machine import Compiled, Node
from engine.dialogue.repair import ENGINE_RUNGS
from engine.flow.model import (
    CallStep,
    ConfirmStep,
    Flow,
    FormStep,
    Ladder,
    PromptText,
    TransferStep,
)

Kind: TypeAlias = Literal[
    "step", "transition", "rung", "outcome", "transfer", "rejection", "correction", "global", "answer", "wording"
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
WAY_OUT: Final = "way out"
ANYWHERE: Final = "anywhere"
"""Stands where the step of a transition stands, for what holds at every step."""
ELSEWHERE: Final = ("gave_up", "operator", "goodbye", "home")
"""Triggers of rungs and globals, which have items of their own."""


class Item(NamedTuple):
    """One thing to live through. `place` is a step, a state of the machine, a slot or a prompt; `what` is what happens
    there."""

    kind: Kind
    place: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" if self.what else self.place


def inventory(compiled: Compiled) -> tuple[Item, ...]:
    """Everything that there is to live through, each once, in the order of the flow."""
    found: dict[Item, None] = {}
    flow = compiled.flow
    found.update((Item("step", name), None) for name in flow.steps)
    found.update((item, None) for rows in rows_of(compiled).values() for item in rows if item is not None)
    for node in compiled.nodes.values():
        if node.kind in HEARS:
            found.update(dict.fromkeys(_rungs(flow, node)))
            found.update((Item("global", node.step.name, name), None) for name in GLOBALS)
    for slot in flow.slots.values():
        if any(isinstance(step, FormStep) and slot.name in step.slots for step in flow.steps.values()):
            found.update((Item("rejection", slot.name, reason), None) for reason in reasons_of(slot))
    found.update(dict.fromkeys(_corrections(flow)))
    found.update((Item("answer", name), None) for name in flow.answers)
    for prompt in prompts_of(flow):
        if len(prompt.variants) > 1:
            found.update((Item("wording", prompt.id, str(number + 1)), None) for number in range(len(prompt.variants)))
    return tuple(found)


Rows: TypeAlias = Mapping[tuple[str, str], tuple[Item | None, ...]]


def rows_of(compiled: Compiled) -> Rows:
    """The item of each row of the table, by state and trigger; None for the rows of ladders and globals."""
    return {
        (source, trigger): tuple(_row(compiled, source, trigger, row) for row in rows)
        for trigger, event in compiled.machine.events.items()
        for source, rows in event.transitions.items()
    }


def _row(compiled: Compiled, source: str, trigger: str, row: Any) -> Item | None:
    word, _, name = trigger.partition(".")
    if word in ELSEWHERE or source == "engine.bye":
        return None
    if word == ANYWHERE:
        return Item("transition", ANYWHERE, f"{name} → {row.dest}")
    step = compiled.nodes[source].step
    if word == "outcome":
        return Item("transfer" if isinstance(step, TransferStep) else "outcome", source, name)
    guard = " and ".join(condition.func.__name__ for condition in row.conditions)
    if compiled.nodes[source].kind == "choose":
        return Item("transition", source, f"if {guard} → {row.dest}" if guard else f"else → {row.dest}")
    shown = f"{name} → {row.dest}" if word == "want" else f"{word} → {row.dest}"
    return Item("transition", source, shown)


def _rungs(flow: Flow, node: Node) -> Iterator[Item]:
    """The rungs of both ladders at a state, and the way out above them: of the slot, and of the step."""
    slot = flow.slots.get(node.slot or "")
    ladders: list[Ladder] = [slot.ladder] if slot is not None else []
    own = getattr(node.step, "ladder", None)
    ladders += [own] if own is not None else []
    ladders.append(flow.repair.ladder)
    for trouble in ("nomatch", "noinput") if node.kind != "consent" else ():
        rungs = next((len(getattr(one, trouble)) for one in ladders if getattr(one, trouble)), ENGINE_RUNGS)
        yield from (Item("rung", node.owner, f"{trouble} {number}") for number in range(1, rungs + 1))
    yield from (Item("rung", name, WAY_OUT) for name in (node.owner, node.step.name))


def _corrections(flow: Flow) -> Iterator[Item]:
    """Slots that may be said again with another value: while a form asks for others, and at an echo."""
    for step in flow.steps.values():
        if isinstance(step, ConfirmStep) or (isinstance(step, FormStep) and len(step.slots) > 1):
            yield from (
                Item("correction", step.name, name) for name in step.slots if not flow.slots[name].only_when_asked
            )


def prompts_of(flow: Flow) -> Iterator[PromptText]:
    """Every prompt of the author's that a caller can hear."""
    for step in flow.steps.values():
        for name in ("say", "notice", "ask"):
            prompt = getattr(step, name, None)
            if isinstance(prompt, PromptText):
                yield prompt
    for slot in flow.slots.values():
        yield slot.ask
        yield from slot.reject.values()
    yield from (answer.say for answer in flow.answers.values())


def tool_at(compiled: Compiled, place: str) -> str:
    """The tool that a state of the machine calls, or nothing."""
    node = compiled.nodes.get(place)
    if node is None:
        return ""
    return node.check.call if node.check else node.step.call if isinstance(node.step, CallStep) else ""
