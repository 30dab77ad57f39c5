"""The words that answer a question belong to what was asked, whatever else they could be."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.acts import Fill
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding

NOW = datetime(2026, 3, 20, 10, tzinfo=ZoneInfo("Europe/London"))
FLOW = load_flow(find_flow("clinic"))
UNDERSTANDING = Understanding(FLOW)


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("third of May seventy-one", {"date_of_birth"}),
        ("the ninth of August nineteen fifty-four", {"date_of_birth"}),
        ("third of May", set()),
        ("on the ninth of August", set()),
        ("the ninth of August nineteen fifty-four, and Friday would suit me", {"date_of_birth", "day"}),
        ("could we make it on Friday instead", {"day"}),
    ],
)
def test_an_answer_about_a_birth_is_no_day_to_come(said: str, slots: set[str]) -> None:
    acts = UNDERSTANDING.understand(said, expecting_of(FLOW, "date_of_birth"), NOW).acts
    assert {act.slot for act in acts if isinstance(act, Fill)} == slots
