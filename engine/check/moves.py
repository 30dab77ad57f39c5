"""Everything that can happen at a state of the compiled machine, whoever calls and whatever tools answer.

This is the adversary of the proofs. A move is an event together with the row of the table that it fires and with what
it may do to slots and results; what the values are, and which slots the proof does not look at, stays open. The moves
are read from the same table that answers calls; a test replays conversations and looks for moves that are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

from engine.dialogue.machine import PASSED, Compiled, Guard, Kind, Looks, Node
from engine.flow.model import (
    TRANSFER_OUTCOMES,
    CallStep,
    ChooseSlotStep,
    ConfirmStep,
    FormStep,
    ListenStep,
    SayStep,
    Tool,
)

Effect: TypeAlias = Literal["nothing", "touch", "skip", "back", "clear", "leave", "confirm", "result", "commit"]
Holds: TypeAlias = Callable[[Looks | Guard], bool | None]
"""What a proof knows of a condition: None where it may be either."""

BYE: Final = "engine.bye"
HEARS: Final[frozenset[Kind]] = frozenset(
    {"listen", "ask", "consent", "slot", "offer", "pick", "verify", "limit", "choose_slot", "confirm", "which"}
)
"""States that wait for the caller."""
_VALUES: Final[frozenset[Kind]] = frozenset({"slot", "offer", "pick", "verify", "limit", "choose_slot"})


@dataclass(frozen=True, slots=True)
class Move:
    """`label` says what happened; `names` are the slots that `effect` is about. Without a trigger the call stays."""

    label: str
    trigger: str = ""
    effect: Effect = "nothing"
    names: tuple[str, ...] = ()
    slot: str = ""
    """The slot that is skipped."""
    tool: str = ""
    outcome: str = ""
    goto: str = ""
    answer: str = ""
    """`yes` or `no` to a question or to an echo."""
    counted: bool = False
    """It raises a counter of its own and so cannot happen for ever."""


class Where(NamedTuple):
    """The form that was worked on last, and the open question that was asked last."""

    form: str | None = None
    home: str | None = None


Plan: TypeAlias = tuple[tuple[Move, tuple[Move, ...]], ...]
"""Moves that do the same to what is known, behind one of them."""


@dataclass(frozen=True, slots=True)
class Row:
    dest: str
    conditions: tuple[Looks | Guard, ...]


class Course:
    """The moves of one compiled flow."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self.flow, self.nodes = compiled, compiled.flow, compiled.nodes
        self.rows: dict[tuple[str, str], tuple[Row, ...]] = {}
        for trigger, event in compiled.machine.events.items():
            for source, found in event.transitions.items():
                rows = tuple(Row(str(row.dest), tuple(cast(Any, one.func) for one in row.conditions)) for row in found)
                self.rows[trigger, source] = rows
        self._plans: dict[tuple[str, str | None], Plan] = {}

    def dests(self, trigger: str, source: str, holds: Holds) -> Iterator[str]:
        """Where a trigger can lead: the first row whose conditions hold, and every row that may be the first."""
        for row in self.rows.get((trigger, source), ()):
            known = [holds(condition) for condition in row.conditions]
            if False in known:
                continue
            yield row.dest
            if None not in known:
                return

    def plan(self, position: str, form: str | None) -> Plan:
        """All that can happen at a position, while `form` is the form that was worked on last."""
        key = (position, form)
        if key not in self._plans:
            groups: dict[tuple[str, ...], dict[tuple[str, str], Move]] = {}
            for move in self._all(self.nodes[position], form):
                same = (move.effect, *move.names, move.slot, move.tool, move.outcome, move.answer)
                groups.setdefault(same, {}).setdefault((move.trigger, move.goto), move)
            self._plans[key] = tuple((next(iter(g.values())), tuple(g.values())) for g in groups.values())
        return self._plans[key]

    def open_slots(self, node: Node, form: str | None) -> tuple[str, ...]:
        """Slots that an answer may fill here."""
        names: dict[str, None] = {node.slot: None} if node.slot else {}
        step, last = node.step, self.flow.steps.get(form or "")
        if isinstance(step, ListenStep):
            for slots in self.compiled.reach[step.name].values():
                names.update(dict.fromkeys(slots))
        else:
            if isinstance(step, ConfirmStep):
                names.update(dict.fromkeys(step.slots))
            if isinstance(last, FormStep) and isinstance(step, FormStep | ConfirmStep | ChooseSlotStep):
                names.update(dict.fromkeys(last.slots))
        return tuple(name for name in names if name == node.slot or not self.flow.slots[name].only_when_asked)

    def tool(self, node: Node) -> Tool | None:
        """The tool that a state calls."""
        call = node.check.call if node.check else node.step.call if isinstance(node.step, CallStep) else None
        return self.flow.tools[call] if call is not None and node.kind in ("check", "call") else None

    def begin(self) -> Where:
        """Where a call begins."""
        return self.moved(self.flow.start, Where())

    def moved(self, dest: str, where: Where) -> Where:
        """The form and the open question once the call has come to `dest`."""
        node = self.nodes[dest]
        if node.kind == "form" and isinstance(node.step, FormStep):
            return Where(node.step.name, where.home)
        return Where(where.form, node.name) if node.kind == "listen" else where

    def _all(self, node: Node, form: str | None) -> Iterator[Move]:
        if node.kind == "final":
            return
        if node.kind in PASSED:
            cleared = node.step.clear if isinstance(node.step, SayStep) and node.kind == "say" else ()
            yield Move("next", "next", "clear" if cleared else "nothing", cleared)
            return
        yield Move("too long", goto=BYE)
        if node.kind in ("check", "call"):
            yield from self._tool_moves(node)
        elif node.kind == "transfer":
            for outcome in TRANSFER_OUTCOMES:
                yield self._first_of(f"transfer {outcome}", node, f"outcome.{outcome}", "outcome.failed", goto=BYE)
        elif node.kind == "message":
            yield Move("recorded", "recorded")
            yield Move("operator", "operator")
        else:
            yield from self._caller_moves(node, form)

    def _first_of(self, label: str, node: Node, *triggers: str, goto: str) -> Move:
        for trigger in triggers:
            if (trigger, node.name) in self.rows:
                return Move(label, trigger, outcome=label.rpartition(" ")[2])
        return Move(label, goto=goto, outcome=label.rpartition(" ")[2])

    def _tool_moves(self, node: Node) -> Iterator[Move]:
        tool = self.tool(node)
        assert tool is not None
        success = next(iter(tool.outcomes), "")
        for outcome in tool.all_outcomes:
            effect: Effect = "commit" if tool.commits and outcome == success else "result"
            trigger = f"outcome.{outcome}" if (f"outcome.{outcome}", node.name) in self.rows else "outcome.failed"
            if (trigger, node.name) not in self.rows:
                trigger = "gave_up"
            goes_on = node.check is not None and node.check.on.get(outcome) == "go_on"
            counted = outcome != success if node.check is None else not goes_on
            ends = counted or goes_on
            yield Move(f"{tool.name} {outcome}", trigger, effect, (), "", tool.name, outcome, counted=ends)
            if counted:
                yield Move(f"{tool.name} {outcome} again", "gave_up", effect, (), "", tool.name, outcome)
        if tool.commits:
            yield Move("refused", "outcome.failed", counted=True)

    def _caller_moves(self, node: Node, form: str | None) -> Iterator[Move]:
        opened = self.open_slots(node, form)
        last = self.flow.steps.get(form or "")
        slots = last.slots if isinstance(last, FormStep) else ()
        yield from (Move("operator", "operator"), Move("goodbye", "goodbye"), Move("digression"))
        for intent in self.flow.anywhere:
            yield Move(f"want {intent}", f"anywhere.{intent}")
        yield Move("start over", "home", "leave", tuple(self.flow.slots))
        yield Move("never mind", "home", "leave", slots)
        if node.kind not in ("listen", "ask", "consent") and slots:
            trigger = "corrected" if ("corrected", node.name) in self.rows else "answered"
            yield Move("back", trigger, "back", slots)
        for trigger, goto in (("", ""), ("gave_up", ""), ("operator", ""), ("", BYE)):
            yield Move("trouble", trigger, goto=goto)
            if node.kind in _VALUES and (trigger or goto):
                yield Move("trouble", trigger, "touch", opened, goto=goto)
        yield from self._answers(node, opened)

    def _answers(self, node: Node, opened: tuple[str, ...]) -> Iterator[Move]:
        match node.kind:
            case "listen":
                for intent, reach in self.compiled.reach[node.step.name].items():
                    yield Move(f"want {intent}", f"want.{intent}", "touch", reach)
            case "ask" | "consent":
                plain = node.kind == "ask"
                yield Move("yes", "yes", answer="yes" if plain else "")
                yield Move("no", "no", answer="no" if plain else "")
            case "confirm":
                named = node.step.slots if isinstance(node.step, ConfirmStep) else ()
                yield Move("yes", "yes", "confirm", named, answer="yes")
                yield Move("no", "no", answer="no")
                yield from (Move("change", "corrected", "touch", opened), Move("change", "corrected"))
            case "which":
                yield from (Move("change", "corrected", "touch", opened), Move("change", "corrected"))
        if node.kind not in _VALUES:
            return
        yield from (Move("answer", "answered", "touch", opened), Move("answer", "answered"))
        if node.kind in ("slot", "pick") and node.slot and self.flow.slots[node.slot].optional:
            yield Move("skip", "answered", "skip", opened, node.slot)
        if node.kind == "limit":
            others = tuple(name for name in opened if name != node.slot)
            yield from (Move("beyond", "beyond", "touch", others), Move("beyond", "beyond"))
