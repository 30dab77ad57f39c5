"""The caller's sound as one even stream, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from agi.intake import LONGEST_BACKLOG, Intake
from engine.call.line import Arrival, Digit

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "dialogues/intake.yaml").read_text())


def arrivals(intake: Intake) -> list[Arrival]:
    async def collect() -> list[Arrival]:
        return [arrival async for arrival in intake.stream()]

    intake.end()
    return asyncio.run(collect())


def told(found: list[Arrival]) -> str:
    """Keys as themselves, frames as `s` for sound and `.` for silence."""
    return "".join(a.key if isinstance(a, Digit) else ("s" if any(a.samples) else ".") for a in found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_intake(case: dict[str, Any]) -> None:
    intake = Intake()
    for at, what, value in case["steps"]:
        match what:
            case "sound":
                intake.sound(b"\x01\x00" * value, at)
            case "key":
                intake.key(value)
            case "look":
                intake.fill(at)
            case "begin":
                intake.begin(at)
            case "pause":
                intake.pause()
    assert told(arrivals(intake)) == case["stream"]


def test_intake_keeps_the_newest_where_nobody_reads() -> None:
    intake = Intake()
    for number in range(LONGEST_BACKLOG + 50):
        intake.sound(number.to_bytes(2, "little") * 160, number * 0.02)
    found = arrivals(intake)
    assert len(found) == LONGEST_BACKLOG
    assert found[-1].samples[:2] == (LONGEST_BACKLOG + 49).to_bytes(2, "little")  # type: ignore[union-attr]


def test_intake_ignores_what_comes_after_the_end() -> None:
    intake = Intake()
    intake.end()
    intake.key("1")
    assert arrivals(intake) == []
