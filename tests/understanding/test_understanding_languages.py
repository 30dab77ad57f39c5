"""Whole utterances to the shipped trattoria in its other languages, and odd answers to its last question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from engine.acts import Act, Affirm, Ask, Deny, Exclude, Fill, Global, Want
from engine.flow.loader import load_flow
from engine.flow.model import Flow
from engine.languages.sheet import sheet_of
from engine.shipped import find_flow
from engine.slots.registry import type_of
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding

CASES = Path(__file__).parent / "cases" / "languages"
LANGUAGES = ("de", "es")


@cache
def flow_in(language: str) -> Flow:
    return load_flow(find_flow("trattoria"), language)


@cache
def understanding_in(language: str) -> Understanding:
    return Understanding(flow_in(language))


def load() -> Iterator[Any]:
    for language in LANGUAGES:
        page = yaml.safe_load((CASES / f"{language}.yaml").read_text(encoding="utf-8"))
        for group in page["groups"]:
            for case in group["cases"]:
                yield pytest.param(language, page["now"], group["asked"], case, id=f"{language}-{case['say']}")


def written(act: Act, flow: Flow) -> str:
    match act:
        case Fill(slot=name, candidates=values):
            return f"{name}={'|'.join(str(type_of(flow.slots[name].type).to_json(value)) for value in values)}"
        case Exclude(slot=name, value=value):
            return f"-{name}={type_of(flow.slots[name].type).to_json(value)}"
        case Want(intent=name):
            return f"want:{name}"
        case Ask(answer=name):
            return f"ask:{name}"
        case Global(name=name):
            return name
        case Affirm():
            return "affirm"
        case Deny():
            return "deny"


@pytest.mark.parametrize(("language", "now", "asked", "case"), list(load()))
def test_case(language: str, now: str, asked: str, case: dict[str, Any]) -> None:
    flow = flow_in(language)
    moment = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(flow.timezone))
    understood = understanding_in(language).understand(case["say"], expecting_of(flow, asked), moment)
    assert sorted(written(act, flow) for act in understood.acts) == sorted(case["acts"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_odd_answers_at_a_confirmation_are_no_yes(language: str) -> None:
    """Random everyday words of the language, none of them an answer, never make a yes of the last question."""
    sheet = sheet_of(language)
    assert sheet is not None
    phrases = sheet.section("phrases")
    words = " ".join([*phrases["background"], phrases["light"]]).split()
    pick = Random(5)
    answers = [" ".join(pick.choices(words, k=pick.randint(2, 7))) for _ in range(600)]
    flow, now = flow_in(language), datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/London"))
    echo, understanding = expecting_of(flow, "echo"), understanding_in(language)
    said_yes = [
        said
        for said in answers
        if {"ja", "nein", "sí", "no", "schon"}.isdisjoint(said.split())
        and any(isinstance(act, Affirm) for act in understanding.understand(said, echo, now).acts)
    ]
    assert not said_yes
