"""Watches conversations step by step and collects what they live through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from engine.acts import Ask
from engine.check.moves import HEARS
from engine.coverage.items import ANYWHERE, ELSEWHERE, WAY_OUT, Item, Rows, inventory, prompts_of, rows_of
from engine.dialogue.digression import first_global
from engine.dialogue.machine import Compiled, Guard, Looks, Mind
from engine.dialogue.state import State
from engine.effects import Effect, Say
from engine.events import CallStarted, Digits, Event, Heard
from engine.flow.model import FormStep, PromptText

_LADDERS: Final = ("nomatch", "noinput")


@dataclass(frozen=True, slots=True)
class Fired:
    """A way that a conversation took: the state, the trigger, the number of its row, and where it led."""

    source: str
    trigger: str
    row: int
    dest: str


@dataclass(frozen=True)
class Walked(Compiled):
    """A compiled flow that notes which ways are taken. It walks the machine's table itself, ten times as fast as the
    library does; a test holds the two against each other."""

    fired: list[Fired] = field(default_factory=list)
    table: Mapping[tuple[str, str], tuple[tuple[tuple[Looks | Guard, ...], str], ...]] = field(default_factory=dict)

    following: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Where each state can lead, leaving out what can be wished for anywhere."""

    def fire(self, position: str, trigger: str, mind: Mind) -> str | None:
        for number, (conditions, dest) in enumerate(self.table.get((position, trigger), ())):
            if all(_holds(condition, mind) for condition in conditions):
                self.fired.append(Fired(position, trigger, number, dest))
                return dest
        return None


def _holds(condition: Looks | Guard, mind: Mind) -> bool:
    if isinstance(condition, Guard):
        return bool(condition.when.holds(mind))
    return bool(getattr(mind, condition.question)(condition.about))


def walked(compiled: Compiled) -> Walked:
    """The same flow, with its ways noted."""
    table: dict[tuple[str, str], Any] = {}
    following: dict[str, set[str]] = {}
    for trigger, event in compiled.machine.events.items():
        for source, rows in event.transitions.items():
            table[source, trigger] = tuple(
                (tuple(condition.func for condition in row.conditions), str(row.dest)) for row in rows
            )
            if trigger.partition(".")[0] not in (*ELSEWHERE, ANYWHERE):
                following.setdefault(source, set()).update(str(row.dest) for row in rows)
    after = {source: frozenset(dests) for source, dests in following.items()}
    parts = {part.name: getattr(compiled, part.name) for part in fields(Compiled)}
    return Walked(**parts, table=table, following=after)


class Watch:
    """Collects what conversations live through. Run them with its `compiled`, and tell it of every step."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = walked(compiled)
        self.lived: set[Item] = set()
        self.possible = frozenset(inventory(compiled))
        self._rows: Rows = rows_of(compiled)
        self._wordings = {
            (item.place, prompt.variants[int(item.what) - 1].text): item
            for prompt in _varied(compiled)
            for item in (Item("wording", prompt.id, str(number + 1)) for number in range(len(prompt.variants)))
        }

    def begin(self) -> Watch:
        """Forgets what was lived through so far."""
        self.compiled.fired.clear()
        self.lived.clear()
        return self

    def see(self, before: State, event: Event, after: State, effects: Sequence[Effect]) -> frozenset[Item]:
        """What one step of a conversation has lived through."""
        fired = tuple(self.compiled.fired)
        self.compiled.fired.clear()
        found = self._ways(before, event, after, fired)
        found |= self._troubles(before, after, fired)
        found |= self._values(before, after)
        found |= self._said(before, event, after, fired, effects)
        found &= self.possible
        self.lived |= found
        return frozenset(found)

    def _ways(self, before: State, event: Event, after: State, fired: Sequence[Fired]) -> set[Item]:
        found = {Item("step", after.position.partition("/")[0])}
        if isinstance(event, CallStarted):
            found.add(Item("step", before.position))
        for one in fired:
            found.add(Item("step", one.dest.partition("/")[0]))
            item = self._rows[one.source, one.trigger][one.row]
            if item is not None:
                found.add(item)
        return found

    def _troubles(self, before: State, after: State, fired: Sequence[Fired]) -> set[Item]:
        found: set[Item] = set()
        for name, number in after.counters.items():
            ladder, _, owner = name.partition(":")
            if ladder in _LADDERS and number > before.counters.get(name, 0):
                found.add(Item("rung", owner, f"{ladder} {number}"))
        left = [self.compiled.nodes[one.source] for one in fired if one.trigger == "gave_up"]
        return found | {Item("rung", name, WAY_OUT) for node in left for name in (node.owner, node.step.name)}

    def _values(self, before: State, after: State) -> set[Item]:
        """Values that were refused, and values that were said again."""
        found: set[Item] = set()
        node = self.compiled.nodes[before.position]
        for name, slot in after.slots.items():
            old = before.slot(name)
            if slot.version == old.version:
                continue
            if slot.refused is not None:
                found.add(Item("rejection", name, slot.refused))
            held = old.status in ("valid", "confirmed") and old.value is not None
            again = slot.value is not None and slot.value != old.value and slot.refused is None
            at_form = isinstance(node.step, FormStep) and node.slot != name
            if held and again and node.kind in HEARS and (at_form or node.kind == "confirm"):
                found.add(Item("correction", node.step.name, name))
        return found

    def _said(
        self, before: State, event: Event, after: State, fired: Sequence[Fired], effects: Sequence[Effect]
    ) -> set[Item]:
        """What the caller wished or asked, and which of several wordings was heard."""
        step = self.compiled.nodes[before.position].step.name
        found: set[Item] = set()
        if isinstance(event, Heard):
            wish = first_global(event.acts)
            found |= {Item("global", step, wish)} if wish else set()
            found |= {Item("answer", act.answer) for act in event.acts if isinstance(act, Ask)}
        if isinstance(event, Digits) and event.keys == "*":
            found.add(Item("global", step, "repeat"))
        if isinstance(event, Heard | Digits):
            left = {one.trigger for one in fired if one.source == before.position}
            limit = after.failures > before.failures
            found |= {Item("global", step, name) for name in ("operator", "goodbye") if name in left and not limit}
        for effect in effects:
            if isinstance(effect, Say):
                prompts = ((prompt.id, prompt.text) for prompt in effect.prompts)
                found |= {self._wordings[said] for said in prompts if said in self._wordings}
        return found


def _varied(compiled: Compiled) -> list[PromptText]:
    """Prompts with several wordings."""
    return [prompt for prompt in prompts_of(compiled.flow) if len(prompt.variants) > 1]
