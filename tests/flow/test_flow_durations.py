"""Lengths of time: what authors write, and that every length has a text which means it again."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.duration import duration_text, parse_duration

MEANINGS = {
    "90 s": 90,
    "15 minutes": 900,
    "2 h": 7200,
    "2 h 30 min": 9000,
    "2h30min": 9000,
    "1 hour 5 minutes": 3900,
    "0.7 s": 0.7,
    "700 ms": 0.7,
    "60 days": 5184000,
    " 1 Week ": 604800,
}


@pytest.mark.parametrize("text", MEANINGS)
def test_an_author_writes_a_length(text: str) -> None:
    assert parse_duration(text).total_seconds() == MEANINGS[text]


@pytest.mark.parametrize("text", ["", "soon", "15", "min 15", "30 min 2 h", "5 min 5 min", "-2 h", "2 h and 5 min"])
def test_what_is_no_length_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        parse_duration(text)


@given(st.integers(0, 10**9).map(lambda count: timedelta(milliseconds=count)))
def test_every_length_has_a_text_that_means_it(length: timedelta) -> None:
    assert parse_duration(duration_text(length)) == length


@given(st.text(max_size=30))
def test_any_text_is_a_length_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= timedelta(0)
