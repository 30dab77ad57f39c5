"""Frames, G.711, WAV files and levels."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingsError
from engine.speech import audio

LEVELS_OF_MULAW = {0x00: -32124, 0x80: 32124, 0x7F: 0, 0xFF: 0, 0x7E: -8, 0xFE: 8, 0x8F: 16764, 0x0F: -16764}
LEVELS_OF_ALAW = {0x55: -8, 0xD5: 8, 0x2A: -32256, 0xAA: 32256, 0x54: -24, 0xD4: 24}


@pytest.mark.parametrize(("code", "level"), LEVELS_OF_MULAW.items())
def test_mulaw_levels_of_the_standard(code: int, level: int) -> None:
    assert audio.to_array(audio.mulaw_to_linear(bytes([code])))[0] == level


@pytest.mark.parametrize(("code", "level"), LEVELS_OF_ALAW.items())
def test_alaw_levels_of_the_standard(code: int, level: int) -> None:
    assert audio.to_array(audio.alaw_to_linear(bytes([code])))[0] == level


def test_codes_survive_a_round_trip() -> None:
    codes = bytes(range(256))
    assert audio.linear_to_alaw(audio.alaw_to_linear(codes)) == codes
    again = audio.linear_to_mulaw(audio.mulaw_to_linear(codes))
    assert [code for code in codes if again[code] != code] in ([0x7F], [0xFF]), "mu-law writes zero in two ways"


@pytest.mark.parametrize("law", ["mulaw", "alaw"])
def test_the_code_of_every_sample_is_the_nearest(law: str) -> None:
    encode, decode = getattr(audio, f"linear_to_{law}"), getattr(audio, f"{law}_to_linear")
    samples = np.arange(-32768, 32768, dtype=np.int16)
    levels = np.unique(audio.to_array(decode(bytes(range(256)))).astype(int))
    heard = audio.to_array(decode(encode(audio.to_bytes(samples)))).astype(int)
    above = np.clip(np.searchsorted(levels, samples.astype(int)), 1, len(levels) - 1)
    nearest = np.minimum(abs(levels[above - 1] - samples), abs(levels[above] - samples))
    assert np.array_equal(abs(heard - samples), nearest)


def test_doubling_the_rate_delays_by_two_milliseconds() -> None:
    click = np.zeros(800, dtype=np.int16)
    click[100] = 10000
    doubled = audio.to_array(audio.Doubler().feed(audio.to_bytes(click)))
    assert (len(doubled), int(np.argmax(doubled))) == (1600, 2 * (100 + audio.Doubler.DELAY))
    assert audio.Doubler.DELAY / 8000 == 0.002


@pytest.mark.parametrize("hertz", [100, 300, 1000, 2000, 3000, 3400])
def test_doubling_the_rate_changes_no_tone_of_a_telephone(hertz: int) -> None:
    moments = np.arange(8000) / 8000
    narrow = audio.to_bytes(np.rint(10000 * np.sin(2 * np.pi * hertz * moments)).astype(np.int16))
    wide = audio.to_array(audio.Doubler().feed(narrow))[400:].astype(float)
    late = (np.arange(16000) - 2 * audio.Doubler.DELAY)[400:] / 16000
    assert np.abs(wide - 10000 * np.sin(2 * np.pi * hertz * late)).max() < 10000 * 10 ** (-50 / 20)


@given(st.lists(st.integers(0, 400), max_size=20))
def test_doubling_piece_by_piece_is_doubling_the_whole(sizes: list[int]) -> None:
    sound = np.random.default_rng(3).integers(-9000, 9000, size=sum(sizes), dtype=np.int16)
    doubler, pieces = audio.Doubler(), np.split(sound, np.cumsum(sizes))
    assert b"".join(doubler.feed(audio.to_bytes(piece)) for piece in pieces) == audio.Doubler().feed(
        audio.to_bytes(sound)
    )


def test_frames_are_whole() -> None:
    assert [len(frame) for frame in audio.frames(b"\1" * 700, 8000)] == [320, 320, 320]
    assert list(audio.frames(b"", 8000)) == []
    assert audio.frame_bytes(16000) == 640


def test_levels_in_decibels() -> None:
    square = audio.to_bytes(np.array([16384, -16384] * 100, dtype=np.int16))
    assert math.isclose(audio.dbfs(square), -6.02, abs_tol=0.01)
    assert audio.dbfs(b"\0" * 100) == audio.dbfs(b"") == audio.SILENCE_DBFS


def test_a_wav_file_comes_back(tmp_path: Path) -> None:
    samples = audio.to_bytes(np.arange(-500, 500, dtype=np.int16))
    audio.write_wav(tmp_path / "a.wav", samples, 8000)
    assert audio.read_wav(tmp_path / "a.wav") == audio.Sound(samples, 8000)
    assert audio.read_wav(tmp_path / "a.wav", 16000).seconds == pytest.approx(0.125)


def test_two_channels_become_one(tmp_path: Path) -> None:
    audio.write_wav(tmp_path / "a.wav", audio.to_bytes(np.array([100, 300, -4, -6], dtype=np.int16)), 8000, channels=2)
    assert audio.to_array(audio.read_wav(tmp_path / "a.wav").samples).tolist() == [200, -5]


def test_what_is_no_wav_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF but not really")
    with pytest.raises(SettingsError, match=r"a\.wav as a WAV file"):
        audio.read_wav(tmp_path / "a.wav")
