"""Callers who try a flow out, at random or stubbornly, and the promises that they see broken.

They know nothing of the proofs: what they see broken is broken, and a proof that says otherwise is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from engine.acts import Global, Want
from engine.check.moves import Course
from engine.check.replay import Scene, Trial, begin, events, play
from engine.check.showing import scenes
from engine.dialogue.machine import Compiled, compile_flow
from engine.effects import Act, Listen, LookUp, Record, Transfer
from engine.events import Event, Heard, Recorded, Transferred
from engine.flow.model import TRANSFER_OUTCOMES

ROUNDS: Final = 60
"""Events after which a caller who gets nowhere has been trapped."""
_CURIOUS: Final = 4
_ENDLESS: Final = 1_000_000


@dataclass
class Probe:
    """What callers saw of one flow: each broken promise with the first conversation that broke it."""

    compiled: Compiled
    broken: dict[str, Trial] = field(default_factory=dict)
    visits: Counter[str] = field(default_factory=Counter)

    def been(self, trial: Trial) -> int:
        """How often callers have been where a conversation now is."""
        return self.visits[trial.state.position]

    def see(self, trial: Trial) -> Trial:
        for found in trial.broken:
            self.broken.setdefault(found.promise, trial)
        return trial


def probe(compiled: Compiled, calls: int, seed: int = 0) -> Probe:
    """Makes so many calls of each kind of caller. The same seed makes the same calls."""
    found = Probe(compiled)
    flow = compiled.flow
    patient = compile_flow(replace(flow, repair=replace(flow.repair, failures=_ENDLESS, turns=_ENDLESS)))
    usual, lifted = scenes(Course(compiled)), scenes(Course(patient))
    for number in range(calls):
        chance = Random(seed * 1_000_003 + number)
        for where in usual:
            trial = wander(found, where, chance, chance.randint(0, 25))
            _insist(found, where, chance, trial)
            _leave(found, where, chance, trial)
            _cry(found, where, chance, trial)
        for where in lifted:
            _fail(found, where, chance, wander(found, where, chance, chance.randint(0, 12)))
    return found


def wander(found: Probe, where: Scene, chance: Random, steps: int) -> Trial:
    """A curious caller: goes where few have been, and seldom away."""
    trial = found.see(begin(where))
    focus = frozenset(where.compiled.flow.slots)
    for _ in range(steps):
        possible = list(events(where, trial.state, focus))
        if trial.state.ended or not possible:
            break
        tried = [play(where, trial, event) for event in chance.sample(possible, min(_CURIOUS, len(possible)))]
        trial = found.see(min(tried, key=lambda one: (_is_away(one) and chance.random() < 0.9, found.been(one))))
        found.visits[trial.state.position] += 1
    return trial


def _is_away(trial: Trial) -> bool:
    """Whether the caller is gone, or with a person."""
    return trial.state.ended or isinstance(trial.state.waiting, Transfer | Record)


def _go(where: Scene, chance: Random, trial: Trial, acts: Callable[[Listen], Heard]) -> Event | None:
    """What comes next for a caller who always says the same, while nobody ever answers the telephone."""
    match trial.state.waiting:
        case Listen() as listen:
            return acts(listen)
        case Transfer(act):
            return Transferred(act, chance.choice([name for name in TRANSFER_OUTCOMES if name != "connected"]))
        case Record(act):
            return Recorded(act, "message.wav", 2.0)
        case Act() | LookUp():
            possible: list[Event] = list(events(where, trial.state, frozenset()))
            return chance.choice(possible)
    return None


def _run(found: Probe, where: Scene, chance: Random, trial: Trial, acts: Callable[[Listen], Heard]) -> Iterator[Trial]:
    for _ in range(ROUNDS):
        event = None if trial.state.ended else _go(where, chance, trial, acts)
        if event is None:
            return
        trial = found.see(play(where, trial, event))
        yield trial


def _says(name: str) -> Callable[[Listen], Heard]:
    return lambda listen: Heard(listen.turn, "", (Global("operator" if name == "operator" else "goodbye"),))


def _insist(found: Probe, where: Scene, chance: Random, trial: Trial) -> None:
    """Says "operator" until somebody answers or a message is taken."""
    if not isinstance(trial.state.waiting, Listen):
        return
    rang, last = False, trial
    for one in _run(found, where, chance, trial, _says("operator")):
        last = one
        rang = rang or isinstance(one.state.waiting, Transfer)
        if isinstance(one.state.waiting, Record):
            return
    if last.state.ended or not rang:
        found.broken.setdefault("human", last)


def _leave(found: Probe, where: Scene, chance: Random, trial: Trial) -> None:
    """Says goodbye whenever we listen."""
    last = trial
    for one in _run(found, where, chance, trial, _says("goodbye")):
        last = one
    if not last.state.ended:
        found.broken.setdefault("ends", last)


def _cry(found: Probe, where: Scene, chance: Random, trial: Trial) -> None:
    """Says something urgent, and nothing more."""
    for intent in where.compiled.flow.anywhere.values():
        if not intent.urgent or not isinstance(trial.state.waiting, Listen):
            continue
        said = found.see(play(where, trial, Heard(trial.state.waiting.turn, "", (Want(intent.name),))))
        for one in (said, *_run(found, where, chance, said, lambda listen: Heard(listen.turn, ""))):
            if one.state.ended and one.memory.urgent:
                found.broken.setdefault("human", one)
            if isinstance(one.state.waiting, Listen):
                break


def _fail(found: Probe, where: Scene, chance: Random, trial: Trial) -> None:
    """Is never understood; the limits of the whole call are lifted."""
    if not isinstance(trial.state.waiting, Listen):
        return
    failed, last = 0, trial
    for one in _run(found, where, chance, trial, lambda listen: Heard(listen.turn, "")):
        last = one
        failed += isinstance(one.event, Heard)
        if isinstance(one.state.waiting, Transfer | Record):
            return
    if not last.state.ended and failed > ROUNDS // 3:
        found.broken.setdefault("bounded", last)
