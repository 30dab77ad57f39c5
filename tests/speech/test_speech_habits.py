"""Patience that follows the caller's own pauses, within bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.speech.endpoint import OTHERWISE, PATIENCE, Completeness
from engine.speech.habits import LEAST, MOST, Habits, adapted

CASES = yaml.safe_load((Path(__file__).parent / "habits_cases.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_silences(case: dict[str, Any]) -> None:
    habits = Habits()
    for kind, seconds, *said in case["pauses"]:
        completeness = Completeness(said[0] if said else "extendable")
        habits = habits.after(seconds, PATIENCE[kind], completeness)
    for kind, (extendable, unfinished) in case["silences"].items():
        patience = adapted(PATIENCE[kind], habits)
        assert (patience.extendable, patience.unfinished) == pytest.approx((extendable, unfinished))
        assert (patience.complete, patience.longest) == (PATIENCE[kind].complete, PATIENCE[kind].longest)


@given(st.lists(st.floats(0, 30), max_size=20))
def test_the_bounds_hold_for_every_caller(pauses: list[float]) -> None:
    habits = Habits()
    for pause in pauses:
        habits = habits.after(pause, OTHERWISE, Completeness.EXTENDABLE)
        assert LEAST <= habits.factor <= MOST
    patience = adapted(OTHERWISE, habits)
    assert patience.complete < patience.extendable < patience.unfinished
