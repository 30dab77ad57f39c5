"""When a model is asked, what it is shown, and how its word joins what was understood without it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.acts import Act, Ask, Fill, Span, Understood, Want
from engine.effects import Expecting
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding
from engine.understanding.model import ModelFault, ModelPrompt, Schema
from engine.understanding.tier import UNSURE, ModelTier, masked

FLOW = load_flow(find_flow("trattoria"))
UNDERSTANDING = Understanding(FLOW)
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=ZoneInfo("Europe/London"))


@dataclass
class FakeModel:
    """Answers with these acts; keeps what it was shown."""

    acts: list[dict[str, str]] = field(default_factory=list)
    shown: list[ModelPrompt] = field(default_factory=list)

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
        self.shown.append(prompt)
        return json.dumps({"acts": self.acts})


def asking(name: str) -> Expecting:
    found = expecting_of(FLOW, name)
    assert found is not None
    return found


def consult(model: Any, said: str, asked: str, *before: Act) -> tuple[Act, ...]:
    tier = ModelTier(FLOW, model)
    return asyncio.run(tier.ask(said, Understood(before, "phrases"), asking(asked), NOW)).acts


def of(said: str, start: int, end: int) -> Span:
    return Span(said[start:end], start, end)


@pytest.mark.parametrize(
    ("said", "asked", "why"),
    [
        ("yes", "echo", "a yes or no"),
        ("whatever you reckon", "echo", "a yes or no"),
        ("whatever you reckon", "may_record", "a yes or no"),
        ("it is the same as before", "phone", "phone is sensitive"),
        ("table for four", "menu", "enough was understood"),
        ("well hello there er please", "menu", "no words that say anything"),
        ("", "menu", "no words that say anything"),
        ("the thing is that " * 40, "name", "too long"),
        ("whatever you have left", "time", ""),
        ("my lot fancy a bite", "menu", ""),
    ],
)
def test_the_model_is_asked_only_where_something_is_open(said: str, asked: str, why: str) -> None:
    understood = UNDERSTANDING.understand(said, asking(asked), NOW)
    found = ModelTier(FLOW, FakeModel()).skips(said, understood, asking(asked))
    assert found.startswith(why) or why in found
    assert bool(found) == bool(why)


def test_what_was_unsure_is_shown_and_what_the_recogniser_was_unsure_of_is_not() -> None:
    tier, waiting = ModelTier(FLOW, FakeModel()), asking("menu")
    guess = Understood((Want("book", confidence=UNSURE - 0.01),))
    assert tier.skips("my lot fancy a bite", guess, waiting) == ""
    assert tier.skips("my lot fancy a bite", guess, waiting, confidence=UNSURE - 0.01) != ""


def test_values_of_sensitive_slots_and_long_numbers_are_not_shown() -> None:
    model, said = FakeModel(), "ring 01632 960123 about the other thing, ref 4711 or 471100"
    phone = Fill("phone", ("+441632960123",), of(said, 5, 17), 0.5)
    consult(model, said, "name", phone)
    (shown,) = model.shown
    assert '"ring {phone} about the other thing, ref 4711 or {number}"' in shown.user
    assert masked("+44 1632 960 123 it is", ()) == "{number} it is"


def test_a_new_intent_stands_in_for_one_that_was_guessed() -> None:
    said = "my lot fancy a bite"
    acts = consult(FakeModel([{"act": "want", "intent": "book", "words": "fancy a bite"}]), said, "menu",
                   Want("cancel", of(said, 0, 6), 0.5), Ask("menu", of(said, 0, 6), 0.5))  # fmt: skip
    assert [(type(act), getattr(act, "intent", "")) for act in acts] == [(Ask, ""), (Want, "book")]


def test_what_fills_a_slot_already_is_not_read_again() -> None:
    said = "seven or so on friday"
    before = Fill("time", (time(7), time(19)), of(said, 0, 5), 0.6)
    again = {"act": "fill", "slot": "party_size", "words": "seven"}
    same = {"act": "fill", "slot": "time", "words": "so on"}
    day = {"act": "fill", "slot": "day", "words": "friday"}
    acts = consult(FakeModel([again, same, day]), said, "menu", before)
    assert acts[0] == before
    assert [(act.slot, act.candidates) for act in acts[1:] if isinstance(act, Fill)] == [("day", (date(2026, 10, 2),))]


def test_a_fault_leaves_everything_as_it_was() -> None:
    class Broken(FakeModel):
        async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
            raise ModelFault("dropped", "gone")

    before = Want("book", confidence=0.5)
    assert consult(Broken(), "my lot fancy a bite", "menu", before) == (before,)


def test_another_language_has_a_prefix_of_its_own() -> None:
    english, german = ModelTier(FLOW, FakeModel()), ModelTier(replace(FLOW, language="de-DE"), FakeModel())
    assert english.system != german.system
    assert english.schema == german.schema
