"""The plain names that `check` uses are those of the tools that run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from engine.actions import operations
from engine.actions.names import ANSWERS, TAKES
from engine.actions.request import ARGUMENTS

SOURCE = ast.parse(Path(operations.__file__).read_text(encoding="utf-8"))


def test_the_actions_are_those_that_run() -> None:
    assert [name for name in ANSWERS if name.startswith("booking.")] == list(operations.ACTIONS)
    assert tuple(ARGUMENTS) == tuple(TAKES)


def answers() -> Iterator[str]:
    """Every outcome that is written in the operations: the first of a pair whose second is a table of values."""
    for node in ast.walk(SOURCE):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
            first, second = node.elts
            if isinstance(first.value, str) and isinstance(second, ast.Dict | ast.Name | ast.Call):
                yield first.value


def test_the_answers_are_those_that_are_given() -> None:
    known = {outcome for name in operations.ACTIONS for outcome in ANSWERS[name]}
    assert set(answers()) - {"other_times", "other_days"} == known


def test_the_values_of_a_booking_are_those_that_it_brings() -> None:
    booked = next(n for n in ast.walk(SOURCE) if isinstance(n, ast.FunctionDef) and n.name == "booked_values")
    keys = [n for n in ast.walk(booked) if isinstance(n, ast.Dict) and len(n.keys) > 5]
    brought = tuple(key.value for key in keys[0].keys if isinstance(key, ast.Constant))
    assert brought == ANSWERS["booking.book"]["booked"]
