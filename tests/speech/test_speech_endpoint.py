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
    PAUSED_AFTER,
    Completeness,
    Level,
    Patience,
    Phase,
    Progress,
    advance,
    level,
    patience_for,
)

STEADY = Patience(1.0, 1.0, 1.0)


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
        progress, sign = advance(progress, 0.9, STEADY)
        signs.append(sign)
    assert signs == ["nothing"] * (CONFIRMED_AFTER - 1) + ["started"]


def test_an_unsure_frame_neither_begins_nor_ends_anything() -> None:
    assert advance(Progress(), 0.4, STEADY) == (Progress(), "nothing")
    speaking = Progress(Phase.SPEAKING, 10, 10)
    assert advance(speaking, 0.4, STEADY)[0].phase is Phase.SPEAKING


def signs_of(silent: int, completeness: Completeness, patience: Patience) -> dict[int, str]:
    """What happens in a silence, by the number of its frame."""
    progress, signs = Progress(Phase.SPEAKING, 20, 20), {}
    for frame in range(1, silent + 1):
        progress, sign = advance(progress, 0.0, patience, completeness)
        if sign != "nothing":
            signs[frame] = sign
    return signs


@pytest.mark.parametrize(("completeness", "ended"), [("complete", 10), ("extendable", 20), ("unfinished", 40)])
def test_the_more_complete_the_words_the_sooner_they_end(completeness: str, ended: int) -> None:
    signs = signs_of(ended, Completeness(completeness), Patience(0.2, 0.4, 0.8))
    assert signs == {PAUSED_AFTER: "paused", ended: "ended"}


def test_words_are_never_ended_before_they_could_be_read() -> None:
    for kind, patience in PATIENCE.items():
        assert patience.silent_frames(Completeness.COMPLETE) > PAUSED_AFTER, kind
        silences = (patience.complete, patience.extendable, patience.unfinished)
        assert silences == tuple(sorted(silences)), kind


def test_yes_and_no_wait_shortest_and_numbers_long() -> None:
    silences = {kind: patience.extendable for kind, patience in PATIENCE.items()}
    assert min(silences, key=lambda kind: silences[kind]) == "yes_no"
    assert silences["phone"] > silences["intent"] > silences["party_size"]


def test_a_question_without_a_known_slot_has_a_patience() -> None:
    assert patience_for(Expecting("form", "slot", "unheard_of"), {}) == OTHERWISE
