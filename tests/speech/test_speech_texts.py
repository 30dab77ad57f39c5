"""Numbers, times, names and abbreviations: the text that each engine is given for what is shown."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.effects import Prompt, Typed
from engine.persona.persona import Persona
from engine.persona.prompts import utterance
from engine.persona.prosody import sentences
from engine.speech.vendors import espeak_tts, piper_tts, xtts_tts

CASES = yaml.safe_load((Path(__file__).parent / "engine_texts.yaml").read_text(encoding="utf-8"))
NOW = datetime(2026, 9, 1, 12)


def typed(kind: str, value: Any) -> Typed:
    return Typed(kind, time.fromisoformat(value) if kind == "time" else value)


def given(case: dict[str, Any]) -> dict[str, str]:
    """The words in the request to each engine."""
    values = {name: typed(kind, value) for name, (kind, value) in case.get("values", {}).items()}
    words = utterance(Prompt("x", case["shown"], values), Persona("plain"), case["language"], NOW)
    requests = {
        "espeak": espeak_tts._request(words, 8000),
        "piper": piper_tts._request(words, 8000),
        "xtts": xtts_tts._request({}, "", words, 8000),
    }
    return {name: " ".join(text for text, _ in request["clauses"]) for name, request in requests.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["shown"])
def test_each_engine_is_given_words_that_it_says_right(case: dict[str, Any]) -> None:
    found = given(case)
    assert found["xtts"] == case.get("xtts", case["espeak"])
    assert found["espeak"] == found["piper"] == case["espeak"]


@pytest.mark.parametrize("text", ["Dra. Pérez está aquí.", "Nr. 7 ist frei.", "Dr. Patel is in."])
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert sentences(text) == (text,)
