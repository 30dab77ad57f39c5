"""What a person hears before a call is theirs, in simulated time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from agi.whispering import Whispering
from engine.call.line import Whisper
from tests.calls.virtual import run

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "dialogues/control.yaml").read_text())["answers"]
RATE = 8000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_person_decides(case: dict[str, Any]) -> None:
    sent: list[tuple[float, bytes]] = []

    async def main() -> bool:
        loop = asyncio.get_running_loop()

        async def send(samples: bytes) -> None:
            sent.append((loop.time(), samples))

        whispering = Whispering(Whisper(b"\x01\x10" * RATE, within=8.0), RATE, send)
        if "key" in case:
            loop.call_later(case["at"], whispering.key, case["key"])
        if "gone" in case:
            loop.call_later(case["gone"], whispering.gone)
        taken = await whispering.run()
        ended = loop.time()
        await asyncio.sleep(1.0)
        assert all(at <= ended for at, _ in sent), "it goes on speaking"
        return taken

    assert run(main()) == case["taken"]
    assert {len(samples) for _, samples in sent} == {320}
    loud = sum(any(samples) for _, samples in sent) * 0.02
    assert loud == pytest.approx(case["hears"], abs=0.1)
