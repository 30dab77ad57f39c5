"""The tables of the endpointer."""

from __future__ import annotations

from itertools import product

import pytest

from engine.effects import Expecting
from engine.speech.endpoint import (
    CONFIRMED_AFTER,
    NEXT,
    OTHERWISE,
    PATIENCE,
    Level,
    Patience,
    Phase,
    Progress,
    advance,
    level,
    patience_for,
)


def test_every_phase_knows_every_level() -> None:
    assert set(NEXT) == set(product(Phase, Level))


@pytest.mark.parametrize(
    ("probability", "expected"), [(0.9, "speech"), (0.5, "speech"), (0.4, "unsure"), (0.2, "silence")]
)
def test_levels(probability: float, expected: str) -> None:
    assert level(probability).value == expected


def test_speech_counts_only_when_it_lasts() -> None:
    progress, signs = Progress(), []
    for _ in range(CONFIRMED_AFTER):
        progress, sign = advance(progress, 0.9, Patience(1.0))
        signs.append(sign)
    assert signs == ["nothing"] * (CONFIRMED_AFTER - 1) + ["started"]


def test_an_unsure_frame_neither_begins_nor_ends_anything() -> None:
    assert advance(Progress(), 0.4, Patience(1.0)) == (Progress(), "nothing")
    speaking = Progress(Phase.SPEAKING, 10, 10)
    assert advance(speaking, 0.4, Patience(1.0))[0].phase is Phase.SPEAKING


def test_yes_and_no_wait_shortest_and_numbers_long() -> None:
    silences = {kind: patience.silence for kind, patience in PATIENCE.items()}
    assert min(silences, key=lambda kind: silences[kind]) == "yes_no"
    assert silences["phone"] > silences["intent"] > silences["party_size"]


def test_a_question_without_a_known_slot_has_a_patience() -> None:
    assert patience_for(Expecting("form", "slot", "unheard_of"), {}) == OTHERWISE
