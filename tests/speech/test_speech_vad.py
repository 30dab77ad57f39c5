"""Silero's detector: our copy of the model is the one it should be, and it hears speech."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from importlib.resources import files

import pytest
from flite_voice import QUIET, RATE, VOICES, spoken

from engine.errors import SettingsError
from engine.speech.audio import frames, resample
from engine.speech.vendors.silero import Silero

MODEL = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
"""SHA-256 of silero_vad/data/silero_vad.onnx in the wheel silero-vad 6.2.3."""

WORDS = ("a table for two on friday", "half past seven", "yes please, that is right", "no")


def probabilities(sound: bytes, rate: int) -> list[float]:
    listening = Silero().listening(rate)
    return [listening.feed(frame) for frame in frames(sound, rate)]


def test_our_copy_of_the_model_is_the_published_one() -> None:
    models = files("engine.speech") / "models"
    assert hashlib.sha256((models / "silero_vad.onnx").read_bytes()).hexdigest() == MODEL
    assert "MIT License" in (models / "LICENSE.silero").read_text()


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("voice", VOICES)
def test_speech_is_speech_and_silence_is_not(voice: str, rate: int) -> None:
    heard = probabilities(resample(spoken(voice, "a table for two on friday"), RATE, rate), rate)
    assert max(heard[:20]) < 0.35
    assert sum(probability > 0.5 for probability in heard) > 50
    assert max(heard[-50:]) < 0.35


def test_callers_do_not_disturb_each_other() -> None:
    sound = spoken("awb", "yes")
    alone = probabilities(sound, RATE)
    one, other = Silero().listening(RATE), Silero().listening(RATE)
    together = []
    for frame in frames(sound, RATE):
        together.append(one.feed(frame))
        other.feed(QUIET[: len(frame)])
    assert together == alone


def test_other_rates_are_refused() -> None:
    with pytest.raises(SettingsError, match="44100"):
        Silero().listening(44100)


def test_torch_is_never_loaded() -> None:
    code = "import sys, engine.speech.vendors.silero as s; s.Silero(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_many_callers_are_heard_as_each_alone_is_one_frame_later() -> None:
    sounds = [list(frames(spoken(voice, text), RATE)) for voice in VOICES for text in WORDS]
    alone = [[listening.feed(frame) for frame in sound] for sound in sounds for listening in [Silero().listening(RATE)]]

    async def together() -> list[list[float]]:
        detector = Silero()
        callers = [detector.listening(RATE) for _ in sounds]
        heard: list[list[float]] = [[] for _ in sounds]
        for at in range(max(map(len, sounds))):
            for caller, sound, found in zip(callers, sounds, heard, strict=True):
                if at < len(sound):
                    found.append(caller.feed(sound[at]))
            detector._together._run()  # what a timer of 10 ms does
        return heard

    for one, many in zip(alone, asyncio.run(together()), strict=True):
        assert max(many[:2]) == 0.0
        assert many[2:] == pytest.approx(one[1:-1], abs=1e-3)
