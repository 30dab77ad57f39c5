"""Our side of XTTS: what it must be given, what it is asked, and its processes, with a program that stands for it."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fake_xtts import interpreter, weights
from hypothesis import given
from hypothesis import strategies as st

from engine.doctor import speech as speech_look
from engine.doctor.registry import Row
from engine.errors import AuthorError, PeerError, SettingsError
from engine.persona.prosody import Prosody, Utterance
from engine.settings import load_settings
from engine.speech.audio import to_array, write_wav
from engine.speech.consent import Consent
from engine.speech.rendering import Renderer
from engine.speech.tts import VoiceBusy
from engine.speech.vendors import xtts_tts
from engine.speech.vendors.xtts_settings import Xtts
from engine.speech.vendors.xtts_text import pieces
from engine.speech.vendors.xtts_tts import XttsVoice
from engine.speech.voices import open_others, open_voice

RATE = 8000
AGREED = "consent: 1\nspeaker: Anna Example\ngiven: 2026-11-02\npurpose: the voice of our telephone\n"
SENTENCE = "Your table is booked."
LONG = " ".join(["and so on"] * 200)


@pytest.fixture
def settings(tmp_path: Path) -> Xtts:
    return Xtts(True, weights(tmp_path / "model"), interpreter(tmp_path), streams=1, deadline=5.0)


def recording(folder: Path, name: str, consent: str | None = AGREED) -> Path:
    folder.mkdir(exist_ok=True)
    write_wav(folder / f"{name}.wav", bytes(4 * 2 * 16000), 16000)
    if consent is not None:
        (folder / f"{name}.yaml").write_text(consent)
    return folder


def with_voice(settings: Xtts, scene: Callable[[XttsVoice], Awaitable[None]], folder: Path | None = None) -> None:
    async def whole() -> None:
        voice = XttsVoice(folder, settings)
        try:
            await scene(voice)
        finally:
            await voice.close()

    asyncio.run(whole())


async def said(voice: XttsVoice, text: str, name: str | None = None, **prosody: Any) -> bytes:
    utterance = Utterance(text, "en-GB", Prosody(**prosody), (("xtts", name),) if name else ())
    return b"".join([chunk async for chunk in voice.speak(utterance, RATE)])


def same(one: bytes, other: bytes) -> bool:
    """Whether two sounds are the same but for rounding."""
    return len(one) == len(other) and int(abs(to_array(one).astype(int) - to_array(other).astype(int)).max()) < 8


def requests(settings: Xtts) -> list[dict[str, Any]]:
    assert settings.model is not None
    return [json.loads(line) for line in (settings.model / "requests").read_text().splitlines()]


def processes(settings: Xtts) -> list[int]:
    assert settings.model is not None
    return [int(line) for line in (settings.model / "processes").read_text().split()]


# What must be there


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"accept_licence": False}, "non-commercial purposes only.*write `accept_licence: yes`"),
        ({"model": None}, r"speech\.xtts\.model: it is not set"),
        ({"model": Path("nowhere")}, "nowhere holds no config.json and no model.pth and no vocab.json"),
        ({"python": Path("nowhere/python")}, r"speech\.xtts\.python: nowhere/python is no Python that can be run"),
        ({"python": Path("/bin/true")}, "is no Python that can be run"),
    ],
)
def test_what_is_missing_is_said(change: dict[str, Any], why: str, settings: Xtts) -> None:
    with pytest.raises(SettingsError, match=why):
        open_voice("xtts", None, replace(settings, **change))


@pytest.mark.parametrize(
    ("versions", "why"),
    [
        ({"coqui_tts": None, "torch": None}, "has no coqui-tts and no torch; run: .* 'frontdesk.xtts.=="),
        ({"frontdesk": None}, "has no frontdesk"),
        ({"frontdesk": "9.9"}, "has frontdesk 9.9, not "),
    ],
)
def test_another_environment_says_what_it_lacks(versions: dict[str, Any], why: str, settings: Xtts) -> None:
    assert settings.python is not None
    interpreter(settings.python.parent, **versions)
    with pytest.raises(SettingsError, match=why):
        open_voice("xtts", None, settings)


def test_nobody_speaks_without_consent(settings: Xtts, tmp_path: Path) -> None:
    folder = recording(tmp_path / "voices", "anna", consent=None)
    with pytest.raises(AuthorError, match=r"nothing says that the person in anna\.wav agreed: there is no anna\.yaml"):
        open_voice("xtts", folder, settings)


def test_a_consent_that_ends_while_we_run(settings: Xtts, tmp_path: Path) -> None:
    async def scene(voice: XttsVoice) -> None:
        assert await said(voice, SENTENCE)
        over = Consent("Anna Example", date(2020, 1, 1), "the telephone", date(2020, 1, 2))
        voice.speakers["anna"] = replace(voice.speakers["anna"], consent=over)
        with pytest.raises(PeerError, match="the consent of Anna Example to speak as anna is over"):
            await said(voice, SENTENCE)

    with_voice(settings, scene, recording(tmp_path / "voices", "anna"))


def test_the_version_follows_model_and_speakers(settings: Xtts, tmp_path: Path) -> None:
    folder = recording(tmp_path / "voices", "anna")
    versions = {XttsVoice(folder, settings).version, XttsVoice(folder, settings).version}
    assert len(versions) == 1
    recording(folder, "bert")
    versions.add(XttsVoice(folder, settings).version)
    assert settings.model is not None
    (settings.model / "model.pth").write_text("others")
    versions.add(XttsVoice(folder, settings).version)
    assert len(versions) == 3


def test_the_ladder_below(tmp_path: Path) -> None:
    assert [voice.name for voice in open_others("xtts", tmp_path)] == ["espeak"]
    (tmp_path / "any.onnx").touch()
    assert [voice.name for voice in open_others("xtts", tmp_path)] == ["piper", "espeak"]
    assert [voice.name for voice in open_others("piper", tmp_path)] == ["espeak"]
    assert open_others("espeak", tmp_path) == ()


def test_torch_stays_in_the_worker() -> None:
    importers = set()
    for path in Path(xtts_tts.__file__).parents[2].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in ("torch", "TTS") or name.endswith("xtts_worker") for name in names):
                importers.add(path.name)
    assert importers == {"xtts_worker.py"}
    assert "torch" not in sys.modules


# What it is asked


@pytest.mark.parametrize(
    ("prosody", "asked"),
    [
        ({}, {"speed": 1.0, "variety": 1.0}),
        ({"pace": 110}, {"speed": pytest.approx(0.667, abs=0.001)}),
        ({"pace": 400}, {"speed": 2.0}),
        ({"expressiveness": 0.0}, {"variety": 0.5}),
        ({"expressiveness": 2.0}, {"variety": 1.3}),
    ],
)
def test_a_persona_is_mapped(prosody: dict[str, Any], asked: dict[str, Any]) -> None:
    request = xtts_tts._request({}, "w", Utterance(SENTENCE, "de-DE", Prosody(**prosody)), RATE)
    assert {key: request[key] for key in asked} == asked
    assert (request["language"], request["rate"], request["speaker"]) == ("de-DE", RATE, {"name": ""})


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("One, two. Three!", [("One, two.", 0.4), ("Three!", 0.0)]),
        ("", []),
        ("…", []),
        ("One. … Two.", [("One. …", 0.4), ("Two.", 0.0)]),
    ],
)
def test_pauses_stand_between_sentences(text: str, clauses: list[tuple[str, float]]) -> None:
    request = xtts_tts._request({}, "w", Utterance(text, "en-GB", Prosody(sentence_pause=0.4)), RATE)
    assert request["clauses"] == clauses


def test_who_speaks(settings: Xtts, tmp_path: Path) -> None:
    folder = recording(recording(tmp_path / "voices", "anna"), "bert")

    async def scene(voice: XttsVoice) -> None:
        for name in (None, "bert", "Ada Own"):
            await said(voice, SENTENCE, name)

    with_voice(settings, scene, folder)
    first, second, own = (request["speaker"] for request in requests(settings))
    assert (first["name"], first["sample"]) == ("anna", str(folder / "anna.wav"))
    assert (second["name"], second["sample"]) == ("bert", str(folder / "bert.wav"))
    assert own == {"name": "Ada Own"}


@given(
    st.lists(
        st.sampled_from(["word", "a", "and", "x" * 70, "so,", "yes;", "– well", "end.", "ü", "7:30"]), max_size=60
    ),
    st.integers(1, 60),
)
def test_every_piece_fits_and_no_word_is_lost(words: list[str], most: int) -> None:
    text = " ".join(words)
    found = pieces(text, lambda piece: len(piece) <= most)
    assert all(len(piece) <= most for piece in found)
    spoken = [sign for sign in text if sign.isalnum()]
    assert [sign for sign in "".join(found) if sign.isalnum()] == spoken


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Short enough.", ("Short enough.",)),
        ("One two, three four, five six.", ("One two, three four,", "five six.")),
        ("Nothing to breathe at in here at all.", ("Nothing to breathe", "at in here at all.")),
        ("incomprehensibilities", ("incomprehe", "nsibilities")),
    ],
)
def test_where_it_is_cut(text: str, cut: tuple[str, ...]) -> None:
    assert pieces(text, lambda piece: len(piece) <= 20) == cut


# Its processes


def test_streams_speak_side_by_side_each_in_a_process(settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        alone = await said(voice, LONG), await said(voice, SENTENCE)
        streams = [voice.speak(Utterance(LONG, "en-GB", Prosody()), RATE) for _ in range(2)]
        begun = [await anext(stream) for stream in streams]
        rest = [b"".join([chunk async for chunk in stream]) for stream in streams]
        assert all(same(first + last, alone[0]) for first, last in zip(begun, rest, strict=True))
        assert same(await said(voice, SENTENCE), alone[1])

    with_voice(replace(settings, streams=2), scene)
    assert len(set(processes(settings))) == 2


def test_one_caller_more_hears_another_voice_at_once(settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        async with aclosing(voice.speak(Utterance(LONG, "en-GB", Prosody()), RATE)) as stream:
            await anext(stream)
            with pytest.raises(VoiceBusy, match="all 1 streams of the voice xtts are in use"):
                await said(voice, SENTENCE)
            other = Spare()
            renderer = Renderer(voice, None, (other,))
            await renderer.whole(Utterance(SENTENCE, "en-GB", Prosody()), RATE)
            assert other.said == [SENTENCE]
        await renderer.whole(Utterance("It is not left alone for that.", "en-GB", Prosody()), RATE)
        assert other.said == [SENTENCE]

    with_voice(settings, scene)


class Spare:
    """The voice below."""

    name = "spare"
    version = "1"

    def __init__(self) -> None:
        self.said: list[str] = []

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        self.said.append(utterance.text)
        yield bytes(1600)

    async def close(self) -> None:
        """Nothing to end."""


@pytest.mark.parametrize("text", ["Here it will perish, in the middle.", "Here it will stick, in the middle."])
@pytest.mark.parametrize("streams", [1, 2])
def test_a_process_that_dies_or_hangs_is_replaced_unheard(text: str, streams: int, settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        assert same(await said(voice, text), await said(voice, text))
        assert await said(voice, SENTENCE)

    with_voice(replace(settings, streams=streams, deadline=1.0), scene)
    assert len(processes(settings)) == streams + 1


def test_a_stream_that_nobody_hears_any_more_is_free_again(settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        usual = await said(voice, SENTENCE)
        stream = voice.speak(Utterance(LONG, "en-GB", Prosody()), RATE)
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        assert same(await said(voice, SENTENCE), usual)

    with_voice(settings, scene)
    assert len(set(processes(settings))) == 1


def test_what_it_cannot_say_is_no_reason_to_start_again(settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        with pytest.raises(PeerError, match="the voice xtts cannot say this: no such speaker"):
            await said(voice, "broken")
        assert await said(voice, SENTENCE)

    with_voice(settings, scene)
    assert len(processes(settings)) == 1


def test_a_model_that_does_not_load(settings: Xtts) -> None:
    assert settings.model is not None
    refusal = settings.model / "refuses"
    refusal.touch()

    async def scene(voice: XttsVoice) -> None:
        with pytest.raises(PeerError, match="the voice xtts cannot be used: the weights are damaged"):
            await said(voice, SENTENCE)
        refusal.unlink()
        assert await said(voice, SENTENCE)

    with_voice(replace(settings, streams=2), scene)


def test_at_the_end_no_process_is_left(settings: Xtts) -> None:
    async def scene(voice: XttsVoice) -> None:
        await said(voice, SENTENCE)
        waiting = asyncio.create_task(said(voice, LONG))
        await asyncio.sleep(0)
        waiting.cancel()

    with_voice(replace(settings, streams=3), scene)
    for process in processes(settings):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


# What the doctor says of it


def test_the_doctor_names_speakers_and_who_did_not_agree(
    settings: Xtts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_look, "_recogniser", lambda _: Row("recogniser", "off", "not looked at here"))
    file = tmp_path / "frontdesk.yaml"
    keys = {"accept_licence": True, "model": str(settings.model), "python": str(settings.python)}
    file.write_text(json.dumps({"speech": {"voice": "xtts", "voices": "voices", "xtts": keys}}))
    folder = recording(tmp_path / "voices", "anna")

    def rows() -> dict[str, Row]:
        return {row.what: row for row in speech_look.speech(load_settings(file, {}))}

    assert (rows()["voice xtts"].state, rows()["speaker anna"].state) == ("ok", "ok")
    assert rows()["speaker anna"].text == "Anna Example agreed on 2026-11-02: the voice of our telephone"
    recording(folder, "bert", consent=None)
    assert rows()["voice xtts"].text == "does not speak: a consent is missing or faulty"
    assert "nothing says that the person in bert.wav agreed" in rows()["speaker bert"].text
