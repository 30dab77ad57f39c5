"""Looks for a real conversation that shows a fault, led by how far a proof says it still is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Final, TypeAlias

from engine.acts import Act as CallerAct
from engine.acts import Affirm, Ask, Deny, Fill, Global, Want
from engine.check.values import Samples, brought, samples
from engine.check.watch import Broken, Memory, witness
from engine.check.words import prompts_of
from engine.dialogue.machine import Compiled
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Act, Effect, Listen, LookUp, Record, Transfer
from engine.events import CallStarted, Event, Heard, Recorded, Silence, ToolReturned, Transferred
from engine.flow.model import TRANSFER_OUTCOMES, Flow, FormStep, ListenStep

CALLER: Final = "+441632960123"
MOST_STEPS: Final = 3000
"""How long a fault is looked for before it counts as not proven."""
FEW_STEPS: Final = 500
"""The same for a further fault of the same promise, and in a flow whose forms cannot be filled."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Where conversations are tried out: a moment, and values that callers say."""

    compiled: Compiled
    now: datetime
    values: Mapping[str, Samples]
    results: Mapping[str, object] = field(default_factory=dict)
    """Values that tools bring, where they are not just any."""
    caller: str | None = CALLER
    tapers: int = 0
    """How often a prompt can be said before its words no longer change."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A real conversation so far. `before` and `event` say what came last."""

    state: State
    memory: Memory
    before: Trial | None = field(default=None, repr=False)
    event: Event | None = None
    broken: tuple[Broken, ...] = ()
    effects: tuple[Effect, ...] = field(default=(), repr=False)
    length: int = 0

    def trail(self) -> list[Trial]:
        """The conversation from its start."""
        found: list[Trial] = []
        one: Trial | None = self
        while one is not None:
            found.append(one)
            one = one.before
        return found[::-1]


@dataclass(slots=True)
class Patience:
    """How many steps several searches may still take together."""

    left: int


Far: TypeAlias = Callable[[Trial], int | None]
"""How far a conversation is from what is looked for: 0 when it is there, None when it cannot get there."""


def scene(compiled: Compiled, now: datetime) -> Scene:
    return Scene(compiled, now, samples(compiled, now), tapers=_tapers(compiled.flow))


def _tapers(flow: Flow) -> int:
    return max((variant.after for prompt in prompts_of(flow) for variant in prompt.variants), default=0)


def begin(where: Scene) -> Trial:
    """A call that has just been answered."""
    return play(where, Trial(new_state(where.compiled, "proof"), Memory()), CallStarted(where.caller))


def play(where: Scene, trial: Trial, event: Event) -> Trial:
    """The conversation after one more event."""
    state, effects = step(where.compiled, trial.state, event, where.now)
    memory, broken = witness(where.compiled, trial.memory, trial.state, event, state, effects)
    return Trial(state, memory, trial, event, broken, effects, trial.length + 1)


def search(
    where: Scene, far: Far, focus: frozenset[str], most: int = MOST_STEPS, patience: Patience | None = None
) -> Trial | None:
    """The shortest conversation that was found to get where `far` is 0, within `most` steps and what is left of
    `patience`. `focus` are the slots whose values it tries singly."""
    shared = patience or Patience(most)
    first = begin(where)
    number = count()
    queue: list[tuple[int, int, int, Trial]] = []
    seen: set[Hashable] = set()
    distance = far(first)
    if distance is None or distance == 0:
        return first if distance == 0 else None
    heappush(queue, (distance, 0, next(number), first))
    steps = 0
    while queue and steps < most and shared.left > 0:
        _, _, _, trial = heappop(queue)
        for event in events(where, trial.state, focus):
            steps += 1
            shared.left -= 1
            later = play(where, trial, event)
            mark = _mark(later, where.tapers)
            if mark in seen:
                continue
            seen.add(mark)
            left = far(later)
            if left == 0:
                return later
            if left is not None and not later.state.ended:
                cost = 2 * left + later.length - _settled(where, later.state, focus)
                heappush(queue, (cost, later.length, next(number), later))
    return None


