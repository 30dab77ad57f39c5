"""What a persona asks for is heard: every situation is said by espeak-ng, and its sound measured."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

import pytest
from measuring import longest_pause, pitch_of

from engine.cli.sampling import SAMPLE, SITUATIONS, samples
from engine.persona.persona import parse_persona
from engine.speech.audio import read_wav
from engine.speech.voices import open_voice

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="needs the extra: pip install 'frontdesk[espeak]'"
)
PERSONA = """persona: measured
description: Differs <much>.
voices: {espeak: en-gb}
pauses: {sentence: 300 ms, comma: 100 ms}
situations:
  echo: {pace: 110}
  apology: {volume: 0.5}
  success: {pitch: 1.3}
  goodbye: {pitch: 0.85, pace: 230}
  wait: {pauses: {sentence: 1 s}}
  question: {pauses: {comma: 600 ms}}
  numbers: {pace: 130}
"""
RATE = 16000


def test_every_situation_sounds_as_it_is_asked_for(tmp_path: Path) -> None:
    persona = parse_persona(PERSONA, "measured.yaml")
    made = asyncio.run(samples(tmp_path, persona, SAMPLE, "en-GB", open_voice("espeak"), RATE))
    assert [sample.situation for sample in made] == list(SITUATIONS)
    by = {sample.situation: sample for sample in made}
    sounds = {sample.situation: read_wav(tmp_path / sample.file).samples for sample in made}
    for situation, pace in (("echo", 110), ("goodbye", 230), ("numbers", 130)):
        assert by[situation].pace / by["plain"].pace == pytest.approx(pace / 165, rel=0.15)
    assert by["apology"].level - by["plain"].level == pytest.approx(-6, abs=0.7)
    middle = pitch_of(sounds["plain"])
    assert pitch_of(sounds["success"]) / middle == pytest.approx(1.3, abs=0.12)
    assert pitch_of(sounds["goodbye"]) / middle == pytest.approx(0.85, abs=0.08)
    assert longest_pause(sounds["plain"], RATE) == pytest.approx(0.3, abs=0.03)
    assert longest_pause(sounds["wait"], RATE) == pytest.approx(1.0, abs=0.03)
    assert longest_pause(sounds["question"], RATE) == pytest.approx(0.6, abs=0.03)
    page = (tmp_path / "index.html").read_text()
    assert "Differs &lt;much&gt;." in page
    assert page.count("<audio") == len(SITUATIONS)
