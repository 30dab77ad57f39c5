"""The embedded voice, for real: espeak-ng through its worker process, measured."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from measuring import longest_pause, pitch_of, seconds

from engine.errors import PeerError, SettingsError
from engine.persona.prosody import Prosody, Utterance
from engine.speech.audio import dbfs, to_array
from engine.speech.cache import PromptCache
from engine.speech.loudness import TARGET_DBFS
from engine.speech.rendering import Renderer
from engine.speech.vendors import espeak_tts
from engine.speech.vendors.espeak_tts import EspeakVoice, _clauses, _pitch
from engine.speech.voices import open_voice

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="needs the extra: pip install 'frontdesk[espeak]'"
)
SENTENCE = "We have a table for four people on Saturday evening."
T = TypeVar("T")


def with_voice(scene: Callable[[EspeakVoice], Coroutine[Any, Any, T]], **options: Any) -> T:
    async def run() -> T:
        voice = EspeakVoice(**options)
        try:
            return await scene(voice)
        finally:
            await voice.close()

    return asyncio.run(run())


async def said(voice: EspeakVoice, text: str, rate: int = 8000, voices: Any = (), **prosody: Any) -> bytes:
    utterance = Utterance(text, "en-GB", Prosody(**prosody), voices)
    return b"".join([chunk async for chunk in voice.speak(utterance, rate)])


@pytest.mark.parametrize("rate", [8000, 16000])
def test_it_speaks_at_the_rate_of_the_line(rate: int) -> None:
    sound = with_voice(lambda voice: said(voice, SENTENCE, rate))
    assert 1.5 < seconds(sound, rate) < 5
    assert dbfs(sound) > -30
    assert np.abs(to_array(sound[: rate // 25])).max() > 60  # no silence before the first sound
    spectrum = np.abs(np.fft.rfft(to_array(sound).astype(float)))
    assert spectrum[: len(spectrum) // 2].sum() > spectrum[len(spectrum) // 2 :].sum()


def test_every_setting_of_a_persona_is_heard() -> None:
    async def scene(voice: EspeakVoice) -> None:
        slow, usual, fast = [seconds(await said(voice, SENTENCE, pace=pace)) for pace in (110, 165, 250)]
        assert slow / usual == pytest.approx(165 / 110, rel=0.2)
        assert usual / fast == pytest.approx(250 / 165, rel=0.2)
        low, middle, high = [pitch_of(await said(voice, SENTENCE, 16000, pitch=pitch)) for pitch in (0.85, 1.0, 1.3)]
        assert low / middle == pytest.approx(0.85, abs=0.08)
        assert high / middle == pytest.approx(1.3, abs=0.12)
        flat, lively = [await said(voice, SENTENCE, expressiveness=value) for value in (0.2, 2.0)]
        assert flat != lively
        british, american = [await said(voice, SENTENCE, voices=(("espeak", name),)) for name in ("en-gb", "en-us")]
        woman = await said(voice, SENTENCE, 16000, voices=(("espeak", "en-gb+f3"),))
        assert british != american
        assert pitch_of(woman) > 1.3 * middle

    with_voice(scene)


@pytest.mark.parametrize("pause", [0.1, 0.3, 0.8])
def test_pauses_are_as_long_as_the_persona_wants(pause: float) -> None:
    async def scene(voice: EspeakVoice) -> None:
        comma = await said(voice, "Hello there, my friend", comma_pause=pause, sentence_pause=2)
        stop = await said(voice, "Hello there. My friend.", comma_pause=2, sentence_pause=pause)
        assert longest_pause(comma) == pytest.approx(pause, abs=0.02)
        assert longest_pause(stop) == pytest.approx(pause, abs=0.02)

    with_voice(scene)


@pytest.mark.parametrize("volume", [0.5, 1.0])
def test_every_prompt_has_the_level(volume: float) -> None:
    async def scene(voice: EspeakVoice) -> None:
        renderer = Renderer(voice)
        for name in ("en-gb", "en-gb+f3", "en-us+m3"):
            utterance = Utterance(SENTENCE, "en-GB", Prosody(volume=volume), (("espeak", name),))
            await renderer.whole(utterance, 8000)
            sound = await renderer.whole(utterance, 8000)
            wanted = TARGET_DBFS + 20 * np.log10(volume)
            assert dbfs(sound) == pytest.approx(wanted, abs=1.5)

    with_voice(scene)


def test_it_streams_and_stops_when_nobody_listens() -> None:
    async def scene(voice: EspeakVoice) -> None:
        text = " ".join([SENTENCE] * 200)
        got = 0
        async with aclosing(voice.speak(Utterance(text, "en-GB", Prosody()), 8000)) as chunks:
            async for chunk in chunks:
                got += len(chunk)
                break
        after = await said(voice, "Hello.")  # the same worker goes on with the next job
        assert got < 8000
        assert 0.2 < seconds(after) < 1

    with_voice(scene)


def test_calls_share_a_worker_without_mixing() -> None:
    async def scene(voice: EspeakVoice) -> None:
        texts = [f"Number {number}." for number in range(20)]
        alone = [seconds(await said(voice, text)) for text in texts]
        together = await asyncio.gather(*(said(voice, text) for text in texts))
        assert [seconds(sound) for sound in together] == pytest.approx(alone, abs=0.02)

    with_voice(scene)


def test_a_worker_that_dies_is_replaced() -> None:
    async def scene(voice: EspeakVoice) -> None:
        whole = seconds(await said(voice, SENTENCE))
        os.kill(worker_of(voice), signal.SIGKILL)
        assert seconds(await said(voice, SENTENCE)) == pytest.approx(whole, abs=0.02)

    with_voice(scene)


def test_a_worker_that_dies_in_the_middle_of_a_word_is_replaced_unheard() -> None:
    async def scene(voice: EspeakVoice) -> None:
        text = " ".join([SENTENCE] * 40)
        whole = seconds(await said(voice, text))
        parts: list[bytes] = []
        async for chunk in voice.speak(Utterance(text, "en-GB", Prosody()), 8000):
            if not parts:
                os.kill(worker_of(voice), signal.SIGKILL)
            parts.append(chunk)
        assert seconds(b"".join(parts)) == pytest.approx(whole, abs=0.3)

    with_voice(scene)


def test_a_worker_that_hangs_is_given_up() -> None:
    async def scene(voice: EspeakVoice) -> None:
        await said(voice, "Hello.")
        os.kill(worker_of(voice), signal.SIGSTOP)
        assert seconds(await said(voice, "Hello.")) > 0.2

    with_voice(scene, deadline=0.5)


@pytest.mark.parametrize(
    ("program", "why"),
    [("pass", "it did not start"), ("print('nonsense' * 99)", "it did not start")],
)
def test_a_worker_that_is_none(program: str, why: str) -> None:
    async def scene(voice: EspeakVoice) -> None:
        with pytest.raises(PeerError, match=why):
            await said(voice, "Hello.")

    with_voice(scene, command=(sys.executable, "-c", program))


def test_a_voice_that_there_is_not() -> None:
    async def scene(voice: EspeakVoice) -> None:
        with pytest.raises(PeerError, match="espeak-ng has no voice 'nobody'"):
            await said(voice, "Hello.", voices=(("espeak", "nobody"),))
        assert await said(voice, "Hello.")

    with_voice(scene)


@pytest.mark.parametrize("text", ["", "…", "<speak>&amp;</speak>", "a" * 3000, "emoji 🙂 and nul \0 sign", "5 < 6 & 7"])
def test_no_text_breaks_it(text: str) -> None:
    async def scene(voice: EspeakVoice) -> None:
        await said(voice, text)
        assert await said(voice, "Hello.")

    with_voice(scene)


def test_the_missing_extra_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_tts, "MODULE", "a_module_that_nobody_has")
    with pytest.raises(SettingsError, match=r"pip install 'frontdesk\[espeak\]'"):
        open_voice("espeak")


def test_an_unknown_engine_says_which_there_are() -> None:
    with pytest.raises(SettingsError, match="there are: espeak"):
        open_voice("spinach")


def test_the_gpl_stays_in_the_worker() -> None:
    """No module but the worker imports the library, and nobody but the command line names the worker."""
    root = Path(espeak_tts.__file__).parents[2]
    importers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "espeakng_loader" or name.endswith("espeak_worker") for name in names):
                importers.add(path.name)
    assert importers == {"espeak_worker.py"}
    assert "espeakng_loader" not in sys.modules


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Hello.", [("Hello.", 0.0)]),
        ("One, two. Three", [("One,", 0.1), ("two.", 0.4), ("Three", 0.0)]),
        ("", []),
    ],
)
def test_where_the_pauses_stand(text: str, clauses: list[tuple[str, float]]) -> None:
    assert _clauses(text, Prosody(comma_pause=0.1, sentence_pause=0.4)) == clauses


def test_pitch_settings_rise_with_the_pitch() -> None:
    settings = [_pitch(factor / 100) for factor in range(50, 170)]
    assert settings == sorted(settings)
    assert (settings[0], _pitch(1.0), settings[-1]) == (0, 50, 99)


def test_the_same_words_sound_otherwise_in_another_persona() -> None:
    plain = Utterance("Hello.", "en-GB", Prosody())
    assert replace(plain, voices=(("espeak", "en-us"),)).voice("espeak") == "en-us"
    assert plain.voice("espeak") is None


def worker_of(voice: EspeakVoice) -> int:
    assert voice._worker is not None
    return voice._worker._process.pid


def test_a_live_sentence_is_joined_to_a_warmed_one_without_a_click(tmp_path: Path) -> None:
    """Between them stands the persona's pause, and no step is larger than those within the words."""
    fixed, live = "Thank you very much.", "Your table for nine is booked."

    async def scene(voice: EspeakVoice) -> None:
        def utterance(text: str) -> Utterance:
            return Utterance(text, "en-GB", Prosody(sentence_pause=0.3))

        renderer = Renderer(voice, PromptCache(tmp_path))
        await renderer.warm(utterance(fixed), 8000)
        both = to_array(await renderer.whole(utterance(f"{fixed} {live}"), 8000)).astype(int)
        alone = to_array(await renderer.whole(utterance(fixed), 8000)).astype(int)
        joint = both[alone.size - 80 : alone.size + round(0.3 * 8000) + 80]
        assert (both[: alone.size] == alone).all()
        assert longest_pause(both.astype(np.int16).tobytes()) == pytest.approx(0.3, abs=0.02)
        assert np.abs(np.diff(joint)).max() <= np.abs(np.diff(both)).max() / 2

    with_voice(scene)
