"""The code keeps the plan of the house, and the rules that say so do catch what breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from house_rules import PLAN, Source, breaches, sizes, sources

ROOT = Path(__file__).parents[2]
CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rules_catch_what_breaks_them(case: dict[str, Any]) -> None:
    found = breaches([Source(module, text) for module, text in case["modules"].items()])
    assert [breach.rule for breach in found] == case["rules"]


def test_house_stands() -> None:
    found = sources(ROOT)
    assert len(found) > 20
    assert not breaches(found), "\n" + "\n".join(map(str, breaches(found)))


def test_long_file_is_caught() -> None:
    source = Source("engine.cli.chat", "x = 1\n" * (PLAN["longest_file"] + 1))
    assert [breach.rule for breach in sizes(source, PLAN)] == ["long_file"]


def test_long_function_is_caught() -> None:
    source = Source("engine.cli.chat", "def f():\n" + "    x = 1\n" * PLAN["longest_function"])
    assert [breach.rule for breach in sizes(source, PLAN)] == ["long_function"]


def test_every_room_of_the_plan_is_written_or_planned() -> None:
    modules = {source.module for source in sources(ROOT)}
    later = {"engine.console"}
    unknown = [room for room in PLAN["floors"] if room not in later and room not in modules]
    assert not unknown
