"""Answers that pick one of the values on offer by something about it, in every language."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from engine.acts import Fill
from engine.effects import Expecting
from engine.understanding.choices import pick
from engine.understanding.language import words_for

MORNING, EVENING = datetime(2026, 10, 2, 7, 30), datetime(2026, 10, 2, 19, 30)


def picked(said: str, language: str, *offered: object) -> tuple[object, ...] | None:
    expecting = Expecting("form", "choice", "at", ("at",), choices=offered)
    found = pick(said, expecting, (), words_for(language))
    assert found is None or isinstance(found, Fill)
    return found.candidates if found else None


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-GB", "in the evening"),
        ("en-GB", "the one in the evening"),
        ("en-US", "p.m. please"),
        ("de", "am Abend"),
        ("de", "abends bitte"),
        ("es", "por la tarde"),
        ("es", "de la tarde por favor"),
    ],
)
def test_a_part_of_the_day_picks_the_moment_in_it(language: str, said: str) -> None:
    assert picked(said, language, MORNING, EVENING) == (EVENING,)
    assert picked(said, language, MORNING.time(), EVENING.time()) == (EVENING.time(),)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en-GB", "not in the evening"), ("de", "nicht am Abend"), ("de", "guten Abend"), ("es", "buenas tardes")],
)
def test_what_is_refused_or_a_greeting_picks_nothing(language: str, said: str) -> None:
    assert picked(said, language, MORNING, EVENING) is None


def test_a_part_of_the_day_that_holds_both_times_on_offer_picks_neither() -> None:
    assert picked("in the evening", "en-GB", time(19), time(20, 30)) is None
