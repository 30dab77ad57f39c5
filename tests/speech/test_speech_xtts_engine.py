"""XTTS's real code on a model of random weights, in its own environment (`make test-engines`), measured."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from flite_voice import spoken
from measuring import seconds

import engine.doctor  # noqa: F401
from engine.cli.say import command as say
from engine.doctor.registry import LOOKS
from engine.errors import PeerError
from engine.persona.prosody import Prosody, Utterance
from engine.settings import load_settings
from engine.speech.audio import dbfs, read_wav, to_array, write_wav
from engine.speech.rendering import Renderer
from engine.speech.vendors.xtts_settings import Xtts
from engine.speech.vendors.xtts_tts import XttsVoice
from engine.speech.voices import open_others

pytestmark = [pytest.mark.xtts, pytest.mark.xdist_group("xtts")]
ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-xtts" / "bin" / "python"
RANDOM = Path(__file__).parent / "random_xtts.py"
SMALL = f"""\
#!/bin/sh
[ "$1" = -m ] && set -- {RANDOM} "$@"
exec {PYTHON} "$@"
"""
"""Stands where the Python of the environment would be, and makes models small."""
RATE = 8000
SENTENCE = "Your table is booked for Friday."
LONG = "First this, then that, and after that another thing, so that one piece cannot hold all of it, " * 4
AGREED = "consent: 1\nspeaker: {name} Example\ngiven: 2026-11-02\npurpose: a voice for the tests of frontdesk\n"
SAMPLE = "Good evening. I read a few sentences, so that a machine may sound like me, and I agree to that."


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Xtts:
    if not PYTHON.is_file():
        raise RuntimeError("there is no XTTS here: run `make test-engines`")
    folder = tmp_path_factory.mktemp("xtts")
    subprocess.run([PYTHON, RANDOM, folder / "model"], check=True, capture_output=True)
    python = folder / "python"
    python.write_text(SMALL)
    python.chmod(0o755)
    return Xtts(True, folder / "model", python, "cpu", streams=1, deadline=60.0)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Two people who agreed."""
    for name, voice in (("anna", "slt"), ("bert", "rms")):
        write_wav(tmp_path / f"{name}.wav", spoken(voice, SAMPLE), RATE)
        (tmp_path / f"{name}.yaml").write_text(AGREED.format(name=name.title()))
    return tmp_path


def with_voice(folder: Path | None, settings: Xtts, scene: Callable[[XttsVoice], Awaitable[None]]) -> None:
    async def whole() -> None:
        voice = XttsVoice(folder, settings)
        try:
            await scene(voice)
        finally:
            await voice.close()

    asyncio.run(whole())


async def said(
    voice: XttsVoice, text: str, name: str | None = None, rate: int = RATE, language: str = "en-GB", **prosody: Any
) -> bytes:
    utterance = Utterance(text, language, Prosody(**prosody), (("xtts", name),) if name else ())
    return b"".join([chunk async for chunk in voice.speak(utterance, rate)])


def differ(one: bytes, other: bytes) -> bool:
    """Whether two sounds differ by more than rounding."""
    first, second = (to_array(sound).astype(int) for sound in (one, other))
    return len(first) != len(second) or int(abs(first - second).max()) > 8


