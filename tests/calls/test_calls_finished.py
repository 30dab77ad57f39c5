"""How complete words are, so that nobody is cut off and nobody waits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.acts import Fill
from engine.call.finished import completeness
from engine.effects import Expecting
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding
from tests.calls.virtual import START, flow, understanding

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "finished_cases.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['asked']}: {case['said']}")
def test_completeness(case: dict[str, Any]) -> None:
    expecting = expecting_of(flow().flow, case["asked"])
    assert expecting is not None
    acts = understanding().understand(case["said"], expecting, START).acts
    judged = completeness(case["said"], acts, case.get("confidence", 1.0), expecting, flow().flow)
    assert judged.value == case["is"], acts


@pytest.mark.parametrize(("options", "judged"), [({"length": 3}, "complete"), ({}, "extendable")])
def test_digits_are_all_only_where_their_number_is_known(options: dict[str, Any], judged: str) -> None:
    slots = flow().flow.slots
    number = replace(slots["booking_number"], options=options, only_when_asked=False)
    open_flow = replace(flow().flow, slots={**slots, "booking_number": number})
    expecting = Expecting("find", "slot", "booking_number", ("booking_number",))
    acts = Understanding(open_flow).understand("four two seven", expecting, START).acts
    assert any(isinstance(act, Fill) for act in acts)
    assert completeness("four two seven", acts, 1.0, expecting, open_flow).value == judged
