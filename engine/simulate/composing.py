"""Puts few conversations together that live through everything: each goes to one thing that is left, and picks up on
its way, and after it, what else there is to be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engine.acts import Act as CallerAct
from engine.acts import Affirm, Ask, Deny, Fill, Global, Want
from engine.check.replay import Scene, Trial, begin, play, returned
from engine.coverage.items import WAY_OUT, Item
from engine.coverage.watch import Watch
from engine.dialogue.state import State
from engine.effects import Act, Listen, LookUp, Record, Transfer
from engine.events import CallStarted, Event, Heard, Recorded, Silence, ToolReturned, Transferred
from engine.flow.model import AskStep, ListenStep
from engine.simulate.exploring import Found, options, see

_DETOURS: Final = 2
"""Questions, pauses and failures that one visit to a question bears."""
_FAILURES: Final = 3
"""Failures that one conversation bears on its way."""
_ENOUGH: Final = 14
"""Turns of the caller after which a conversation comes to its end at the next occasion."""
_LONGEST: Final = 40
_STANDING: Final = ("help", "repeat", "slower", "hold_on")


@dataclass(frozen=True, slots=True)
class Composed:
    """A conversation and what it lives through. `target` is what it was made for."""

    where: Scene
    trial: Trial
    lived: frozenset[Item]
    target: Item


def compose(watch: Watch, found: Found, left: frozenset[Item]) -> Iterator[Composed]:
    """Conversations that live through all of `left` that was found; the deepest come first. Deterministic."""
    open_items = set(left) & set(found.ways)
    while open_items:
        target = max(open_items, key=lambda item: (found.at(item)[1].length, item))
        where, trial = found.at(target)
        made = _Composer(watch, where, open_items).make(target, trial)
        open_items -= made.lived
        open_items.discard(target)
        yield made


class _Composer:
    """One conversation in the making."""

    def __init__(self, watch: Watch, where: Scene, left: set[Item]) -> None:
        self.watch, self.where, self.left = watch, where, left
        self.trial: Trial
        self.lived: set[Item] = set()
        self.detours = 0

    def make(self, target: Item, way: Trial) -> Composed:
        for detours in (_DETOURS, 0):
            self.lived.clear()
            if self._walk(way, detours) and target in self.lived:
                break
        self._go_on()
        return Composed(self.where, self.trial, frozenset(self.lived), target)

    def _walk(self, way: Trial, detours: int) -> bool:
        """Goes the way again, with detours at its questions; False where that led elsewhere."""
        trail = way.trail()
        self.watch.begin()
        self._set(begin(self.where))
        for one in trail[2:]:
            assert one.event is not None
            if detours and self._calm():
                self._detour(detours, one.event)
            event = bound(one.event, self.trial.state)
            if event is None:
                return False
            self._set(play(self.where, self.trial, event))
            if self.trial.state.position != one.state.position:
                return False
        return True

    def _set(self, trial: Trial) -> None:
        self.trial = trial
        self.lived |= see(self.watch, trial)

    def _new(self, later: Trial) -> frozenset[Item]:
        """What is left that a step just played lived through."""
        return frozenset(see(self.watch, later) & self.left - self.lived)

    def _calm(self) -> bool:
        """Whether the caller may still fail without changing where the call goes."""
        return isinstance(self.trial.state.waiting, Listen)

    def _detour(self, most: int, ahead: Event) -> None:
        """Stays at a question for what can be had there; not where the way itself is about to fail."""
        fails = isinstance(ahead, Silence) or (isinstance(ahead, Heard) and not ahead.acts)
        for _ in range(most):
            best: tuple[int, Event] | None = None
            for event in options(self.where, self.trial.state):
                if not _stays(event) or (_failing(event) and (fails or self.trial.state.failures >= _FAILURES)):
                    continue
                later = play(self.where, self.trial, event)
                new = self._new(later)
                same = later.state.position == self.trial.state.position and not later.state.ended
                if new and same and (best is None or len(new) > best[0]):
                    best = (len(new), event)
            if best is None:
                return
            self._set(play(self.where, self.trial, best[1]))

    def _go_on(self) -> None:
        """Takes what is new at every turn, and otherwise gets on as a caller does; ends when there is enough."""
        for _ in range(_LONGEST):
            state = self.trial.state
            if state.ended or state.waiting is None:
                return
            event = self._best(state.turns >= _ENOUGH) or self._fork() or plain(self.where, state)
            if event is None:
                return
            self._set(play(self.where, self.trial, event))

    def _best(self, ending: bool) -> Event | None:
        """What shows most that is new; what ends the call only when it is time."""
        found: list[tuple[int, int, Event]] = []
        for number, event in enumerate(options(self.where, self.trial.state)):
            if _failing(event) and self.trial.state.failures >= _FAILURES and not ending:
                continue
            later = play(self.where, self.trial, event)
            new = self._new(later)
            leaves = later.state.ended or isinstance(later.state.waiting, Transfer) or _gives_up(new)
            if new and (ending or not leaves):
                found.append((len(new) + (5 if leaves else 0), -number, event))
        return max(found, key=lambda one: one[:2])[2] if found else None


    def _fork(self) -> Event | None:
        """At a menu or a yes or no question, the way behind which most is left; None where nothing is."""
        waiting = self.trial.state.waiting
        node = self.watch.compiled.nodes[self.trial.state.position]
        if not isinstance(waiting, Listen) or node.kind not in ("listen", "ask"):
            return None
        ways: list[tuple[str, CallerAct]] = [("yes", Affirm()), ("no", Deny())]
        if isinstance(node.step, ListenStep):
            ways = [(f"want.{name}", Want(name)) for name in node.step.intents]
        missing = Counter(item.place.partition("/")[0] for item in self.left - self.lived)
        best = max(ways, key=lambda way: sum(missing[step] for step in self._behind(node.name, way[0])))
        if not any(missing[step] for step in self._behind(node.name, best[0])):
            return None
        return Heard(waiting.turn, "", (best[1],))

    def _behind(self, position: str, trigger: str) -> frozenset[str]:
        """The steps that a way leads to before the call is back at this question."""
        seen = {position}
        waiting = [dest for _, dest in self.watch.compiled.table.get((position, trigger), ())]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += self.watch.compiled.following.get(here, ())
        return frozenset(name.partition("/")[0] for name in seen if name != position)


def _gives_up(items: frozenset[Item]) -> bool:
    return any(item.what == WAY_OUT for item in items)


def _stays(event: Event) -> bool:
    """Whether an answer leaves the call where it is."""
    if isinstance(event, Silence):
        return True
    if not isinstance(event, Heard):
        return False
    return all(isinstance(act, Ask) or (isinstance(act, Global) and act.name in _STANDING) for act in event.acts)


def _failing(event: Event) -> bool:
    return isinstance(event, Silence) or (isinstance(event, Heard) and not event.acts)


def bound(event: Event, state: State) -> Event | None:
    """The same event for the present turn of a conversation; None where it does not answer what is waited for."""
    waiting = state.waiting
    match event, waiting:
        case (Heard() | Silence()), Listen():
            return replace(event, turn=waiting.turn)
        case ToolReturned(), Act() | LookUp():
            return replace(event, act=waiting.act)
        case Transferred(), Transfer():
            return replace(event, act=waiting.act)
        case Recorded(), Record():
            return replace(event, act=waiting.act)
        case CallStarted(), None:
            return event
    return None


def plain(where: Scene, state: State) -> Event | None:
    """What a caller who knows what they want does next, and who wants nothing after a booking."""
    waiting = state.waiting
    match waiting:
        case Listen():
            return _answer(where, state, waiting)
        case Act() | LookUp():
            return returned(where, waiting, where.compiled.flow.tools[waiting.tool].all_outcomes[0])
        case Transfer():
            return Transferred(waiting.act, "connected")
        case Record():
            return Recorded(waiting.act, "message.wav", 2.0)
    return None


def _answer(where: Scene, state: State, listen: Listen) -> Event:
    expecting, node = listen.expecting, where.compiled.nodes[state.position]
    if expecting.kind in ("intent", "which"):
        return Heard(listen.turn, "", (Want(expecting.intents[0]),))
    if expecting.kind == "choice" and expecting.choices:
        return Heard(listen.turn, "", (Fill(expecting.asked or "", expecting.choices[:1]),))
    asked = expecting.asked
    if expecting.kind == "slot" and asked is not None and where.values[asked].good:
        return Heard(listen.turn, "", (Fill(asked, where.values[asked].good[:1]),))
    last = isinstance(node.step, AskStep) and state.instance > 1
    return Heard(listen.turn, "", (Deny() if last else Affirm(),))