def _settled(where: Scene, state: State, focus: frozenset[str]) -> int:
    """How many slots of the form are filled of those that a proof leaves open and so does not know to be in the way."""
    form = where.compiled.flow.steps.get(state.form or "")
    slots = form.slots if isinstance(form, FormStep) else ()
    return sum(state.slot(name).settled for name in slots if name not in focus)


def _mark(trial: Trial, tapers: int) -> Hashable:
    """What tells two conversations apart that may go on differently."""
    state, memory = trial.state, trial.memory
    slots = tuple(
        (name, slot.status, str(slot.value), slot.refused, slot.skipped, slot.verified, len(slot.candidates))
        for name, slot in sorted(state.slots.items())
    )
    current = tuple(
        (name, versions == tuple(state.slot(slot).version for slot in name.split()[1:]))
        for name, versions in sorted(state.checks.items())
    )
    told = tuple((name, str(values)) for name, values in sorted(memory.told.items()))
    return (
        (
            state.position,
            state.form,
            state.home,
            type(state.waiting).__name__,
            slots,
            current,
            frozenset(state.results),
        ),
        (tuple(sorted(state.counters.items())), frozenset(state.closed), state.declined_offers, state.failures),
        (memory.answer, memory.done, told, memory.urgent, bool(trial.broken)),
        tuple(sorted((name, min(count, tapers + 1)) for name, count in state.said.items())) if tapers else (),
    )


def events(where: Scene, state: State, focus: frozenset[str]) -> Iterator[Event]:
    """What may happen next; for a caller the plain answers first, silence and the globals last."""
    match state.waiting:
        case Listen():
            for acts in answers(where, state, state.waiting, focus):
                yield Heard(state.waiting.turn, "", acts)
            yield Silence(state.waiting.turn)
        case Act() | LookUp():
            for outcome in where.compiled.flow.tools[state.waiting.tool].all_outcomes:
                yield returned(where, state.waiting, outcome)
        case Transfer():
            for outcome in TRANSFER_OUTCOMES:
                yield Transferred(state.waiting.act, outcome)
        case Record():
            yield Recorded(state.waiting.act, "message.wav", 2.0)


def returned(where: Scene, waiting: Act | LookUp, outcome: str) -> ToolReturned:
    """An outcome of a tool with all that it declares to bring."""
    declared = where.compiled.flow.tools[waiting.tool].outcomes.get(outcome, {})
    values = {
        name: where.results[name] if name in where.results else brought(where.compiled, kind, where.values, where.now)
        for name, kind in declared.items()
    }
    return ToolReturned(waiting.act, outcome, values)


def answers(where: Scene, state: State, listen: Listen, focus: frozenset[str]) -> Iterator[tuple[CallerAct, ...]]:
    expecting = listen.expecting
    step_ = where.compiled.flow.steps.get(expecting.step)
    if isinstance(step_, ListenStep) or expecting.kind == "which":
        yield from ((Want(intent),) for intent in expecting.intents)
    else:
        yield from ((Want(intent),) for intent in where.compiled.flow.anywhere)
    if expecting.yes_no:
        yield from ((Affirm(),), (Deny(),))
    everything = tuple(
        Fill(name, where.values[name].good[:1])
        for name in expecting.open
        if where.values[name].good and not state.slot(name).settled
    )
    if everything and not isinstance(step_, ListenStep):
        yield everything
        others = tuple(act for act in everything if act.slot not in focus)
        if others and others != everything:
            yield others
    for name in expecting.open:
        if name in focus or name == expecting.asked:
            sample = where.values[name]
            yield from ((Fill(name, (value,)),) for value in (*sample.good, *sample.bad, *sample.past))
            if len(sample.good) > 1:
                yield (Fill(name, sample.good),)
    yield from ((Global("back"),), (Global("never_mind"),), (Global("operator"),), ())
    if where.tapers:
        yield from ((Ask(name),) for name in where.compiled.flow.answers)
