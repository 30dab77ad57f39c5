"""The same sets by libraries that others use, in an environment of their own (`script/setup_peers` makes it)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sets.bench import NOW, Bench, Item, Tally

PYTHON = Path(__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
_RUNNER = Path(__file__).with_name("peer_process.py")
PEERS = {
    "dateparser": ("datetime_recognizers_open", "datetime_duckling_open"),
    "ctparse": ("datetime_recognizers_open", "datetime_duckling_open"),
    "recognizers": (
        "datetime_recognizers_open", "datetime_duckling_open", "numbers_recognizers_number_open",
        "numbers_duckling_numeral_open",
    ),
}  # fmt: skip


def beside(bench: Bench, peer: str) -> dict[str, Any]:
    """Strict accuracy, precision, load time and memory of a peer. Raises SystemExit where it is not installed."""
    if not PYTHON.exists():
        raise SystemExit(f"{peer} is not installed: run script/setup_peers, or leave the peers out with --only")
    result: dict[str, Any] = {}
    for name in PEERS[peer]:
        items = [item for item in bench.items(name) if item["task"] == "number" or item["type"] in _POINTS]
        started, answers = _asked(peer, [_question(item) for item in items])
        bench.milliseconds += [answer["ms"] for answer in answers]
        short = name.removesuffix("_open")
        for group in ("core", "all"):
            tally = Tally()
            for item, answer in zip(items, answers, strict=True):
                if group == "all" or item["core"]:
                    value = answer["value"]
                    tally.add(True, value is not None, value is not None and _right(bench, item, value), False)
            result[f"{short} {group}"] = tally.right / max(1, tally.items)
            result[f"{short} {group} precision"] = tally.right / max(1, tally.answered)
        result |= {"load_ms": started["load_ms"], "peak_mb": started["peak_mb"]}
    return {**result, "predictions": {}}


_POINTS = ("date", "time", "datetime")


def _question(item: Item) -> dict[str, str]:
    if item["task"] == "number":
        return {"text": item["utterance"], "now": NOW.replace(tzinfo=None).isoformat(), "wanted": "number"}
    return {"text": item["utterance"], "now": item["reference_datetime"], "wanted": item["type"]}


def _right(bench: Bench, item: Item, value: Any) -> bool:
    if item["task"] == "number":
        gold = [one["value"] for one in item["results"]]
        return len(value) == len(gold) and all(
            abs(one - float(other)) < 1e-6 for one, other in zip(value, gold, strict=True)
        )
    return bool(bench.score.hit_dt(value, item["expected_future"], item["type"], False))


def _asked(peer: str, questions: Sequence[dict[str, str]]) -> tuple[dict[str, float], list[dict[str, Any]]]:
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([PYTHON, _RUNNER, peer], input=lines, capture_output=True, text=True, check=True)
    first, *answers = (json.loads(line) for line in done.stdout.splitlines())
    return first, answers
