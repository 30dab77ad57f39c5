"""A flow compiled to a state machine of `transitions`: the one table that phone, simulator, picture and proofs share.

States are steps, and inside a form the asking, offering, choosing and checking (`booking/ask.day`). Triggers are what
callers mean and what tools answer. Conditions are compiled callables that look at the conversation; no text of an
author is ever resolved to code. `form`, `say` and `choose` states are passed through; all others wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, cast
from zoneinfo import ZoneInfo

from transitions import EventData, Machine

from engine.dialogue.reach import filling_order, onward_of, reach_of
from engine.errors import Position
from engine.flow.guards import View
from engine.flow.model import (
    AskStep,
    CallStep,
    Check,
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
    TransferStep,
)

Kind: TypeAlias = Literal[
    "say", "notice", "listen", "ask", "consent", "form", "slot", "offer", "pick", "verify", "limit", "check",
    "choose_slot", "confirm", "which", "call", "choose", "transfer", "message", "bye", "final",
]  # fmt: skip
KEPT_AFTER_BOOKING: tuple[str, ...] = ("person_name", "phone", "date_of_birth", "email", "postcode", "address")
"""Slot types that a second booking in the same call is offered again."""
PASSED: frozenset[Kind] = frozenset({"say", "notice", "form", "choose", "bye"})


class Mind(View, Protocol):
    """What the table's conditions ask of the conversation."""

    def in_form(self, name: str) -> bool: ...
    def is_home(self, name: str) -> bool: ...
    def must_pick(self, slot: str) -> bool: ...
    def is_beyond(self, slot: str) -> bool: ...
    def is_past(self, slot: tuple[str, Limit]) -> bool: ...
    def must_verify(self, slot: str) -> bool: ...
    def is_refused(self, slot: str) -> bool: ...
    def is_offered(self, slot: str) -> bool: ...
    def is_unsettled(self, slot: str) -> bool: ...
    def is_due(self, check: Check) -> bool: ...


@dataclass(slots=True)
class Control:
    """The model that `transitions` moves: a position, and the conversation its conditions look at."""

    state: str
    mind: Mind


@dataclass(frozen=True, slots=True)
class Node:
    """What a state of the machine is for."""

    name: str
    kind: Kind
    step: Step
    slot: str | None = None
    check: Check | None = None

    @property
    def owner(self) -> str:
        """Whose ladder and prompts are used here: the slot's, else the step's."""
        return self.slot or self.step.name


