"""Many random callers at once: what they meet, and the shortest conversation that breaks a promise, should one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from random import Random
from typing import Any, Final

from engine.acts import Global
from engine.check.replay import Scene, Trial, begin, play
from engine.coverage.watch import Watch
from engine.effects import Act, Listen, Record, Transfer
from engine.events import Event, Heard
from engine.simulate.callers import USUAL, Caller, Habits
from engine.simulate.composing import bound, plain
from engine.simulate.exploring import places
from engine.simulate.promises import TRAPPED, Violation, Witness
from engine.simulate.relations import RELATIONS, holds
from engine.simulate.sayings import Sayings
from engine.simulate.stage import Stage, load_stage
from engine.simulate.writing import write
from engine.talk import model

MOST_EVENTS: Final = 60
"""Events after which a caller wants to go."""
_WAYS_OUT: Final = 12
"""Events within which a caller who says goodbye at every turn must be let go."""
_CHUNK: Final = 200
_RELATED: Final = 25
"""Every so-manieth caller also tries whether a relation holds."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that a random conversation broke, with the events that did it."""

    seed: int
    number: int
    violation: Violation
    scene: int
    events: tuple[Event, ...] = field(repr=False)


@dataclass
class Tally:
    """What many conversations came to."""

    calls: int = 0
    turns: int = 0
    booked: int = 0
    helped: int = 0
    """Calls that came to a person or a message."""
    related: int = 0
    """Relations that were tried out."""
    broken: list[Broken] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.calls += other.calls
        self.turns += other.turns
        self.booked += other.booked
        self.helped += other.helped
        self.related += other.related
        self.broken += other.broken


    def __str__(self) -> str:
        return (
            f"{self.calls} random calls with {self.turns} turns, of which {self.booked} booked and {self.helped} came "
            f"to a person or a message; {self.related} of them said in another way as well"
        )

    def to_json(self) -> dict[str, Any]:
        """The numbers, and what was broken, as JSON data."""
        broken = [
            {"promise": one.violation.promise, "message": one.violation.words, "seed": one.seed, "call": one.number}
            for one in self.broken
        ]
        numbers = {"calls": self.calls, "turns": self.turns, "booked": self.booked, "helped": self.helped}
        return {**numbers, "related": self.related, "broken": broken}


@lru_cache(maxsize=8)
def _ground(flow: Path) -> tuple[Stage, tuple[Scene, ...]]:
    """A flow with the moments at which it is called, walked without notes of its ways."""
    stage = load_stage(flow)
    watch = Watch(stage.compiled)
    return stage, tuple(replace(where, compiled=watch.compiled) for where in places(stage, Sayings(stage)))


