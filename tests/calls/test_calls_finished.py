"""How complete words are, so that nobody is cut off and nobody waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.call.finished import completeness
from engine.understanding.asked import expecting_of
from tests.calls.virtual import START, flow, understanding

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "finished_cases.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['asked']}: {case['said']}")
def test_completeness(case: dict[str, Any]) -> None:
    expecting = expecting_of(flow().flow, case["asked"])
    assert expecting is not None
    acts = understanding().understand(case["said"], expecting, START).acts
    judged = completeness(case["said"], acts, case.get("confidence", 1.0), expecting, flow().flow)
    assert judged.value == case["is"], acts
