"""Real conversations never leave what the proofs explored, and every step they take is one that the proofs know."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest
from adversary import next_event
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check.control import ANYTHING
from engine.check.explore import Slice, explore
from engine.check.moves import HEARS, Course, Where
from engine.check.promises import slices_of
from engine.check.replay import scene
from engine.check.watch import Memory, witness
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Record, Transfer
from engine.events import CallStarted
from engine.flow.loader import load_flow
from engine.flow.shipped import find_flow, shipped_flows
from engine.simulate.probe import Probe, wander

MOMENTS = [datetime(2026, 10, 1, 12, 0), datetime(2026, 10, 1, 23, 30), datetime(2026, 10, 5, 9, 0)]


@cache
def explored(name: str) -> tuple[Course, tuple[tuple[str, Slice, frozenset[object]], ...]]:
    """The course of a flow, and of each of its slices what was seen of the states that it reached."""
    course = Course(compile_flow(load_flow(find_flow(name))))
    found = []
    for about, cut in [("the way", ANYTHING), *slices_of(course)]:
        seen = {(position, where, cut.seen(known)) for position, where, known in explore(course, cut).came}
        found.append((f"{type(cut).__name__} {about}", cut, frozenset(seen)))
    return course, tuple(found)


def outside(name: str, state: State) -> list[str]:
    """The slices in which a real state lies outside of everything that was explored."""
    where = Where(state.form, state.home)
    return [about for about, cut, seen in explored(name)[1] if (state.position, where, cut.of(state)) not in seen]


def ends_call(state: State) -> bool:
    """Whether a conversation is over or with a person, so that little more can happen."""
    return state.ended or isinstance(state.waiting, (Transfer, Record))


@pytest.mark.parametrize("name", shipped_flows())
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_real_conversations_stay_inside(name: str, data: st.DataObject) -> None:
    course, _ = explored(name)
    now = moment(course, data.draw(st.integers(0, 2)))
    tried = scene(course.compiled, now)
    state, memory = new_state(course.compiled, "call"), Memory()
    caller = data.draw(st.sampled_from([None, "+441632960123"]))
    event = CallStarted(caller, None, data.draw(st.sampled_from([True, True, False])))
    for _ in range(data.draw(st.integers(5, 40))):
        before = state
        state, effects = step(course.compiled, before, event, now)
        while ends_call(state) and data.draw(st.integers(0, 9)) and before.waiting is not None:
            event = next_event(data.draw, tried, before, now)
            state, effects = step(course.compiled, before, event, now)
        memory, broken = witness(course.compiled, memory, before, event, state, effects)
        assert not outside(name, state), f"{before.position} on {event} to {state.position}"
        assert not broken
        if state.ended:
            break
        now += timedelta(seconds=3)
        event = next_event(data.draw, tried, state, now)


@pytest.mark.parametrize("name", shipped_flows())
def test_curious_callers_stay_inside(name: str) -> None:
    course, _ = explored(name)
    seen = Probe(course.compiled)
    for number in range(150):
        trial = wander(seen, scene(course.compiled, moment(course, number)), Random(number), 40)
        for one in trial.trail()[1:]:
            assert not outside(name, one.state), f"{one.event} to {one.state.position}"
    assert not seen.broken
    asked = {node.name for node in course.nodes.values() if node.kind in HEARS | {"check", "call"}}
    assert len(asked & set(seen.visits)) > 0.7 * len(asked), "these callers see too little to be worth asking"


def moment(course: Course, number: int) -> datetime:
    """One of a few moments of different opening hours."""
    return MOMENTS[number % len(MOMENTS)].replace(tzinfo=ZoneInfo(course.flow.timezone))
