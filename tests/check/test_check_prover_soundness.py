"""Real conversations are conversations of the abstract machine: every state they come to, and every step they take.

Whatever the proofs say of the abstract machine then holds of the real one, in shipped flows, in those of other tests,
and in flows made up by chance, most of which break some promise.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from adversary import next_event
from following import Follower, followers
from hypothesis import given, settings
from hypothesis import strategies as st
from made import made
from told import fails_as_told

from engine.check.moves import HEARS, Course
from engine.check.prover import Proofs, prove
from engine.check.replay import Trial, scene
from engine.check.watch import Memory, witness
from engine.dialogue.machine import Compiled, compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Record, Transfer
from engine.events import CallStarted
from engine.flow.loader import load_flow
from engine.shipped import find_flow, shipped_flows
from engine.simulate.probe import Probe, wander

MOMENTS = [datetime(2026, 10, 1, 12, 0), datetime(2026, 10, 1, 23, 30), datetime(2026, 10, 5, 9, 0)]
TESTS = Path(__file__).parents[1]
OTHERS = ("flow/cases/language_example", "dialogue/cases/rules", "dialogue/cases/many", "simulate/cases/bistro")
SEEDS = range(10)


@cache
def course_of(name: str) -> Course:
    return Course(compile_flow(load_flow(find_flow(name) if name in shipped_flows() else TESTS / name)))


@cache
def following(name: str) -> tuple[Follower, ...]:
    return followers(course_of(name))


class Shadow:
    """What each slice takes for possible while a conversation goes on."""

    def __init__(self, all_of_them: tuple[Follower, ...], state: State) -> None:
        self.possible = {one: one.start(state) for one in all_of_them}

    def lost(self, state: State) -> list[str]:
        """Follows one more step; names the slices that know of no such step, or of no such state."""
        for one, keys in self.possible.items():
            self.possible[one] = one.follow(keys, state)
        return [one.name for one, keys in self.possible.items() if not keys or not keys <= one.explored]


def ends_call(state: State) -> bool:
    """Whether a conversation is over or with a person, so that little more can happen."""
    return state.ended or isinstance(state.waiting, (Transfer, Record))


@pytest.mark.parametrize("name", [*shipped_flows(), *OTHERS])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_step_of_a_call_is_one_of_the_machine(name: str, data: st.DataObject) -> None:
    course = course_of(name)
    now = moment(course.compiled, data.draw(st.integers(0, 2)))
    tried = scene(course.compiled, now)
    memory = Memory()
    caller = data.draw(st.sampled_from([None, "+441632960123"]))
    before = new_state(course.compiled, "call")
    state, effects = step(course.compiled, before, CallStarted(caller, None, data.draw(st.booleans())), now)
    shadow = Shadow(following(name), state)
    for _ in range(data.draw(st.integers(5, 40))):
        before, event = state, next_event(data.draw, tried, state, now)
        state, effects = step(course.compiled, before, event, now)
        while ends_call(state) and data.draw(st.integers(0, 9)) and before.waiting is not None:
            event = next_event(data.draw, tried, before, now)
            state, effects = step(course.compiled, before, event, now)
        memory, broken = witness(course.compiled, memory, before, event, state, effects)
        assert not shadow.lost(state), f"{before.position} on {event} to {state.position}"
        assert not broken
        if state.ended:
            break
        now += timedelta(seconds=3)


def assert_followed(all_of_them: tuple[Follower, ...], trial: Trial) -> None:
    """Every step of a conversation, from its start."""
    first, *rest = trial.trail()[1:]
    shadow = Shadow(all_of_them, first.state)
    for one in rest:
        assert not shadow.lost(one.state), f"{one.event} to {one.state.position}"


@pytest.mark.parametrize("name", shipped_flows())
def test_curious_callers_stay_inside(name: str) -> None:
    course = course_of(name)
    seen = Probe(course.compiled)
    scenes = [scene(course.compiled, moment(course.compiled, number)) for number in range(len(MOMENTS))]
    for number in range(60):
        trial = wander(seen, scenes[number % len(scenes)], Random(number), 40)
        assert_followed(following(name), trial)
    assert not seen.broken
    asked = {node.name for node in course.nodes.values() if node.kind in HEARS | {"check", "call"}}
    assert len(asked & set(seen.visits)) > 0.7 * len(asked), "these callers see too little to be worth asking"


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_made_up_by_chance(seed: int, tmp_path: Path) -> None:
    """What callers see broken was said, what was said is shown, and every step is one that the proofs know."""
    flow = made(seed, tmp_path).flow
    assert flow is not None
    compiled = compile_flow(flow)
    proofs = prove(compiled, lambda: 0.0)
    all_of_them = followers(Course(compiled))
    seen = Probe(compiled)
    for number in range(8):
        where = scene(compiled, moment(compiled, number))
        assert_followed(all_of_them, wander(seen, where, Random(number), 25))
    said = {suspect.fault.promise for suspect in proofs.suspects}
    assert set(seen.broken) <= said, f"callers saw {set(seen.broken) - said} broken"
    assert shown(proofs, compiled) or not proofs.failed & {"confirmed", "once", "fresh", "bounded", "human", "ends"}


def shown(proofs: Proofs, compiled: Compiled) -> int:
    """How many counterexamples there are; each must fail when it is played."""
    talks = [suspect.talk for suspect in proofs.suspects if suspect.talk is not None]
    for talk in talks:
        fails_as_told(compiled.flow, talk)
    return len(talks)


def moment(compiled: Compiled, number: int) -> datetime:
    """One of a few moments of different opening hours."""
    return MOMENTS[number % len(MOMENTS)].replace(tzinfo=ZoneInfo(compiled.flow.timezone))
