"""What a conversation lives through is seen, and nothing else; the table that is walked is the library's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check.moves import Course
from engine.check.replay import Trial, begin, play
from engine.check.showing import scenes
from engine.coverage.items import KINDS, Item, inventory
from engine.coverage.watch import walked
from engine.simulate.exploring import options
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import load_stage
from engine.talk.reader import read_talk

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
STAGE = load_stage(Path(__file__).parents[1] / "simulate" / "cases" / "bistro" / "flow.yaml")


def item(text: str) -> Item:
    kind, _, rest = text.partition(" ")
    place, _, what = rest.partition(": ")
    (found,) = [name for name in KINDS if name == kind]
    return Item(found, place, what)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_was_lived_through(case: dict[str, Any]) -> None:
    result = run_script(bind(read_talk(case["talk"]), STAGE.flow), STAGE, STAGE.watch)
    assert result.passed, result.difference
    wanted, unwanted = ({item(text) for text in case[key]} for key in ("lived", "not"))
    assert wanted | unwanted <= set(inventory(STAGE.compiled))
    assert wanted <= result.lived
    assert not unwanted & result.lived


def test_an_item_is_there_once() -> None:
    items = inventory(STAGE.compiled)
    assert len(set(items)) == len(items)
    assert {one.kind for one in items} == set(KINDS)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=25))
def test_the_walked_table_is_that_of_the_library(choices: list[int]) -> None:
    """Any conversation goes the same way through both, step by step."""
    (where, *_) = scenes(Course(STAGE.compiled))
    fast = type(where)(walked(STAGE.compiled), where.now, where.values)
    slow_trial, fast_trial = begin(where), begin(fast)
    for choice in choices:
        possible = list(options(where, slow_trial.state))
        if slow_trial.state.ended or not possible:
            break
        event = possible[choice % len(possible)]
        slow_trial, fast_trial = play(where, slow_trial, event), play(fast, fast_trial, event)
        assert seen(slow_trial) == seen(fast_trial)


def seen(trial: Trial) -> tuple[Any, ...]:
    return trial.state, trial.effects
