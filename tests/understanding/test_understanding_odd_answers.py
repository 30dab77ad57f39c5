"""No odd answer at a confirmation becomes a yes: a short form of the benchmark's ten thousand."""

from __future__ import annotations

import importlib.util
from datetime import datetime
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from engine.acts import Affirm
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding

NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/London"))


def generator() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "sets" / "odd_answers.py"
    spec = importlib.util.spec_from_file_location("odd_answers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_odd_answers_at_a_confirmation_are_no_yes() -> None:
    flow = load_flow(find_flow("trattoria"))
    understanding, echo = Understanding(flow), expecting_of(flow, "echo")
    answers = list(generator().odd_answers(1000, seed=5))
    said_yes = [
        words
        for words in answers
        if any(isinstance(act, Affirm) for act in understanding.understand(words, echo, NOW).acts)
    ]
    assert len(said_yes) <= len(answers) // 1000, said_yes


@pytest.mark.parametrize(
    ("language", "yeses", "against"),
    [
        (
            "en-GB",
            ("yes", "yeah", "okay", "sure", "right", "yes please", "that's right", "perfect", "of course"),
            ("no", "but", "wrong day", "hold on", "wait a second", "not quite", "what", "how come", "another time",
             "a different name", "except the name", "that's not right", "instead"),
        ),
        (
            "de",
            ("ja", "genau", "okay", "gerne", "ja bitte", "das stimmt", "klar"),
            ("aber", "nein", "falsch", "moment", "nicht ganz", "wie bitte", "ein anderer Name", "stattdessen"),
        ),
        (
            "es",
            ("sí", "vale", "claro", "sí por favor", "de acuerdo"),
            ("pero", "no", "otro día", "está mal", "espere", "falso", "qué más"),
        ),
    ],
)  # fmt: skip
def test_a_yes_with_anything_against_it_is_no_yes(
    language: str, yeses: tuple[str, ...], against: tuple[str, ...]
) -> None:
    flow = load_flow(find_flow("trattoria"), language)
    understanding, echo = Understanding(flow), expecting_of(flow, "echo")
    said_yes = [
        words
        for yes in yeses
        for other in against
        for words in (f"{yes} {other}", f"{yes}, {other}")
        if any(isinstance(act, Affirm) for act in understanding.understand(words, echo, NOW).acts)
    ]
    assert not said_yes
