"""Random callers: each wants something, answers as people do, and is misheard now and then. A seed repeats them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from engine.acts import GLOBALS, Affirm, Ask, Deny, Exclude, Fill, Global, GlobalName, Want
from engine.acts import Act as CallerAct
from engine.check.replay import Scene, returned
from engine.dialogue.state import State
from engine.effects import Act, Listen, LookUp, Record, Transfer
from engine.events import Event, Heard, HungUp, Recorded, Silence, Transferred
from engine.flow.model import TRANSFER_OUTCOMES, ConfirmStep, ListenStep
from engine.simulate.exploring import UNSURE, odd_values

_BOTHERS: Final[tuple[GlobalName, ...]] = ("help", "repeat", "slower", "hold_on", "back")


@dataclass(frozen=True, slots=True)
class Habits:
    """How often (0 to 1) a turn goes in each of these ways; the rest are plain answers."""

    errors: float = 0.1
    """The recogniser hears another value, only half, or nothing."""
    mistakes: float = 0.05
    """The caller says a value that cannot be had."""
    corrections: float = 0.05
    digressions: float = 0.1
    silence: float = 0.04
    noise: float = 0.04
    """Words that mean nothing here."""
    turns_away: float = 0.02
    """Wants a person, something else, or to start over."""
    hang_up: float = 0.01
    trouble: float = 0.15
    """A tool or a person answers otherwise than first."""


USUAL: Final = Habits()
HONEST: Final = Habits(0, 0, 0, 0, 0, 0, 0, 0, 0)
"""Plain answers only, always understood."""


@dataclass
class Caller:
    """One caller. They know the values that they want, listen to what is read back, and say yes to nothing else."""

    where: Scene
    chance: Random
    habits: Habits = USUAL
    wants: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, values in self.where.values.items():
            if values.good and name not in self.wants:
                self.wants[name] = self.chance.choice(values.good)

    def next(self, state: State) -> Event | None:
        """What happens next; None where nothing is waited for."""
        waiting = state.waiting
        match waiting:
            case Listen():
                return self._answer(state, waiting)
            case Act() | LookUp():
                outcomes = self.where.compiled.flow.tools[waiting.tool].all_outcomes
                return returned(self.where, waiting, self._first(outcomes))
            case Transfer():
                return Transferred(waiting.act, self._first(TRANSFER_OUTCOMES))
            case Record():
                return Recorded(waiting.act, "message.wav", self.chance.choice((2.0, 2.0, 0.0)))
        return None

    def _first(self, outcomes: Sequence[str]) -> str:
        return self.chance.choice(outcomes) if self._happens(self.habits.trouble) else outcomes[0]

    def _happens(self, rate: float) -> bool:
        return self.chance.random() < rate

    def _answer(self, state: State, listen: Listen) -> Event:
        habits = self.habits
        if self._happens(habits.hang_up):
            return HungUp()
        if self._happens(habits.silence):
            return Silence(listen.turn)
        if self._happens(habits.noise):
            return Heard(listen.turn, "", ())
        acts = self._meant(state, listen)
        if self._happens(habits.errors):
            acts = self._misheard(state, listen, acts)
        return Heard(listen.turn, "", acts)

    def _meant(self, state: State, listen: Listen) -> tuple[CallerAct, ...]:
        habits, flow = self.habits, self.where.compiled.flow
        if self._happens(habits.turns_away):
            away: list[CallerAct] = [Global(self.chance.choice(GLOBALS)), *(Want(name) for name in flow.anywhere)]
            return (self.chance.choice(away),)
        if self._happens(habits.digressions):
            asks: list[CallerAct] = [*(Ask(name) for name in flow.answers), *(Global(name) for name in _BOTHERS)]
            return (self.chance.choice(asks),)
        if self._happens(habits.corrections) and listen.expecting.open:
            return self._changed(listen)
        return self._plain(state, listen)

    def _changed(self, listen: Listen) -> tuple[CallerAct, ...]:
        """Says something again, perhaps with another value: a change of mind."""
        name = self.chance.choice(listen.expecting.open)
        good = self.where.values[name].good
        if not good:
            return ()
        self.wants[name] = self.chance.choice(good)
        said = Fill(name, (self.wants[name],))
        return (Deny(), said) if listen.expecting.yes_no and self._happens(0.5) else (said,)

    def _plain(self, state: State, listen: Listen) -> tuple[CallerAct, ...]:
        expecting = listen.expecting
        step = self.where.compiled.flow.steps.get(expecting.step)
        if isinstance(step, ListenStep):
            return self._opening(listen)
        if isinstance(step, ConfirmStep):
            return self._echoed(state, listen, step)
        name = expecting.asked
        if name is None:
            return (self.chance.choice((Affirm(), Affirm(), Deny())),)
        if expecting.kind == "yes_no":
            right = state.slot(name).value == self.wants.get(name) or state.slot(name).status != "valid"
            return (Affirm(),) if right and self._happens(0.8) else self._values(expecting.open[:1])
        return self._slots(listen, name)

    def _opening(self, listen: Listen) -> tuple[CallerAct, ...]:
        """A wish, perhaps with some of the values at once."""
        step = self.where.compiled.flow.steps[listen.expecting.step]
        assert isinstance(step, ListenStep)
        wish = Want(self.chance.choice(list(step.intents)))
        reach = self.where.compiled.reach[step.name][wish.intent]
        told = self.chance.sample(reach, self.chance.randint(0, len(reach))) if self._happens(0.4) else ()
        return (wish, *self._values(told))

    def _echoed(self, state: State, listen: Listen, step: ConfirmStep) -> tuple[CallerAct, ...]:
        """Yes only to what is wanted; the first wrong value is corrected, or the caller just says no."""
        wrong = [name for name in step.slots if not self._right(state, name)]
        if listen.expecting.kind == "which":
            return (Want(wrong[0]),) if wrong else (self.chance.choice((Affirm(), Deny())),)
        if not wrong:
            return (Affirm(),)
        return (Deny(),) if self._happens(0.4) else (Deny(), *self._values(wrong[:1]))

    def _right(self, state: State, name: str) -> bool:
        slot = state.slot(name)
        if slot.value is None or slot.skipped:
            return self.where.compiled.flow.slots[name].optional
        if slot.value == state.caller:
            return True
        return slot.value == self.wants.get(name)

    def _slots(self, listen: Listen, name: str) -> tuple[CallerAct, ...]:
        slot = self.where.compiled.flow.slots[name]
        if listen.expecting.choices and slot.type != "choice":
            self.wants[name] = self.chance.choice(listen.expecting.choices)
        if slot.optional and self._happens(0.5):
            return (Deny(),)
        if self._happens(self.habits.mistakes):
            odd = [*odd_values(self.where, name), *self.where.values[name].past]
            return (Fill(name, (self.chance.choice(odd),)),) if odd else ()
        more = [other for other in listen.expecting.open if other != name]
        also = self.chance.sample(more, self.chance.randint(1, len(more))) if more and self._happens(0.25) else []
        return self._values([name, *also])

    def _values(self, names: Sequence[str]) -> tuple[CallerAct, ...]:
        return tuple(Fill(name, (self.wants[name],)) for name in names if name in self.wants)

    def _misheard(self, state: State, listen: Listen, acts: tuple[CallerAct, ...]) -> tuple[CallerAct, ...]:
        """What a recogniser makes of it: less, something unsure, or something else. A yes is never made up."""
        kept = [act for act in acts if self._happens(0.7)]
        return tuple(self._blurred(act) for act in kept)

    def _blurred(self, act: CallerAct) -> CallerAct:
        if not isinstance(act, Fill):
            return act
        good = self.where.values[act.slot].good
        way = self.chance.randrange(4)
        if way == 0 and good:
            return Fill(act.slot, (self.chance.choice(good),))
        if way == 1 and len(good) > 1:
            return Fill(act.slot, tuple(good))
        if way == 2:
            return Exclude(act.slot, act.candidates[0])
        return Fill(act.slot, act.candidates, confidence=UNSURE)
