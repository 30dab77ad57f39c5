"""Piper's real code on voices of random weights, through its worker process, measured."""

from __future__ import annotations

import ast
import asyncio
import math
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from random_piper import make

from engine.errors import PeerError, SettingsError
from engine.persona.prosody import Prosody, Utterance
from engine.speech.audio import dbfs, to_array
from engine.speech.loudness import TARGET_DBFS
from engine.speech.rendering import Renderer
from engine.speech.vendors import piper_tts
from engine.speech.vendors.piper_tts import PiperVoice
from engine.speech.vendors.piper_worker import MEASURE
from engine.speech.voices import open_voice

RATE = 8000
SENTENCE = "Your table is booked for Friday."


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voices")
    make(folder, "en_GB-first-low", "en-gb", seed=1)
    make(folder, "en_US-second-low", "en-us", seed=2)
    return make(folder, "de_DE-third-low", "de", seed=3)


async def said(
    voice: PiperVoice, text: str, language: str = "en-GB", name: str | None = None, prosody: Prosody | None = None
) -> bytes:
    chosen = (("piper", name),) if name else ()
    utterance = Utterance(text, language, prosody or Prosody(), chosen)
    return b"".join([chunk async for chunk in voice.speak(utterance, RATE)])


def same(one: bytes, other: bytes) -> bool:
    """Whether two sounds are the same but for rounding."""
    return len(one) == len(other) and int(abs(to_array(one).astype(int) - to_array(other).astype(int)).max()) < 8


def with_voice(voices: Path, scene: Callable[[PiperVoice], Awaitable[None]]) -> None:
    async def whole() -> None:
        voice = PiperVoice(voices, deadline=30.0)
        try:
            await scene(voice)
        finally:
            await voice.close()

    asyncio.run(whole())


def test_a_faster_pace_is_shorter_and_pauses_are_exact(voices: Path) -> None:
    async def scene(voice: PiperVoice) -> None:
        usual = await said(voice, SENTENCE)
        fast = await said(voice, SENTENCE, prosody=Prosody(pace=220))
        assert 1.2 < len(usual) / len(fast) < 1.5
        two = await said(voice, f"{SENTENCE} {SENTENCE}", prosody=Prosody(sentence_pause=0.5))
        quiet = to_array(two)[len(usual) // 2 + 200 : len(usual) // 2 + 200 + round(0.4 * RATE)]
        assert abs(len(two) / 2 - (len(usual) + RATE * 0.5)) < 0.1 * RATE
        assert abs(quiet).max() < 100

    with_voice(voices, scene)


@pytest.mark.parametrize("volume", [0.5, 1.0])
def test_every_prompt_has_the_level(volume: float, voices: Path) -> None:
    async def scene(voice: PiperVoice) -> None:
        renderer = Renderer(voice)
        for _ in range(2):  # the level of the voice is known from its first sentence on
            sound = await renderer.whole(Utterance(SENTENCE, "en-GB", Prosody(volume=volume)), RATE)
        assert dbfs(sound) == pytest.approx(TARGET_DBFS + 20 * math.log10(volume), abs=1.0)
        assert abs(to_array(sound).astype(int)).max() < 32767

    with_voice(voices, scene)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en-GB", "Your table for two is booked for Friday evening."), ("de-DE", "Ihr Tisch ist für Freitag gebucht.")],
)
@pytest.mark.parametrize("pace", [100, 165, 250])
def test_the_pace_asked_for_is_heard(voices: Path, language: str, text: str, pace: int) -> None:
    async def scene(voice: PiperVoice) -> None:
        sound = await said(voice, text, language, prosody=Prosody(pace=pace))
        letters = sum(map(len, text.split())) / len(text.split())
        usual = MEASURE[language[:2]]
        due = sum(map(len, usual.split())) / len(usual.split())  # a random voice takes as long for every sound
        heard = 60 * len(text.split()) * RATE / (len(sound) / 2)
        assert heard * letters / due == pytest.approx(pace, rel=0.15)

    with_voice(voices, scene)


def test_the_voice_is_the_named_one_or_one_of_the_language(voices: Path) -> None:
    async def scene(voice: PiperVoice) -> None:
        first = await said(voice, SENTENCE)
        assert same(await said(voice, SENTENCE, name="en_GB-first-low"), first)
        assert not same(await said(voice, SENTENCE, language="en-US"), first)
        assert same(await said(voice, SENTENCE, language="en-AU"), first)
        assert await said(voice, "Guten Tag.", language="de-DE")
        for language, name, why in (
            ("fr-FR", None, "no voice for fr-FR"),
            ("en-GB", "../secret", "no voice '../secret'"),
        ):
            with pytest.raises(PeerError, match=why):
                await said(voice, SENTENCE, language, name)
        assert same(await said(voice, SENTENCE), first)

    with_voice(voices, scene)


def test_a_voice_that_is_cut_off_speaks_again(voices: Path) -> None:
    async def scene(voice: PiperVoice) -> None:
        stream = voice.speak(Utterance(" ".join([SENTENCE] * 20), "en-GB", Prosody()), RATE)
        assert await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        assert await said(voice, SENTENCE)

    with_voice(voices, scene)


@pytest.mark.parametrize("text", ["", "…", "a" * 500, "emoji 🙂 and nul \0 sign", "5 < 6 & 7"])
def test_no_text_breaks_it(voices: Path, text: str) -> None:
    async def scene(voice: PiperVoice) -> None:
        await said(voice, text)
        assert await said(voice, SENTENCE)

    with_voice(voices, scene)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"speech\.voices: it is not set"):
        open_voice("piper")
    with pytest.raises(SettingsError, match="holds none"):
        open_voice("piper", tmp_path)
    monkeypatch.setattr(piper_tts, "MODULE", "a_module_that_nobody_has")
    with pytest.raises(SettingsError, match=r"pip install 'frontdesk\[piper\]'"):
        open_voice("piper")


def test_another_file_of_a_voice_is_another_version(voices: Path, tmp_path: Path) -> None:
    make(tmp_path, "one", seed=1)
    before = PiperVoice(tmp_path).version
    assert PiperVoice(tmp_path).version == before
    make(tmp_path, "two", seed=2)
    assert PiperVoice(tmp_path).version != before


def test_the_gpl_stays_in_the_worker() -> None:
    importers = set()
    for path in Path(piper_tts.__file__).parents[2].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "piper" for name in names):
                importers.add(path.name)
    assert importers == {"piper_worker.py"}
