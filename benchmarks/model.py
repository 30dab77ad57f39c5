#!/usr/bin/env python3
"""What the model tier costs: our own part (the prompt, reading the answer), and with `--model URL` a server's answers.

benchmarks/model.py --model http://127.0.0.1:8000/v1 --json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.acts import Understood  # noqa: E402
from engine.flow.loader import load_flow  # noqa: E402
from engine.shipped import find_flow  # noqa: E402
from engine.understanding.asked import expecting_of  # noqa: E402
from engine.understanding.client import open_model  # noqa: E402
from engine.understanding.model import ModelFault, ModelPrompt, ModelSettings, Schema, base_of  # noqa: E402
from engine.understanding.tier import ModelTier  # noqa: E402

SAID = (
    "we were hoping for half past seven on friday the six of us and somewhere to leave the car",
    "could you squeeze my lot in",
    "is there somewhere to leave the car",
    "me and my better half and the two little ones",
    "whatever you have left in the evening",
)
ANSWER = json.dumps(
    {
        "acts": [
            {"act": "fill", "slot": "time", "words": "half past seven"},
            {"act": "fill", "slot": "day", "words": "friday"},
            {"act": "fill", "slot": "party_size", "words": "the six of us"},
            {"act": "ask", "answer": "parking", "words": "leave the car"},
        ]
    }
)
NOW = datetime(2026, 10, 1, 12, tzinfo=ZoneInfo("Europe/London"))


class Ready:
    """A model that answers at once, so that only our part is measured."""

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
        return ANSWER


async def own_part(times: int) -> list[float]:
    """Seconds a turn of prompt, alignment and recognisers, for an answer with four acts that are all believed."""
    flow = load_flow(find_flow("trattoria"))
    tier, waiting = ModelTier(flow, Ready()), expecting_of(flow, "menu")
    assert waiting is not None
    seconds = []
    for number in range(times + 10):
        began = time.perf_counter()
        found = await tier.ask(SAID[0], Understood(), waiting, NOW)
        if number >= 10:  # the first ones build the recognisers' tables
            seconds.append(time.perf_counter() - began)
    assert len(found.acts) == 4
    return seconds


async def of_server(url: str, name: str, times: int) -> dict[str, object]:
    """A server's answers, as callers would wait for them, without a deadline."""
    model = open_model(ModelSettings(base_of(url), name, deadline=60.0))
    try:
        tier = ModelTier(load_flow(find_flow("trattoria")), model)
        began = time.perf_counter()
        await model.warm(tier.warming, tier.schema)
        warmed = time.perf_counter() - began
        seconds, faults = [], 0
        for number in range(times):
            began = time.perf_counter()
            try:
                await model.ask(tier.prompt(SAID[number % len(SAID)]), tier.schema)
                seconds.append(time.perf_counter() - began)
            except ModelFault:
                faults += 1
        in_time = sum(one <= ModelSettings("").deadline for one in seconds)
        return {"warm_seconds": round(warmed, 3), "faults": faults, "within_1.2_s": in_time, **spread(seconds)}
    finally:
        await model.close()


def spread(seconds: Sequence[float]) -> dict[str, object]:
    """Milliseconds in the middle and at the end."""
    if not seconds:
        return {"count": 0}
    ordered = sorted(seconds)
    return {
        "count": len(ordered),
        "median_ms": round(statistics.median(ordered) * 1000, 3),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 3),
    }


def lines(report: dict[str, object]) -> Iterator[str]:
    """The report for a person."""
    for part, figures in report.items():
        yield f"{part}: {figures}"


def main() -> None:
    """Prints what was measured."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", metavar="URL", help="A model server to measure too.")
    options.add_argument("--model-name", default="", help="The served model; the first unless given.")
    options.add_argument("--times", type=int, default=200, help="Questions.")
    options.add_argument("--json", action="store_true", help="The report as JSON.")
    given = options.parse_args()
    tier = ModelTier(load_flow(find_flow("trattoria")), Ready())
    report: dict[str, object] = {
        "own part": spread(asyncio.run(own_part(given.times))),
        "prompt": {"prefix_characters": len(tier.system), "schema_characters": len(json.dumps(tier.schema))},
    }
    if given.model:
        report["server"] = asyncio.run(of_server(given.model, given.model_name, given.times))
    print(json.dumps(report, indent=2) if given.json else "\n".join(lines(report)))


if __name__ == "__main__":
    main()
