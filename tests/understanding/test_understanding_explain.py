"""Reasons agree with what was understood, for any words after any question."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acts import Ask, Exclude, Fill, Global, Want
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding

FLOWS = [load_flow(find_flow(name)) for name in ("trattoria", "clinic")]
MADE = {flow.name: Understanding(flow) for flow in FLOWS}
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=ZoneInfo("Europe/London"))
WORDS = ["table", "for", "four", "at", "half", "seven", "friday", "not", "yes", "no", "park", "cancel", "booking",
         "bye", "operator", "please", "hold", "on", "again", "say", "that", "and", "maria", "or"]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(
    flow=st.sampled_from(FLOWS),
    text=st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join) | st.text(max_size=40),
    data=st.data(),
)
def test_what_is_taken_was_understood(flow, text, data) -> None:  # type: ignore[no-untyped-def]
    asked = data.draw(st.sampled_from([None, "menu", "echo", *flow.slots]))
    waiting = expecting_of(flow, asked) if asked else None
    acts = MADE[flow.name].understand(text, waiting, NOW).acts
    reasons = MADE[flow.name].explain(text, waiting, NOW)
    named = {act.slot for act in acts if isinstance(act, Fill | Exclude)} | {
        f"want {act.intent}" if isinstance(act, Want) else f"ask {act.answer}" if isinstance(act, Ask) else act.name
        for act in acts
        if isinstance(act, Want | Ask | Global)
    }
    taken = {reason.about for reason in reasons if reason.verdict == "taken"} - {"yes or no"}
    assert taken <= named
    slots = {name for reason in reasons if reason.tier == "recognisers" for name in reason.about.split(", ")}
    assert set(flow.slots) <= slots
