"""Levels: every voice and prompt comes out as loud as the next."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.speech.audio import dbfs, to_array, to_bytes
from engine.speech.loudness import TARGET_DBFS, Leveller
from engine.speech.tone import tone

RATE = 8000


def speech(level: float, seconds: float = 2.0) -> bytes:
    """Something that swells and pauses like speech, at a level (0 to 1) while it sounds."""
    moments = np.arange(round(seconds * RATE)) / RATE
    sound = np.sin(2 * np.pi * 170 * moments) + 0.5 * np.sin(2 * np.pi * 900 * moments)
    sound *= np.where((moments % 0.5) < 0.4, 1.0, 0.0) / np.sqrt(0.625)
    return to_bytes((32767 * np.clip(level * sound, -1, 1)).astype(np.int16))


def levelled(samples: bytes, leveller: Leveller, chunk: int = 960) -> bytes:
    return b"".join(leveller.push(samples[start : start + chunk]) for start in range(0, len(samples), chunk))


def speaking(samples: bytes) -> float:
    """The level in decibels of the part where somebody speaks."""
    return dbfs(to_bytes(to_array(samples)[: round(0.4 * RATE)]))


@pytest.mark.parametrize("level", [0.03, 0.1, 0.3, 0.6])
@pytest.mark.parametrize("volume", [0.5, 1.0, 1.5])
def test_any_voice_is_led_to_the_level(level: float, volume: float) -> None:
    out = levelled(speech(level), Leveller(RATE, volume))
    assert speaking(out) == pytest.approx(TARGET_DBFS + 20 * np.log10(volume), abs=0.7)


def test_pauses_do_not_count() -> None:
    quiet = bytes(2 * RATE)
    leveller = Leveller(RATE)
    leveller.push(speech(0.2))
    before = leveller.level
    leveller.push(quiet)
    assert leveller.level == before


def test_a_known_level_is_right_from_the_first_chunk() -> None:
    first = Leveller(RATE)
    levelled(speech(0.3), first)
    again = Leveller(RATE, expected=first.level)
    assert dbfs(again.push(speech(0.3)[:960])) == pytest.approx(TARGET_DBFS, abs=1.0)


def test_silence_stays_silence() -> None:
    leveller = Leveller(RATE)
    assert leveller.push(bytes(320)) == bytes(320)
    assert leveller.push(b"") == b""
    assert leveller.level is None


@given(st.binary(min_size=2, max_size=4000), st.floats(0.1, 1.5), st.floats(1e-4, 1.0))
@settings(deadline=None)
def test_nothing_is_clipped_or_lost(data: bytes, volume: float, expected: float) -> None:
    out = Leveller(RATE, volume, expected).push(data)
    assert len(out) == len(data) // 2 * 2
    assert np.abs(to_array(out).astype(int)).max() <= 0.96 * 32767


@pytest.mark.parametrize("rate", [8000, 16000])
def test_the_tone(rate: int) -> None:
    sound = tone(rate)
    assert len(sound) == 2 * round(0.3 * rate)
    assert dbfs(sound) == pytest.approx(TARGET_DBFS, abs=0.5)
    spectrum = np.abs(np.fft.rfft(to_array(sound).astype(float)))
    assert spectrum.argmax() * rate / (len(sound) / 2) == pytest.approx(1000, abs=4)
    assert abs(int(to_array(sound)[0])) < 10