def test_who_speaks_is_heard_and_the_same_words_sound_the_same(people: Path, settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        sounds = [await said(voice, SENTENCE, name) for name in ("anna", "bert", "Ada Own", "Ben Own")]
        assert all(dbfs(sound) > -60 and seconds(sound, RATE) > 0.3 for sound in sounds)
        assert all(differ(one, other) for index, one in enumerate(sounds) for other in sounds[:index])
        assert not differ(await said(voice, SENTENCE), sounds[0])  # the first recording, where none is named
        assert differ(await said(voice, "Your table is not booked."), sounds[0])
        for language, name, why in (
            ("fr-FR", None, "XTTS speaks de, en, es; not fr-FR"),
            ("en-GB", "../anna", r"no recording with a consent for the speaker '../anna', and there are: Ada Own"),
        ):
            with pytest.raises(PeerError, match=why):
                await said(voice, SENTENCE, name, language=language)
        assert await said(voice, "Ihr Tisch ist reserviert.", language="de-DE")

    with_voice(people, settings, scene)


def test_a_persona_is_heard(people: Path, settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        slow, usual, fast = [seconds(await said(voice, SENTENCE, pace=pace), RATE) for pace in (110, 165, 220)]
        assert slow / usual == pytest.approx(165 / 110, rel=0.1)
        assert usual / fast == pytest.approx(220 / 165, rel=0.1)
        assert seconds(await said(voice, SENTENCE, rate=16000), 16000) == pytest.approx(usual, abs=0.02)
        two = [seconds(await said(voice, f"One. {SENTENCE}", sentence_pause=pause), RATE) for pause in (0.2, 0.8)]
        assert two[1] - two[0] == pytest.approx(0.6, abs=0.01)
        flat, lively = [await said(voice, SENTENCE, expressiveness=value) for value in (0.0, 2.0)]
        assert differ(flat, lively)

    with_voice(people, settings, scene)


def test_it_streams_stops_and_survives_its_process(people: Path, settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        whole = await said(voice, LONG)
        stream = voice.speak(Utterance(LONG, "en-GB", Prosody()), RATE)
        first = await anext(stream)
        assert len(first) < len(whole) / 4
        await stream.aclose()  # type: ignore[attr-defined]
        parts: list[bytes] = []
        async for chunk in voice.speak(Utterance(LONG, "en-GB", Prosody()), RATE):
            if not parts:
                (worker,) = voice._workers
                os.kill(worker._process.pid, signal.SIGKILL)
            parts.append(chunk)
        assert not differ(b"".join(parts), whole)

    with_voice(people, settings, scene)


def test_speakers_are_worked_out_once_and_kept_beside_their_recording(people: Path, settings: Xtts) -> None:
    sounds: list[bytes] = []

    async def scene(voice: XttsVoice) -> None:
        sounds.append(await said(voice, SENTENCE, "anna"))

    with_voice(people, settings, scene)
    kept = people / "anna.latents.npz"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in people.iterdir()) == [
        "anna.latents.npz", "anna.wav", "anna.yaml", "bert.wav", "bert.yaml",
    ]  # fmt: skip
    with np.load(kept) as arrays:
        changed = {**arrays, "embedding": -arrays["embedding"]}
    np.savez(kept, **changed)
    with_voice(people, settings, scene)
    assert differ(sounds[0], sounds[1])  # they were taken from the disk
    kept.write_bytes(b"nonsense")
    with_voice(people, settings, scene)
    assert not differ(sounds[0], sounds[2])
    shutil.copy(people / "bert.wav", people / "anna.wav")
    with_voice(people, settings, scene)
    assert differ(sounds[0], sounds[3])  # another recording has other latents


def test_a_recording_that_is_exchanged_while_we_run_is_refused(people: Path, settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        shutil.copy(people / "bert.wav", people / "anna.wav")
        with pytest.raises(PeerError, match=r"anna\.wav is another recording than when we started"):
            await said(voice, SENTENCE, "anna")
        assert await said(voice, SENTENCE, "bert")

    with_voice(people, settings, scene)


def test_no_text_breaks_it(settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        for text in ("", "…", "a" * 500, "emoji 🙂 and nul \0 sign", "5 < 6 & 7", "[STOP] [en]"):
            await said(voice, text)
        assert await said(voice, SENTENCE)

    with_voice(None, settings, scene)


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("model.pth", b"nonsense", "cannot be used: .* holds no XTTS model that can be read"),
        ("config.json", b"{", "cannot be used: "),
        ("vocab.json", b"{}", "cannot be used: "),
    ],
)
def test_a_damaged_model_is_said(file: str, content: bytes, why: str, settings: Xtts, tmp_path: Path) -> None:
    assert settings.model is not None
    model = tmp_path / "model"
    shutil.copytree(settings.model, model)
    (model / file).write_bytes(content)

    async def scene(voice: XttsVoice) -> None:
        with pytest.raises(PeerError, match=why):
            await said(voice, SENTENCE)

    with_voice(None, replace(settings, model=model), scene)


def test_where_it_is_too_slow_or_away_another_voice_says_the_sentence(people: Path, settings: Xtts) -> None:
    assert settings.model is not None

    async def scene(voice: XttsVoice) -> None:
        others = open_others("xtts", people)
        renderer = Renderer(voice, None, others)
        try:
            sound = await renderer.whole(Utterance(SENTENCE, "en-GB", Prosody()), RATE)  # loading takes longer
        finally:
            await renderer.close()
        assert [other.name for other in others] == ["espeak"]
        assert 1 < seconds(sound, RATE) < 4

    with_voice(people, settings, scene)


def test_the_commands(people: Path, settings: Xtts) -> None:
    assert settings.model is not None
    file = people / "frontdesk.yaml"
    keys = {"accept_licence": "yes", "model": str(settings.model), "python": str(settings.python), "device": "cpu"}
    file.write_text(json.dumps({"speech": {"voice": "xtts", "voices": ".", "xtts": keys | {"deadline": "60 s"}}}))
    file.chmod(0o600)
    rows = {row.what: row for row in LOOKS["speech"](load_settings(file, {}))}
    assert rows["voice xtts"].state == "ok", rows["voice xtts"]
    assert rows["speaker anna"].text == "Anna Example agreed on 2026-11-02: a voice for the tests of frontdesk"
    heard = people / "heard.wav"
    result = CliRunner().invoke(
        say, [SENTENCE, "--persona", "host", "--engine", "xtts", "--config", str(file), "-o", str(heard), "--json"]
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.splitlines()[-1])["engine"] == "xtts"
    assert seconds(read_wav(heard).samples, RATE) > 0.3
