"""Every branch and every wording can be come to: a real call comes there, or a proof says that none can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from engine.acts import Ask
from engine.check.data import Sight, candidates, takers
from engine.check.explore import Space, explore
from engine.check.guessing import may_hold
from engine.check.marking import Arm, marked
from engine.check.moves import Course
from engine.check.nearness import Nearness
from engine.check.promises import Fault
from engine.check.replay import FEW_STEPS, MOST_STEPS, Patience, Scene, Trial, play, scene, search
from engine.check.slices import ResultSlice, SlotSlice
from engine.check.speech import said_at
from engine.check.values import Samples
from engine.dialogue.draft import Draft
from engine.dialogue.limits import leads_to, refusal
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import new_state
from engine.effects import Listen, Say
from engine.events import Heard
from engine.flow.model import Flow

MOST_TRIES: Final = 20_000
"""Steps of calls that are tried for all arms of a flow together: some seconds."""
_MOMENTS = 2
_VALUES = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one arm: `alive` with the call that came there, dead for certain, or neither after `tries`."""

    arm: Arm
    alive: Trial | None = None
    dead: bool = False
    tries: int = 0


class Arms:
    """The arms of one flow, with the marked copy that they are looked for in."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        copy, self.arms = marked(flow)
        self.course = Course(compile_flow(copy)) if self.arms else None
        self._near: Nearness | None = None
        self._scenes: dict[tuple[object, ...], Scene] = {}
        self._heard: dict[str, Trial] = {}
        """Marks that were come by on the way to others."""
        self._patience = Patience(MOST_TRIES)
        self._spaces: dict[str, Space] = {}

    @property
    def states(self) -> int:
        """States of the machine that calls were led by; those of the table where there was nothing to look for."""
        return len(self.near.space.came) if self.arms else len(self.flow.steps)

    def judge(self) -> Iterator[Judged]:
        for arm in self.arms:
            if arm.owner in self.flow.steps and not self._reached(arm.owner):
                continue  # nobody comes to the whole step, which a rule says
            here = takers(self.flow, arm.rows)[arm.number]
            if here == []:
                yield Judged(arm, dead=True)
                continue
            before = self._patience.left
            alive = self._heard.get(arm.mark) or self._look(arm, here or [])
            yield Judged(arm, alive, alive is None and self._closed(arm), before - self._patience.left)

    @property
    def course_(self) -> Course:
        assert self.course is not None
        return self.course

    @property
    def near(self) -> Nearness:
        if self._near is None:
            self._near = Nearness(self.course_)
        return self._near

    def _reached(self, step: str) -> bool:
        nodes = self.course_.nodes
        return any(nodes[position].step.name == step for position, _, _ in self.near.space.came)

    def _positions(self, arm: Arm) -> frozenset[str]:
        """Where an arm can be heard or taken."""
        nodes = self.course_.nodes
        if not arm.prompt:
            return frozenset({f"{arm.owner}{arm.mark}"})
        return frozenset(
            name for name in nodes if any(prompt.id == arm.prompt for prompt in said_at(self.course_, name))
        )

    def _look(self, arm: Arm, sights: list[Sight]) -> Trial | None:
        far = self.near.to(self._positions(arm))
        names = frozenset(name for test in arm.rows.tests if test is not None for name in test.names)
        focus = frozenset(names | {arm.owner}) & frozenset(self.flow.slots)

        def left(trial: Trial) -> int | None:
            self._listen(trial)
            if arm.mark in self._heard:
                return 0
            there = far(trial.state)
            return None if there is None else there + 1 + 2 * max(0, arm.after - trial.state.said.get(arm.prompt, 0))

        for sight in sights[:_MOMENTS]:
            where = self._scene(sight, focus)
            if arm.owner in self.flow.answers:
                self._ask(where, arm)
            else:
                most = MOST_STEPS if 2 * self._patience.left > MOST_TRIES else FEW_STEPS
                search(where, left, focus, most, self._patience)
            if arm.mark in self._heard:
                return self._heard[arm.mark]
        return None

    def _listen(self, trial: Trial) -> None:
        for effect in trial.effects:
            if isinstance(effect, Say):
                for arm in self.arms:
                    if any(arm.mark in prompt.text for prompt in effect.prompts):
                        self._heard.setdefault(arm.mark, trial)

    def _ask(self, where: Scene, arm: Arm) -> None:
        """The same question again and again, at the first chance."""
        trial = search(where, lambda one: 0 if isinstance(one.state.waiting, Listen) else 1, frozenset())
        for _ in range(arm.after + 1):
            if trial is None or not isinstance(trial.state.waiting, Listen):
                return
            trial = play(where, trial, Heard(trial.state.waiting.turn, "", (Ask(arm.owner),)))
            self._listen(trial)

    def _scene(self, sight: Sight, focus: frozenset[str]) -> Scene:
        """A moment, with values that conditions tell apart among those that callers say and tools bring."""
        given = tuple(sorted((name, str(value)) for name, value in sight.values.items()))
        key = (sight.now, given)
        if key not in self._scenes:
            plain = scene(self.course_.compiled, sight.now)
            results = {
                name: value
                for name, value in sight.values.items()
                if value is not None and name in self.course_.compiled.result_types
            }
            caller = plain.caller if sight.values.get("caller", True) is not None else None
            values = {**plain.values, **{name: self._samples(plain, name, sight) for name in focus}}
            self._scenes[key] = replace(plain, values=values, results=results, caller=caller)
        return self._scenes[key]

    def _samples(self, where: Scene, name: str, sight: Sight) -> Samples:
        """The usual values of a slot, after those that a condition tells apart and its limits let stand."""
        slot, usual = self.flow.slots[name], where.values[name]
        draft = Draft(where.compiled, new_state(where.compiled, "total"), where.now)
        first = [sight.values[name]] if sight.values.get(name) is not None else []
        tried = dict.fromkeys((*first, *candidates(self.flow, name), *usual.good))
        past = [value for value in tried if leads_to(slot, value)]
        good = [value for value in tried if value not in past and refusal(draft, slot, value) is None]
        return Samples(tuple(good[:_VALUES]), usual.bad, tuple(past[:2]) or usual.past)

    def _closed(self, arm: Arm) -> bool:
        """Whether a proof says that no call comes to an arm: no way leads there, or never with its values."""
        positions = self._positions(arm)
        if not any(key[0] in positions for key in self.near.space.came):
            return True
        known = {*self.flow.slots, *self.course_.compiled.result_types}
        names = known & {name for test in arm.rows.tests if test is not None for name in test.names}
        return any(not self._met(name, positions, arm) for name in sorted(names))

    def _space(self, name: str) -> Space:
        """Everything that a proof comes to about a slot or a result; walked once."""
        if name not in self._spaces:
            slot = self.course_.flow.slots.get(name)
            cut = ResultSlice(self.course_, name) if slot is None else SlotSlice(self.course_, slot)
            self._spaces[name] = explore(self.course_, cut)
        return self._spaces[name]

    def _met(self, name: str, positions: frozenset[str], arm: Arm) -> bool:
        """Whether a slice comes to an arm with its condition not ruled out."""
        for position, _, known in self._space(name).came:
            if position in positions:
                valued = known if isinstance(known, bool) else getattr(known, "status", "v") in ("v", "c")
                given: Mapping[str, bool] = {name: bool(valued)}
                first = arm.rows.tests[: arm.number] if arm.prompt and not arm.after else ()
                taken = any(test is not None and may_hold(test, given) for test in first)
                if not taken and (arm.when is None or may_hold(arm.when, given) is not False):
                    return True
        return False


def name_of(arm: Arm) -> str:
    """The branch or wording in words."""
    last = arm.number == len(arm.rows.tests) - 1 and arm.when is None
    what = f"`{arm.when.text}`" if arm.when is not None else "when nothing else holds"
    if arm.part and arm.when is not None:
        what = f"part {arm.part} of `{arm.when.text}`"
    if arm.after:
        what = f"the {arm.after + 1}. time" if arm.when is None else f"{what} the {arm.after + 1}. time"
    if not arm.prompt:
        kind = "the `else`" if last else f"the branch for {what}"
        return f"{kind} of `{arm.owner}`"
    return f"the wording for {what} of `{arm.prompt}`"


def words_of(judged: Judged) -> str:
    """What is wrong with an arm that no call came to: only a dead one is said to be dead."""
    arm, name = judged.arm, name_of(judged.arm)
    if judged.dead:
        return f"no caller can {'hear' if arm.prompt else 'get to'} {name}"
    if judged.tries:
        return f"{name} was not reached in {judged.tries} tries; it may be dead"
    return f"{name} was not looked for: the search of this flow ends after {MOST_TRIES} tries; it may be dead"


def faults(arms: Arms) -> Iterator[tuple[Fault, bool]]:
    """Arms that nobody can come to for certain (True), and those of which it is not known."""
    for judged in arms.judge():
        if judged.alive is None:
            arm = judged.arm
            subject = f"wording {arm.prompt} {arm.source}" if arm.prompt else f"choose {arm.source}"
            yield Fault("total", arm.owner, subject, words_of(judged)), judged.dead