@dataclass(frozen=True)
class Compiled:
    """A flow ready to run. `reach` says which slots may be filled at a listen step, by intent; `order` has the slots so
    that each comes after those that it depends on. `onward` names the open questions that a consent leads to, whose
    answers a caller may give at once."""

    flow: Flow
    machine: Machine
    nodes: Mapping[str, Node]
    reach: Mapping[str, Mapping[str, tuple[str, ...]]]
    order: tuple[str, ...]
    onward: Mapping[str, tuple[str, ...]]
    result_types: Mapping[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The flow's time zone."""
        return ZoneInfo(self.flow.timezone)

    def fire(self, position: str, trigger: str, mind: Mind) -> str | None:
        """Where `trigger` leads from `position`; None when the table has no way on."""
        event = self.machine.events.get(trigger)
        if event is None or position not in event.transitions:
            return None
        control = Control(position, mind)
        return str(control.state) if event.trigger(control) else None


Condition: TypeAlias = Callable[[EventData], bool]


def _mind(event: EventData) -> Mind:
    return cast(Control, event.model).mind


@dataclass(frozen=True)
class Looks:
    """The condition `Mind.<question>(about)`; proofs read both parts."""

    question: str
    about: Any
    __name__: str

    def __call__(self, event: EventData) -> bool:
        return bool(getattr(_mind(event), self.question)(self.about))


@dataclass(frozen=True)
class Guard:
    """A condition that an author wrote."""

    when: Any
    __name__: str

    def __call__(self, event: EventData) -> bool:
        return bool(self.when.holds(_mind(event)))


def _of(question: str, about: Any) -> Condition:
    return Looks(question, about, f"{question} {getattr(about, 'call', about)}")


def _guard(when: Any) -> Condition:
    return Guard(when, when.text)


@dataclass
class _Table:
    """Nodes and transitions while they are collected."""

    flow: Flow
    nodes: dict[str, Node] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def node(self, name: str, kind: Kind, step: Step, slot: str | None = None, check: Check | None = None) -> str:
        self.nodes[name] = Node(name, kind, step, slot, check)
        return name

    def row(self, trigger: str, source: str, dest: str, *conditions: Condition) -> None:
        row: dict[str, Any] = {"trigger": trigger, "source": source, "dest": dest}
        if conditions:
            row["conditions"] = list(conditions)
        self.rows.append(row)


def compile_flow(flow: Flow) -> Compiled:
    """Compiles a flow that the loader accepted."""
    table = _Table(flow)
    for step in flow.steps.values():
        _add_step(table, step)
    end = HangupStep("end", Position(flow.path))
    hangup = HangupStep("hangup", Position(flow.path))
    bye = HangupStep("engine.bye", Position(flow.path))
    table.node("end", "final", end)
    table.node("hangup", "final", hangup)
    table.node("engine.bye", "bye", bye)
    table.row("next", "engine.bye", "hangup")
    _add_globals(table)
    machine = Machine(
        model=None,
        states=list(table.nodes),
        transitions=table.rows,
        initial=flow.start,
        auto_transitions=False,
        send_event=True,
        ignore_invalid_triggers=True,
    )
    types = {
        name: kind for tool in flow.tools.values() for values in tool.outcomes.values() for name, kind in values.items()
    }
    reach = {step.name: reach_of(flow, step) for step in flow.steps.values() if isinstance(step, ListenStep)}
    return Compiled(flow, machine, table.nodes, reach, filling_order(flow), onward_of(flow), types)


def _add_step(table: _Table, step: Step) -> None:  # noqa: C901 - one row per kind of step
    name = step.name
    match step:
        case SayStep() | NoticeStep():
            table.node(name, "say" if isinstance(step, SayStep) else "notice", step)
            table.row("next", name, step.then)
        case ListenStep():
            table.node(name, "listen", step)
            for intent in step.intents.values():
                table.row(f"want.{intent.name}", name, intent.go)
        case AskStep() | ConsentStep():
            table.node(name, "ask" if isinstance(step, AskStep) else "consent", step)
            table.row("yes", name, step.yes)
            table.row("no", name, step.no)
        case FormStep():
            _add_form(table, step, name, step.slots, step.checks, step.then)
        case ChooseSlotStep():
            table.node(name, "choose_slot", step, slot=step.slot)
            table.row("answered", name, step.then)
        case ConfirmStep():
            _add_confirm(table, step)
        case CallStep():
            table.node(name, "call", step)
            _add_outcomes(table, name, step.on)
        case ChooseStep():
            table.node(name, "choose", step)
            for branch in step.branches:
                table.row("next", name, branch.go, _guard(branch.when))
            table.row("next", name, step.otherwise)
        case TransferStep():
            table.node(name, "transfer", step)
            _add_outcomes(table, name, step.on)
        case MessageStep():
            table.node(name, "message", step)
            table.row("recorded", name, step.then)
        case HangupStep():
            table.node(name, "say", step)
            table.row("next", name, "hangup")


def _add_outcomes(table: _Table, source: str, on: Mapping[str, str]) -> None:
    for outcome, target in on.items():
        table.row(f"outcome.{outcome}", source, target)


def _add_form(
    table: _Table, step: Step, form: str, slots: Sequence[str], checks: Sequence[Check], then: str
) -> None:
    """The order of these rows is the order in which a form decides what comes next."""
    table.node(form, "form", step)
    for kind, word, condition, possible in _ATTENTION:
        for slot in slots:
            if possible(table.flow.slots[slot]):
                place = table.node(f"{form}/{word}.{slot}", kind, step, slot)
                table.row("next", form, place, _of(condition, slot))
                table.row("answered", place, form)
    for slot in slots:
        for limit in (table.flow.slots[slot].min, table.flow.slots[slot].max):
            if limit is not None and limit.then:
                table.row("beyond", f"{form}/limit.{slot}", limit.then, _of("is_past", (slot, limit)))
    for number, check in enumerate(checks, 1):
        place = table.node(f"{form}/check.{number}", "check", step, check=check)
        table.row("next", form, place, _of("is_due", check))
        _add_outcomes(table, place, {name: form if go == "go_on" else go for name, go in check.on.items()})
    for slot in slots:
        if _may_offer(table.flow.slots[slot]):
            offer = table.node(f"{form}/offer.{slot}", "offer", step, slot)
            table.row("next", form, offer, _of("is_offered", slot))
            table.row("answered", offer, form)
        table.row("next", form, f"{form}/ask.{slot}", _of("is_unsettled", slot))
    table.row("next", form, then)


def _has_way_past(slot: Slot) -> bool:
    return any(limit is not None and limit.then for limit in (slot.min, slot.max))


def _may_offer(slot: Slot) -> bool:
    return slot.offer is not None or slot.type in KEPT_AFTER_BOOKING


_ATTENTION: tuple[tuple[Kind, str, str, Callable[[Slot], bool]], ...] = (
    ("slot", "ask", "is_refused", lambda slot: True),
    ("pick", "pick", "must_pick", lambda slot: slot.type != "yes_no"),
    ("limit", "limit", "is_beyond", _has_way_past),
    ("verify", "verify", "must_verify", lambda slot: slot.confirm in ("explicit", "when_unsure")),
)
"""What a slot may need before the form goes on: its state's kind and name, the condition, and for which slots."""


def _add_confirm(table: _Table, step: ConfirmStep) -> None:
    name = step.name
    table.node(name, "confirm", step)
    table.node(f"{name}/which", "which", step)
    table.row("yes", name, step.yes)
    table.row("no", name, f"{name}/which")
    owners = [
        form.name
        for form in table.flow.steps.values()
        if isinstance(form, FormStep) and set(step.slots) <= set(form.slots)
    ]
    beside = [owner for owner in owners if owner.rpartition(".")[0] == name.rpartition(".")[0]]
    owners = beside or owners
    for source in (name, f"{name}/which"):
        for owner in owners:
            table.row("corrected", source, owner, _of("in_form", owner))
        if owners:
            table.row("corrected", source, owners[0])
        else:
            table.row("corrected", source, f"{name}/fix")
    if not owners:
        _add_form(table, step, f"{name}/fix", step.slots, (), name)


def ladder_exit(flow: Flow, node: Node) -> str:
    """Where a ladder leads that has no rung left at this place."""
    if isinstance(node.step, ConfirmStep):
        return node.step.gave_up
    if isinstance(node.step, ConsentStep):
        return node.step.no
    ladder = getattr(node.step, "ladder", None)
    own = flow.slots[node.slot].ladder.then if node.slot else None
    return own or (ladder.then if ladder else None) or flow.repair.ladder.then or flow.operator


def _add_globals(table: _Table) -> None:
    """What a caller may want at any waiting state, and the way out of every ladder."""
    flow = table.flow
    homes = [step.name for step in flow.steps.values() if isinstance(step, ListenStep)]
    for node in list(table.nodes.values()):
        if node.kind in PASSED or node.kind == "final":
            continue
        table.row("gave_up", node.name, ladder_exit(flow, node))
        table.row("operator", node.name, flow.operator)
        table.row("goodbye", node.name, "engine.bye")
        for intent in flow.anywhere.values():
            table.row(f"anywhere.{intent.name}", node.name, intent.go)
        for home in homes:
            table.row("home", node.name, home, _of("is_home", home))
        table.row("home", node.name, flow.start)
