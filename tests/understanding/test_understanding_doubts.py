"""Which days and times are sure, and which are asked back: forms that people use in more than one meaning."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from engine.acts import SURE, Fill
from engine.effects import Expecting
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.cascade import Understanding

PAGE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases" / "doubts.yaml").read_text(encoding="utf-8"))
OPEN = Expecting("form", "intent", None, ("party_size", "day", "time"))
TRATTORIA = load_flow(find_flow("trattoria"))


@cache
def understanding(language: str) -> Understanding:
    return Understanding(replace(TRATTORIA, language=language))


def fills(say: str, language: str) -> list[Fill]:
    now = PAGE["now"] if isinstance(PAGE["now"], datetime) else datetime.fromisoformat(PAGE["now"])
    understood = understanding(language).understand(say, OPEN, now.replace(tzinfo=ZoneInfo("Europe/London")))
    return [act for act in understood.acts if isinstance(act, Fill) and act.slot != "party_size"]


@pytest.mark.parametrize("say", PAGE["sure"])
def test_plain_words_are_sure(say: str) -> None:
    found = fills(say, "en-GB")
    assert found
    assert all(act.confidence >= SURE for act in found)


@pytest.mark.parametrize(
    ("language", "say"),
    [("en-GB", say) for say in PAGE["unsure"]] + [("en-US", say) for say in PAGE["american"]],
)
def test_words_with_several_meanings_are_asked_back(language: str, say: str) -> None:
    found = fills(say, language)
    assert found
    assert any(act.confidence < SURE for act in found)


@pytest.mark.parametrize("say", PAGE["american"])
def test_what_the_british_alone_say_is_sure_in_britain(say: str) -> None:
    assert all(act.confidence >= SURE for act in fills(say, "en-GB"))
