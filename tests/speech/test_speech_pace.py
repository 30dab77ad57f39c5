"""The words a minute that a persona asks for are the words a minute that are heard, in every language that we speak."""

from __future__ import annotations

import asyncio
import importlib.util

import numpy as np
import pytest
from measuring import seconds

from engine.flow.loader import load_flow
from engine.persona.prosody import Prosody, Utterance
from engine.shipped import find_flow
from engine.speech.audio import to_array
from engine.speech.vendors.espeak_tts import EspeakVoice, _speed
from engine.speech.warming import fixed_sentences

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="needs the extra: pip install 'frontdesk[espeak]'"
)
RATE = 8000
AUDIBLE = 60


async def spoken(language: str, pace: int) -> list[tuple[str, bytes]]:
    """Every third fixed sentence of the shipped flow, without pauses at commas."""
    voice, prosody = EspeakVoice(), Prosody(pace=pace, comma_pause=0.0)
    try:
        said = []
        for text in fixed_sentences(load_flow(find_flow("trattoria"), language))[::3]:
            stream = voice.speak(Utterance(text, language, prosody), RATE)
            said.append((text, b"".join([chunk async for chunk in stream])))
        return said
    finally:
        await voice.close()


@pytest.mark.parametrize("language", ["en-GB", "de", "es"])
@pytest.mark.parametrize("pace", [85, 125, 165, 220])
def test_the_pace_asked_for_is_heard(language: str, pace: int) -> None:
    said = asyncio.run(spoken(language, pace))
    heard = 60 * sum(len(text.split()) for text, _ in said) / sum(seconds(sound, RATE) for _, sound in said)
    assert heard == pytest.approx(pace, rel=0.1)


def test_no_silence_stands_before_or_after_a_prompt() -> None:
    for text, sound in asyncio.run(spoken("en-GB", 165)):
        loud = np.flatnonzero(np.abs(to_array(sound).astype(int)) >= AUDIBLE)
        assert loud[0] < 0.005 * RATE, text
        assert len(sound) / 2 - loud[-1] < 0.02 * RATE, text


def test_a_faster_pace_is_never_slower() -> None:
    settings = [_speed(pace, "en") for pace in range(80, 401)]
    assert [one["pace"] for one in settings] == sorted(one["pace"] for one in settings)
    assert [one["gap"] for one in settings] == sorted((one["gap"] for one in settings), reverse=True)
    assert {one["gap"] for one in settings if one["pace"] > 80} == {0}
