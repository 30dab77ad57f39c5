"""Random callers: seeds repeat them, honest ones get what they want, and what is broken is found and made small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acts import Affirm, Fill
from engine.check.moves import Course
from engine.check.replay import Scene, Trial, begin, play
from engine.check.showing import scenes
from engine.coverage.watch import walked
from engine.dialogue.machine import compile_flow
from engine.effects import Act
from engine.events import Event, Heard, Silence
from engine.flow.loader import load_flow
from engine.flow.model import Flow, FormStep
from engine.mutate.operators import mutants
from engine.shipped import find_flow, shipped_flows
from engine.simulate.callers import HONEST, USUAL, Caller
from engine.simulate.crowd import Tally, again, call, crowd, leave, shrink, told
from engine.simulate.promises import Witness
from engine.simulate.relations import RELATIONS, Plan, Relation, holds
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import load_stage
from engine.talk.reader import read_talk

BISTRO = Path(__file__).parent / "cases" / "bistro" / "flow.yaml"
FLOWS = (*shipped_flows(), str(BISTRO))
CALLS = 100


@cache
def flow_of(name: str) -> Flow:
    return load_flow(find_flow(name))


def scene_of(flow: Flow) -> Scene:
    compiled = compile_flow(flow)
    return replace(scenes(Course(compiled))[0], compiled=walked(compiled))


def tally(name: str, calls: int = CALLS, seed: int = 1, jobs: int = 1) -> Tally:
    found = Tally()
    for part in crowd(find_flow(name).resolve(), calls, seed, USUAL, jobs):
        found.add(part)
    return found


@pytest.mark.parametrize("name", FLOWS)
def test_no_promise_is_broken(name: str) -> None:
    found = tally(name)
    assert not found.broken
    assert found.calls == CALLS
    assert found.booked > CALLS // 10
    assert found.helped > CALLS // 10


def test_a_seed_repeats_its_callers() -> None:
    first, second, other = (tally("trattoria", seed=seed) for seed in (3, 3, 4))
    assert first == second
    assert first.turns != other.turns


def test_processes_do_not_change_the_calls() -> None:
    assert tally(str(BISTRO), 450, jobs=2) == tally(str(BISTRO), 450)


@pytest.mark.parametrize("name", FLOWS)
def test_an_honest_caller_who_is_understood_books_what_they_want(name: str) -> None:
    booked, where = 0, scene_of(flow_of(name))
    for seed in range(30):
        caller = Caller(where, Random(seed), HONEST)
        trials, broken = call(where, caller)
        assert not broken
        booked += trials[-1].state.instance > 1
    assert booked > 3


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("relation", RELATIONS, ids=lambda one: one.__name__)
def test_relations_hold(name: str, relation: Relation) -> None:
    where = scene_of(flow_of(name))
    for seed in range(4):
        assert holds(where, relation, Random(seed)) is None


def test_a_relation_that_does_not_hold_is_told() -> None:
    """A correction that is not undone books something else."""
    where = scene_of(flow_of(str(BISTRO)))

    def corrected(scene: Scene, form: FormStep, chance: Random) -> tuple[str, Plan]:
        turn = (Fill("party_size", scene.values["party_size"].good[1:2]),)
        return "another number", Plan(form.slots, between=(turn,), when=1)

    told_apart = holds(where, corrected, Random(1))
    assert told_apart is not None
    assert "another number books" in told_apart.violation.words
    assert told_apart.events


FAULTS = [
    ("trattoria", "drop a confirmation", "echo: whole", "confirmed"),
    ("trattoria", "drop a confirmation", "echo: name", "confirmed"),
    ("trattoria", "book again", "commit: done", "confirmed"),
    ("trattoria", "swap answers", "cancel_booking.sure", "confirmed"),
    ("clinic", "unset a placeholder", "", "filled"),
    ("clinic", "circle", "done", "awake"),
]


def faulty(name: str, operator: str, site: str) -> Flow | None:
    found = (one.flow for one in mutants(flow_of(name)) if one.operator == operator and one.site.startswith(site))
    return next(found, None)


@pytest.mark.parametrize(("name", "operator", "site", "promise"), FAULTS)
def test_callers_find_a_fault_that_was_put_in(name: str, operator: str, site: str, promise: str) -> None:
    flow = faulty(name, operator, site)
    assert flow is not None
    where = scene_of(flow)
    seen = {one.promise for seed in range(60) for one in call(where, Caller(where, Random(seed)))[1]}
    assert promise in seen


# the witness from outside


def to_a_booking(where: Scene) -> tuple[Caller, Witness, Trial]:
    """An honest caller's conversation up to the moment at which it books, with a witness of all but that moment."""
    for seed in range(30):
        caller, witness, trial = Caller(where, Random(seed), HONEST), Witness(where.compiled), begin(where)
        while not trial.state.ended:
            event = caller.next(trial.state)
            assert event is not None
            before, trial = dict(witness.confirmed), play(where, trial, event)
            if isinstance(trial.state.waiting, Act) and trial.state.waiting.commits:
                return caller, Witness(where.compiled, before), trial
            assert not witness.see(trial)
    raise AssertionError("nobody books")


