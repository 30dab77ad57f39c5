"""The wire formats read recorded dialogues broken at random; `make fuzz-wire` does so a million times."""

from __future__ import annotations

import random

import pytest

from tests.agi.wire_fuzzing import FORMATS, broken, judge


@pytest.mark.parametrize("name", FORMATS)
def test_wire_survives_broken_dialogues(name: str) -> None:
    dice = random.Random(7)
    results = [judge(name, broken(FORMATS[name].seeds, dice)) for _ in range(1500)]
    refused = results.count(None)
    assert 0 < refused < len(results)
    assert any(results)


@pytest.mark.parametrize("name", FORMATS)
def test_wire_reads_what_is_whole(name: str) -> None:
    assert all(judge(name, [seed]) is not None for seed in FORMATS[name].seeds)
