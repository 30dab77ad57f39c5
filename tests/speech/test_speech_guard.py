"""The watch on the detector: silence and hum are no speech, faint speech stays speech, and what is missed is told."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.speech.audio import to_bytes
from engine.speech.guard import CLEAR_DB, CLEAR_DBFS, HUSHED, STEADY_AFTER, SURELY_AFTER, Guarded

RATE = 8000
FRAME = 0.02


@dataclass
class Saying:
    """A detector that says the same whatever it hears."""

    probability: float = 1.0

    def feed(self, samples: bytes) -> float:
        return self.probability


def sound(level: float, count: int = 160) -> bytes:
    return to_bytes(np.full(count, -level, dtype=np.int16))


@pytest.mark.parametrize(("level", "heard"), [(0, 0.0), (HUSHED - 1, 0.0), (HUSHED, 1.0), (10000, 1.0)])
@pytest.mark.parametrize("frame", [80, 160, 333])
def test_the_detector_is_believed_where_there_is_any_voice(level: int, heard: float, frame: int) -> None:
    guarded = Guarded(Saying(), RATE)
    frames = [sound(level * (1 if number % 8 else 2) if level >= HUSHED else level, frame) for number in range(100)]
    assert [guarded.feed(samples) for samples in frames][-1] == heard


def test_a_short_silence_changes_nothing() -> None:
    guarded = Guarded(Saying(), RATE)
    frames = round(SURELY_AFTER / FRAME) - 1
    heard = [guarded.feed(samples) for samples in ([bytes(320)] * frames + [sound(999)]) * 3]
    assert set(heard) == {1.0}


def noises() -> dict[str, npt.NDArray[np.float64]]:
    moments = np.arange(3 * RATE) / RATE
    hiss = np.random.default_rng(1).normal(0, 900, 3 * RATE)
    return {
        "mains hum": 3000 * np.sin(2 * math.pi * 50 * moments),
        "dialling tone": 3000 * np.sin(2 * math.pi * 425 * moments),
        "hiss": hiss,
        "a line that is stuck": np.full(3 * RATE, 12000.0),
    }


@pytest.mark.parametrize("noise", noises())
def test_hum_and_hiss_are_nobody_s_speech(noise: str) -> None:
    guarded, samples = Guarded(Saying(), RATE), noises()[noise].astype(np.int16)
    heard = [guarded.feed(to_bytes(samples[at : at + 160])) for at in range(0, samples.size, 160)]
    steady = round(STEADY_AFTER / FRAME)
    assert set(heard[: steady - 1]) == {1.0}
    assert set(heard[steady:]) == {0.0}


def test_a_voice_over_a_hum_is_heard_at_its_first_frame() -> None:
    guarded = Guarded(Saying(), RATE)
    for _ in range(100):
        guarded.feed(sound(300))
    assert guarded.feed(sound(2000)) == 1.0


@given(st.integers(60, 32000), st.integers(0, 60))
def test_what_a_deaf_detector_misses_stands_clear_of_the_noise(level: int, noise: int) -> None:
    guarded = Guarded(Saying(0.0), RATE)
    for _ in range(50):
        guarded.feed(sound(noise))
    assert not guarded.missed
    guarded.feed(sound(level))
    clear = max(32768 * 10 ** (CLEAR_DBFS / 20), noise * 10 ** (CLEAR_DB / 20))
    assert guarded.missed or level < 1.2 * clear
    assert not guarded.missed or level > clear / 1.2


def test_what_is_no_number_is_no_speech_either() -> None:
    guarded = Guarded(Saying(math.nan), RATE)
    guarded.feed(bytes(320))
    guarded.feed(sound(5000))
    assert guarded.missed


@pytest.mark.parametrize("probability", [0.5, 1.0])
def test_nothing_is_missed_where_speech_is_heard(probability: float) -> None:
    guarded = Guarded(Saying(probability), RATE)
    for level in (0, 9000, 2000) * 10:
        guarded.feed(sound(level))
        assert not guarded.missed
