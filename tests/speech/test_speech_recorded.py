"""Recordings as a voice: sentences put together from their parts, and another voice for what was not recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PeerError, SettingsError
from engine.persona.prosody import Prosody, Utterance
from engine.speech.audio import dbfs, to_array, to_bytes, write_wav
from engine.speech.loudness import TARGET_DBFS
from engine.speech.recorded import NotRecorded, RecordedVoice, Recordings, words_of
from engine.speech.rendering import Renderer
from engine.speech.voices import open_others, open_spare, open_voice

RATE = 8000
INDEX = """language: en-GB
said:
  hello.wav: ["Good evening.", "Good evening to you!"]
  table.wav: A table for
  four.wav: four people
  friday.wav: on Friday
  sorry.wav: I am sorry.
"""


def tone(pitch: float, seconds: float, loudness: int) -> bytes:
    """A sound with silence around it, as a microphone leaves it."""
    times = np.arange(round(seconds * RATE)) / RATE
    sound = (loudness * np.sin(2 * np.pi * pitch * times)).astype(np.int16)
    quiet = np.zeros(RATE // 4, np.int16)
    return to_bytes(np.concatenate([quiet, sound, quiet]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    anna = tmp_path / "anna"
    anna.mkdir()
    (anna / "recordings.yaml").write_text(INDEX, encoding="utf-8")
    for number, name in enumerate(("hello", "table", "four", "friday", "sorry")):
        write_wav(anna / f"{name}.wav", tone(150 + 40 * number, 0.4, 2000 * (number + 1)), RATE)
    return tmp_path


def utterance(text: str, **prosody: float) -> Utterance:
    return Utterance(text, "en-GB", Prosody(comma_pause=0.2, **prosody))  # type: ignore[arg-type]


def said(voice: RecordedVoice, text: str) -> bytes:
    async def scene() -> bytes:
        return b"".join([chunk async for chunk in voice.speak(utterance(text), RATE)])

    return asyncio.run(scene())


def gaps(sound: bytes) -> list[float]:
    """Stretches of silence, in seconds."""
    loud = np.flatnonzero(np.abs(to_array(sound).astype(int)) > 40)
    return [round(float(gap) / RATE, 2) for gap in np.diff(loud) if gap > 0.03 * RATE]


def test_a_sentence_is_put_together_with_the_pauses_of_the_persona(folder: Path) -> None:
    sound = said(RecordedVoice(folder), "A table for four people, on Friday.")
    assert gaps(sound) == [pytest.approx(0.04, abs=0.02), pytest.approx(0.2, abs=0.02)]
    assert len(sound) / 2 / RATE == pytest.approx(3 * 0.4 + 0.24, abs=0.03)


def test_no_silence_no_click_and_one_level(folder: Path) -> None:
    voice = RecordedVoice(folder)
    for text in ("Good evening to you", "a table for", "I am sorry."):
        sound = said(voice, text)
        samples = to_array(sound).astype(int)
        assert dbfs(sound) == pytest.approx(TARGET_DBFS, abs=0.5)
        assert max(abs(samples[0]), abs(samples[-1])) < 20
        assert np.abs(samples[: RATE // 50]).max() > 500


def test_a_joint_jumps_no_further_than_the_sound_itself(folder: Path) -> None:
    joined = to_array(said(RecordedVoice(folder), "a table for four people")).astype(int)
    alone = max(int(np.abs(np.diff(to_array(said(RecordedVoice(folder), part)).astype(int))).max()) for part in
                ("a table for", "four people"))  # fmt: skip
    assert np.abs(np.diff(joined)).max() <= alone


class Standby:
    name, version = "standby", "1"

    def __init__(self) -> None:
        self.said: list[str] = []

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        self.said.append(utterance.text)
        yield tone(300, 0.2, 3000)

    async def close(self) -> None:
        """Nothing to end."""


def test_what_is_not_recorded_is_said_whole_by_another_voice(folder: Path) -> None:
    standby = Standby()
    renderer = Renderer(RecordedVoice(folder), None, (standby,))
    for text in ("Good evening. A table for seven people.", "Good evening.", "A table for seven people on Friday."):
        assert asyncio.run(renderer.whole(utterance(text), RATE))
    assert standby.said == ["A table for seven people.", "A table for seven people on Friday."]


class Dead(Standby):
    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        raise PeerError("dead")
        yield b""


def spoken_level(samples: bytes) -> float:
    """In dBFS, of what is no pause."""
    blocks = to_array(samples)[: len(samples) // 2 // 80 * 80].astype(float).reshape(-1, 80) / 32768
    power = (blocks**2).mean(axis=1)
    return float(10 * np.log10(power[power > 1e-5].mean()))


@pytest.mark.parametrize("gain", [0.03, 0.2, 1.0])
def test_recordings_and_engines_are_equally_loud(gain: float, tmp_path: Path) -> None:
    text = "Good evening and welcome, what can I do for you?"
    espeak = open_voice("espeak")

    async def both() -> tuple[bytes, bytes]:
        engine = await Renderer(espeak).whole(utterance(text), RATE)
        soft = np.rint(to_array(engine).astype(float) * gain).astype(np.int16)
        (tmp_path / "anna").mkdir()
        write_wav(str(tmp_path / "anna" / "hello.wav"), to_bytes(soft) + bytes(RATE), RATE)
        (tmp_path / "anna" / "recordings.yaml").write_text(f'language: en-GB\nsaid: {{hello.wav: "{text}"}}\n')
        recorded = await Renderer(RecordedVoice(tmp_path)).whole(utterance(text), RATE)
        await espeak.close()
        return engine, recorded

    engine, recorded = asyncio.run(both())
    assert spoken_level(recorded) == pytest.approx(spoken_level(engine), abs=1.0)
    assert np.abs(to_array(recorded).astype(int)).max() < 32767


def test_recordings_speak_and_have_the_last_words_where_every_engine_is_dead(folder: Path) -> None:
    renderer = Renderer(Dead(), None, (Dead(),), spare=open_spare(folder))
    assert asyncio.run(renderer.whole(utterance("Good evening."), RATE))
    with pytest.raises(PeerError, match="dead"):
        asyncio.run(renderer.whole(utterance("Good night."), RATE))
    assert len(asyncio.run(renderer.last_words(utterance("I am sorry."), RATE))) / 2 / RATE == pytest.approx(
        0.4, abs=0.02
    )
    assert asyncio.run(renderer.last_words(utterance("Good night."), RATE)) == b""
    assert asyncio.run(Renderer(Dead()).last_words(utterance("I am sorry."), RATE)) == b""


def test_who_speaks(folder: Path) -> None:
    voice = RecordedVoice(folder)
    for wrong in (Utterance("Good evening.", "de", Prosody()),
                  Utterance("Good evening.", "en-GB", Prosody(), (("recorded", "bob"),))):  # fmt: skip
        with pytest.raises(NotRecorded, match="no recordings"):
            voice.of(wrong)
    assert voice.of(Utterance("", "en-US", Prosody())).name == "anna"


@pytest.mark.parametrize(
    ("index", "why"),
    [
        ("language: en-GB\nsaid: {none.wav: Hello}\n", "there is no recording none.wav"),
        ("language: en-GB\nsaid: {../bob.wav: Hello}\n", "there is no recording"),
        ("said: {}\n", "write `language: en-GB`"),
        ("language: [\n", "recordings.yaml"),
    ],
)
def test_a_faulty_index_says_what_is_wrong(folder: Path, index: str, why: str) -> None:
    (folder / "anna" / "recordings.yaml").write_text(index, encoding="utf-8")
    with pytest.raises(SettingsError, match=why):
        RecordedVoice(folder)


def test_another_recording_is_another_version(folder: Path) -> None:
    before = RecordedVoice(folder).version
    assert RecordedVoice(folder).version == before
    write_wav(folder / "anna" / "four.wav", tone(100, 0.7, 900), RATE)
    assert RecordedVoice(folder).version != before


def test_without_recordings_there_is_no_such_voice_and_no_spare(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"NAME/recordings\.yaml"):
        open_voice("recorded", tmp_path)
    assert open_spare(tmp_path) is None
    assert open_spare(None) is None
    assert "recorded" not in {voice.name for voice in open_others("xtts", tmp_path)}


WORDS = st.lists(st.sampled_from(["one", "two", "three"]), max_size=8)


@given(st.sets(st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=3).map(tuple)), WORDS)
def test_parts_say_every_word_once_and_in_order(recorded: set[tuple[str, ...]], words: list[str]) -> None:
    speaker = Recordings("anna", "en", {said: Path("/".join(said)) for said in recorded})
    parts = speaker.parts(" ".join(words))
    if parts is not None:
        assert [word for part in parts for word in str(part).split("/")] == words
    elif words:
        assert not {(word,) for word in words} <= recorded


@given(st.text(max_size=40))
def test_words_are_the_same_however_they_are_written(text: str) -> None:
    assert words_of(" ".join(words_of(text))) == words_of(text)