def crowd(flow: Path, calls: int, seed: int, habits: Habits = USUAL, jobs: int | None = None) -> Iterator[Tally]:
    """So many random calls, told in portions. The same seed makes the same calls, in however many processes."""
    starts = range(0, calls, _CHUNK)
    one = partial(_portion, flow, calls, seed, habits)
    workers = jobs or max(1, min(os.cpu_count() or 1, calls // (4 * _CHUNK)))
    if workers == 1:
        yield from map(one, starts)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(one, starts)


def _portion(flow: Path, calls: int, seed: int, habits: Habits, start: int) -> Tally:
    _, scenes = _ground(flow)
    tally = Tally()
    for number in range(start, min(start + _CHUNK, calls)):
        chance = Random(seed * 1_000_003 + number)
        scene = 0 if chance.random() < 0.8 else len(scenes) - 1
        where = replace(scenes[scene], caller=scenes[scene].caller if chance.random() < 0.8 else None)
        events, found = call(where, Caller(where, chance, habits))
        last = events[-1]
        tally.calls += 1
        tally.turns += last.state.turns
        tally.booked += last.state.instance > 1
        tally.helped += any(isinstance(one.state.waiting, Transfer | Record) for one in last.trail())
        tally.broken += [Broken(seed, number, one, scene, _events(last)) for one in found[:1]]
        if number % _RELATED == 0:
            relation = RELATIONS[number // _RELATED % len(RELATIONS)]
            tally.related += 1
            told = holds(where, relation, chance)
            tally.broken += [Broken(seed, number, told.violation, scene, told.events)] if told is not None else []
    return tally


def _events(trial: Trial) -> tuple[Event, ...]:
    return tuple(one.event for one in trial.trail()[1:] if one.event is not None)


def call(where: Scene, caller: Caller) -> tuple[list[Trial], list[Violation]]:
    """One call from its start to its end, and the promises that it broke."""
    witness = Witness(where.compiled)
    trials = [begin(where)]
    found = witness.see(trials[-1], caller.wants)
    while not trials[-1].state.ended and len(trials) < MOST_EVENTS and not found:
        event = caller.next(trials[-1].state)
        if event is None:
            found.append(Violation("awake", f"nothing is waited for at `{trials[-1].state.position}`"))
            break
        found += _step(where, trials, event, witness, caller)
    if not found:
        found += leave(where, trials, witness)
    return trials, found


def _step(where: Scene, trials: list[Trial], event: Event, witness: Witness, caller: Caller) -> list[Violation]:
    try:
        trials.append(play(where, trials[-1], event))
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        last = replace(trials[-1], before=trials[-1], event=event)
        trials.append(last)
        return [Violation("crash", f"{type(error).__name__}: {error}")]
    return witness.see(trials[-1], caller.wants)


def leave(where: Scene, trials: list[Trial], witness: Witness) -> list[Violation]:
    """The caller says goodbye at every turn: the call must end soon."""
    for _ in range(_WAYS_OUT):
        state = trials[-1].state
        if state.ended:
            return []
        event = plain(where, state)
        if isinstance(state.waiting, Listen):
            event = Heard(state.waiting.turn, "", (Global("goodbye"),))
        if event is None:
            break
        trials.append(play(where, trials[-1], event))
        found = witness.see(trials[-1])
        if found:
            return found
    if trials[-1].state.ended:
        return []
    return [Violation(TRAPPED, f"a caller who says goodbye is still held at `{trials[-1].state.position}`")]


# what broke, made small


def distinct(broken: Sequence[Broken]) -> list[Broken]:
    """The first conversation of each promise that was broken."""
    found: dict[tuple[str, str], Broken] = {}
    for one in broken:
        found.setdefault((one.violation.promise, one.violation.tool), one)
    return list(found.values())


def again(where: Scene, events: Sequence[Event]) -> tuple[list[Trial], list[Violation]]:
    """A conversation played again from its events: those that answer nothing are left out, and tools that are not told
    answer as they do first."""
    witness = Witness(where.compiled)
    trials = [begin(where)]
    found = witness.see(trials[-1])
    for event in events[1:]:
        while not found and isinstance(trials[-1].state.waiting, Act | Transfer | Record):
            if bound(event, trials[-1].state) is not None:
                break
            usual = plain(where, trials[-1].state)
            assert usual is not None
            trials.append(play(where, trials[-1], usual))
            found += witness.see(trials[-1])
        answer = bound(event, trials[-1].state)
        if found or trials[-1].state.ended:
            break
        if answer is not None:
            trials.append(play(where, trials[-1], answer))
            found += witness.see(trials[-1])
    return trials, found


def shrink(events: Sequence[Event], fails: Callable[[Sequence[Event]], bool]) -> list[Event]:
    """A part of the events that still fails, of which no event, and no act of an event, can be left out."""
    kept = list(events)
    size = max(1, len(kept) // 2)
    while size:
        start = 1
        while start < len(kept):
            less = kept[:start] + kept[start + size :]
            if fails(less):
                kept = less
            else:
                start += size
        size //= 2
    for number, event in enumerate(kept):
        while isinstance(event, Heard) and len(event.acts) > 1:
            fewer = (replace(event, acts=event.acts[:i] + event.acts[i + 1 :]) for i in range(len(event.acts)))
            smaller = next((one for one in fewer if fails([*kept[:number], one, *kept[number + 1 :]])), None)
            if smaller is None:
                break
            kept[number] = event = smaller
    return kept


def told(flow: Path, broken: Broken) -> str:
    """The smallest conversation that breaks the promise, as a talk that fails when it is run."""
    stage, scenes = _ground(flow)
    where = scenes[broken.scene]

    def fails(events: Sequence[Event]) -> bool:
        return any(one.promise == broken.violation.promise for one in again(where, events)[1])

    events = shrink(broken.events, fails) if fails(broken.events) else list(broken.events)
    trials, _ = again(where, events)
    tool = broken.violation.tool
    expected: model.Expect = model.ExpectCalls(tool, 0) if tool in stage.flow.tools else model.ExpectEnd()
    count = Counter(one.state.waiting.tool for one in trials if isinstance(one.state.waiting, Act))
    if tool in count and count[tool] > 1:
        expected = model.ExpectCalls(tool, count[tool] - 1)
    notes = [broken.violation.words, f"seed {broken.seed}, call {broken.number}"]
    return write(stage, Sayings(stage), where, trials[-1], notes, (expected,))
