"""Proofs that compare two runs: answers in any order, and a digression against nothing.

Two acts about slots that do not look at each other commute whatever else is true: the proof follows what each act looks
at and changes, in every state of its slot. Where two slots do look at each other, all states of both are tried with all
pairs of acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any, NamedTuple

from engine.acts import Act as CallerAct
from engine.acts import Ask, Exclude, Fill, Global
from engine.check.explore import Space
from engine.check.moves import HEARS, Where
from engine.check.promises import Fault
from engine.check.replay import Scene, returned
from engine.check.slices import SlotKnown
from engine.check.states import asked, at, fits, slot_states
from engine.dialogue.draft import Draft
from engine.dialogue.filling import fill_all
from engine.dialogue.machine import Node
from engine.dialogue.state import SlotState, State
from engine.dialogue.step import step
from engine.effects import Act, Listen, LookUp
from engine.events import Heard
from engine.flow.model import ChooseSlotStep, ConfirmStep, FormStep, Slot

DIGRESSIONS: tuple[CallerAct, ...] = (Global("help"), Global("repeat"), Global("slower"), Global("hold_on"))
_MOST_CALLS = 6


class _Watched(State):
    """A conversation that notes which slots are looked at."""

    def slot(self, name: str) -> SlotState:
        self.__dict__["looked"].add(name)
        return super().slot(name)


class Footprint(NamedTuple):
    """What all acts about one slot look at, and what they change."""

    looks: frozenset[str]
    changes: frozenset[str]

    def meets(self, other: Footprint) -> bool:
        """Whether one of the two can notice the other."""
        return bool(self.changes & (other.looks | other.changes) or other.changes & self.looks)


@dataclass(slots=True)
class Pairs:
    """The two proofs of one flow, with how many states and pairs they compared."""

    where: Scene
    space: Callable[[Slot], Space]
    states: int = 0
    pairs: int = 0
    _known: dict[str, tuple[SlotState, ...]] = field(default_factory=dict)
    _prints: dict[str, Footprint] = field(default_factory=dict)
    _done: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of slots that were compared: what is said of them in one form they are in every other."""

    # answers in any order

    def order(self) -> Iterator[Fault]:
        """Two acts about different slots of a form: one after the other, the other way round, or at once. Where one
        slot is looked at to judge the other, this holds of values that are taken."""
        for form in (s for s in self.where.compiled.flow.steps.values() if isinstance(s, FormStep)):
            slots = self.where.compiled.flow.slots
            names = [name for name in form.slots if self.where.values[name].good and not slots[name].only_when_asked]
            for one, other in combinations(names, 2):
                words = f"`{form.name}` ends differently when `{one}` and `{other}` are said in another order"
                if self._differs(form, one, other) or self._runs_differ(form, names, one, other):
                    yield Fault("order", form.name, one, words)

    def _differs(self, form: FormStep, one: str, other: str) -> bool:
        number = len(self.acts(one)) * len(self.acts(other)) * len(self.known(one)) * len(self.known(other))
        self.pairs += number
        if (one, other) in self._done or not self._footprint(form, one).meets(self._footprint(form, other)):
            return False
        self._done.add((one, other))
        valid = [self.acts(name)[: len(self.where.values[name].good[:2])] for name in (one, other)]
        for pair in product(self.known(one), self.known(other)):
            if not self._possible(one, other, pair):
                continue
            self.states += 1
            start = self._filled(form, {one: pair[0], other: pair[1]})
            for acts in product(*valid):
                ways = ([(acts[0],), (acts[1],)], [(acts[1],), (acts[0],)], [acts])
                if len({_picture(self._said(start, way, form)) for way in ways}) > 1:
                    return True
        return False

    def _possible(self, one: str, other: str, pair: tuple[SlotState, SlotState]) -> bool:
        """A slot is not settled while one that it depends on is not."""
        slots = self.where.compiled.flow.slots
        settled = {one: pair[0].settled, other: pair[1].settled}
        return all(
            not settled[name] or all(settled.get(needed, True) for needed in slots[name].depends_on) for name in settled
        )

    def acts(self, name: str) -> tuple[CallerAct, ...]:
        """What can be said about a slot: a value, another, several, one that is refused, one that is not wanted."""
        sample = self.where.values[name]
        single = (*sample.good[:2], *sample.bad[:1])
        several = (Fill(name, sample.good),) if len(sample.good) > 1 else ()
        return (*(Fill(name, (value,)) for value in single), *several, Exclude(name, sample.good[0]))

    def known(self, name: str) -> tuple[SlotState, ...]:
        """Every state that a call can come to with a slot."""
        if name not in self._known:
            sample = self.where.values[name]
            space = self.space(self.where.compiled.flow.slots[name])
            seen = dict.fromkeys(known for _, _, known in space.came if isinstance(known, SlotKnown))
            found = (one for known in seen for one in slot_states(known, sample.good, sample.bad))
            self._known[name] = tuple(dict.fromkeys(found))
        return self._known[name]

    def _footprint(self, form: FormStep, name: str) -> Footprint:
        if name not in self._prints:
            looks: set[str] = set()
            changes: set[str] = set()
            for known in self.known(name):
                self.states += 1
                for act in self.acts(name):
                    for others in (True, False):
                        before = self._filled(form, {name: known}, others)
                        after, seen = self._watched(before, (act,), form)
                        looks |= seen
                        changes |= {one for one in after.slots if after.slots[one] != before.slots.get(one)}
            self._prints[name] = Footprint(frozenset(looks), frozenset(changes))
        return self._prints[name]

    def _filled(self, form: FormStep, slots: dict[str, SlotState], others: bool = True) -> State:
        """A call in a form whose other slots are all filled, or all empty."""
        filled = {
            name: SlotState("valid", self.where.values[name].good[0], 1, verified=True)
            for name in self.where.compiled.order
            if others and name not in slots and self.where.values[name].good
        }
        return at(self.where, form.name, Where(form.name), {**filled, **slots})

    def _watched(self, state: State, acts: Sequence[CallerAct], form: FormStep) -> tuple[State, set[str]]:
        draft = Draft(self.where.compiled, state, self.where.now)
        watched = object.__new__(_Watched)
        watched.__dict__.update(draft.state.__dict__, looked=set())
        draft.state = watched
        fill_all(draft, acts, form.slots)
        return draft.state, watched.__dict__["looked"]

    def _said(self, state: State, turns: Sequence[Sequence[CallerAct]], form: FormStep) -> State:
        for acts in turns:
            draft = Draft(self.where.compiled, state, self.where.now)
            fill_all(draft, acts, form.slots)
            state = draft.state
        draft = Draft(self.where.compiled, state, self.where.now)
        draft.fire("next")
        return draft.state

    def _runs_differ(self, form: FormStep, names: Sequence[str], one: str, other: str) -> bool:
        """The same through the whole of the real step, with the other slots empty or filled, and with their tools."""
        first, second = (Fill(name, self.where.values[name].good[:1]) for name in (one, other))
        ways: list[list[tuple[CallerAct, ...]]] = [[(first,), (second,)], [(second,), (first,)], [(first, second)]]
        for filled in ((), tuple(name for name in names if name not in (one, other))):
            slots = {name: SlotState("valid", self.where.values[name].good[0], 1, verified=True) for name in filled}
            missing = next(name for name in form.slots if name not in filled)
            start, _ = asked(self.where, at(self.where, f"{form.name}/ask.{missing}", Where(form.name), slots))
            if len({_picture(self._run(start, way)) for way in ways}) > 1:
                return True
        return False

    def _run(self, state: State, turns: Sequence[tuple[CallerAct, ...]]) -> State:
        for acts in turns:
            state = self._through_tools(state)
            if isinstance(state.waiting, Listen):
                state, _ = step(self.where.compiled, state, Heard(state.waiting.turn, "", acts), self.where.now)
        return self._through_tools(state)

    def _through_tools(self, state: State) -> State:
        """Tools answer with their first outcome."""
        for _ in range(_MOST_CALLS):
            if not isinstance(state.waiting, Act | LookUp):
                break
            first = self.where.compiled.flow.tools[state.waiting.tool].all_outcomes[0]
            state, _ = step(self.where.compiled, state, returned(self.where, state.waiting, first), self.where.now)
        return state

    # a digression against nothing

    def clean(self) -> Iterator[Fault]:
        """A question of the caller's own, help, a repetition, a slower pace or a pause leave a conversation as it was,
        in every state that its question can be asked in; a slot that `back` opened again can be filled again."""
        answers = tuple(Ask(name) for name in self.where.compiled.flow.answers)
        for node in self.where.compiled.nodes.values():
            if node.kind not in HEARS:
                continue
            digressions = (*answers, *DIGRESSIONS)
            answers = answers[:1]
            for slots in self._states_of(node):
                form = node.step.name if isinstance(node.step, FormStep) else None
                before, _ = asked(self.where, at(self.where, node.name, Where(form), slots))
                self.states += 1
                for act in digressions:
                    word = act.name if isinstance(act, Global) else "a question"
                    if self._changed(before, act):
                        words = f"`{word}` at `{node.name}` changes more than what is said next"
                        yield Fault("clean", node.name, word, words)
                if node.kind == "slot" and isinstance(node.step, FormStep) and self._back_changes(before, node.step):
                    words = f"after `back` at `{node.name}` the same answer leads elsewhere"
                    yield Fault("clean", node.name, "back", words)

    def _changed(self, before: State, act: CallerAct) -> bool:
        if not isinstance(before.waiting, Listen):
            return False
        self.pairs += 1
        after, _ = step(self.where.compiled, before, Heard(before.waiting.turn, "", (act,)), self.where.now)
        return _rest(before) != _rest(after)

    def _back_changes(self, before: State, form: FormStep) -> bool:
        """Whether the slot that was filled last, opened again and filled with the same, is another conversation."""
        asked_for = before.waiting.expecting.asked if isinstance(before.waiting, Listen) else None
        good = {name: self.where.values[name].good[:1] for name in form.slots}
        slots = self.where.compiled.flow.slots
        open_ = (slots[name] for name in form.slots if name != asked_for and good[name])
        free = [slot.name for slot in open_ if not slot.only_when_asked and not slot.depends_on]
        if asked_for is None or not free:
            return False
        self.pairs += 1
        last = free[0]
        filled = {**before.slots, last: SlotState("valid", good[last][0], 1, verified=True)}
        place = Where(before.form, before.home)
        start, _ = asked(self.where, replace(at(self.where, before.position, place, filled), order=(last,)))
        after = self._run(start, [(Global("back"),), (Fill(last, good[last]),)])
        return _looks(after).get(last) != _looks(start).get(last)

    def _states_of(self, node: Node) -> Iterator[dict[str, SlotState]]:
        """The slots that a question is about, in every state that it can be asked in."""
        if isinstance(node.step, ConfirmStep) and node.kind in ("confirm", "which"):
            for status in ("valid", "confirmed"):
                good = {name: self.where.values[name].good[:1] for name in node.step.slots}
                yield {n: SlotState(status, values[0], 1) for n, values in good.items() if values}
        elif node.slot is None or isinstance(node.step, ChooseSlotStep):
            yield {}
        else:
            slot = self.where.compiled.flow.slots[node.slot]
            for known in self.known(node.slot):
                if fits(node.kind, known, slot.offer is not None) and (node.kind != "slot" or not known.settled):
                    yield {node.slot: known}


def _looks(state: State) -> dict[str, tuple[Any, ...]]:
    """What each slot holds, or what it waits with: not how often it changed, nor what it held before."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, one in state.slots.items():
        waits = tuple(map(str, one.candidates)) or ((str(one.value),) if one.value is not None else ())
        held = (one.status, str(one.value), one.beyond) if one.settled and not one.refused else ("open", waits)
        if held != ("open", ()) or one.refused or one.skipped:
            found[name] = (*held, one.refused, one.skipped)
    return found


def _picture(state: State) -> tuple[Any, ...]:
    return tuple(sorted(_looks(state).items())), state.position


def _rest(state: State) -> tuple[Any, ...]:
    """What a digression may not touch: slots, counters, and the pending question; a pause has a counter of its own."""
    waiting = state.waiting
    question = replace(waiting.expecting, noinput=0.0) if isinstance(waiting, Listen) else None
    counters = tuple(sorted((name, count) for name, count in state.counters.items() if not name.startswith("hold:")))
    return state.position, dict(state.slots), counters, state.failures, question, state.form, dict(state.results)