def test_a_value_that_was_not_read_back_is_seen() -> None:
    caller, witness, trial = to_a_booking(scene_of(flow_of(str(BISTRO))))
    act = trial.state.waiting
    assert isinstance(act, Act)
    wrong = replace(act, values={**act.values, "party_size": 8})
    effects = tuple(wrong if effect == act else effect for effect in trial.effects)
    found = replace(witness, confirmed=dict(witness.confirmed)).see(replace(trial, effects=effects))
    assert [one.promise for one in found] == ["confirmed"]
    assert not witness.see(trial, caller.wants)


def test_a_value_that_the_caller_did_not_want_is_seen() -> None:
    caller, witness, trial = to_a_booking(scene_of(flow_of(str(BISTRO))))
    (found,) = witness.see(trial, {**caller.wants, "party_size": 8})
    assert "the caller wanted 8" in found.words


def test_the_same_key_twice_is_seen() -> None:
    _, witness, trial = to_a_booking(scene_of(flow_of(str(BISTRO))))
    act = trial.state.waiting
    assert isinstance(act, Act)
    (found,) = replace(witness, keys={act.key: act.tool}).see(trial)
    assert (found.promise, found.tool) == ("once", "book_table")


def test_a_caller_who_is_held_is_seen() -> None:
    """Goodbye leads to the menu again."""
    flow = flow_of(str(BISTRO))
    where = scene_of(flow)
    table = {
        (place, trigger): ((((), "menu"),) if trigger == "goodbye" else rows)
        for (place, trigger), rows in where.compiled.table.items()  # type: ignore[attr-defined]
    }
    held = replace(where, compiled=replace(where.compiled, table=table))  # type: ignore[call-arg]
    assert leave(where, [begin(where)], Witness(where.compiled)) == []
    assert [one.promise for one in leave(held, [begin(held)], Witness(held.compiled))] == ["ends"]


# shrinking


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.sets(st.integers(0, 9), min_size=1, max_size=3))
def test_nothing_can_be_left_out_of_what_was_shrunk(numbers: list[int], needed: set[int]) -> None:
    """A conversation fails when it holds certain turns: those alone are left."""
    events: list[Event] = [Silence(-1), *(Silence(number) for number in numbers)]

    def fails(some: Sequence[Event]) -> bool:
        return needed <= {one.turn for one in some if isinstance(one, Silence)}

    if fails(events):
        small = shrink(events, fails)
        assert fails(small)
        assert len(small) == 1 + len(needed)


def test_acts_are_left_out_too() -> None:
    events: list[Event] = [Silence(0), Heard(1, "", (Affirm(), Fill("day", (1,)), Fill("time", (2,))))]
    (_, small) = shrink(events, lambda some: any(isinstance(one, Heard) and Affirm() in one.acts for one in some))
    assert small == Heard(1, "", (Affirm(),))


def test_a_broken_promise_is_told_as_a_talk_that_fails(tmp_path: Path) -> None:
    text = find_flow("trattoria").parent
    for file in text.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (tmp_path / "personas").mkdir()
    for file in (text / "personas").glob("*.yaml"):
        (tmp_path / "personas" / file.name).write_text(file.read_text("utf-8"), "utf-8")
    flow = tmp_path / "flow.yaml"
    whole = flow.read_text("utf-8")
    wrong = whole.replace("confirm: [party_size, day, time, name, phone]", "confirm: [party_size, day, time, phone]")
    assert wrong != whole
    flow.write_text(wrong, "utf-8")
    found = Tally()
    for part in crowd(flow, 200, 1, USUAL, 1):
        found.add(part)
    assert {one.violation.promise for one in found.broken} == {"confirmed"}
    talk = told(flow, found.broken[0])
    assert "seed 1, call " in talk
    stage = load_stage(flow)
    result = run_script(bind(read_talk(talk), stage.flow), stage)
    assert not result.passed
    turns = [line for line in talk.splitlines() if line.startswith(("caller", "acts"))]
    assert len(turns) <= 6


def test_events_played_again_go_the_same_way() -> None:
    where = scene_of(flow_of("clinic"))
    trials, _ = call(where, Caller(where, Random(5)))
    events = [one.event for one in trials if one.event is not None]
    repeated, broken = again(where, events)
    assert not broken
    assert repeated[-1].state == trials[-1].state
