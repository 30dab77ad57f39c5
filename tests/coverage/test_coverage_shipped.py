"""The shipped flows are covered by their own talks; nothing of them is out of every caller's reach."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.coverage.report import Coverage, cover
from engine.flow.loader import read_path
from engine.simulate.files import find_talks
from engine.simulate.runner import run_file
from engine.simulate.stage import load_stage

FLOWS = Path(__file__).parents[2] / "flows"
NAMES = sorted(path.parent.name for path in FLOWS.glob("*/flow.yaml"))
LEAST = 95.0


@cache
def coverage(name: str) -> Coverage:
    path = FLOWS / name / "flow.yaml"
    results = [run_file(talk, watched=True) for talk in find_talks([str(FLOWS / name)])]
    assert all(result.passed for result in results), [result.file for result in results if not result.passed]
    lived = frozenset(item for result in results for item in result.lived)
    return cover(load_stage(path).compiled, read_path(path), lived, len(results))


@pytest.mark.parametrize("name", NAMES)
def test_talks_cover_what_callers_live_through(name: str) -> None:
    found = coverage(name)
    assert found.percent >= LEAST, "\n".join(f"{one.lines} {one.item.kind} {one.item}" for one in found.missing)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_counted(name: str) -> None:
    kinds = {"step", "transition", "rung", "outcome", "transfer", "rejection", "correction", "global"}
    if load_stage(FLOWS / name / "flow.yaml").compiled.flow.answers:
        kinds.add("answer")
    assert {kind for kind, _, whole in coverage(name).by_kind() if whole} >= kinds
