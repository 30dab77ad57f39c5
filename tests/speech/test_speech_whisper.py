"""faster-whisper's real code on a model of random weights: nothing it says makes sense, and nothing may break."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flite_voice import RATE, spoken
from hearing_flow import FLOW, QUESTIONS
from hypothesis import given
from hypothesis import strategies as st
from random_whisper import make

from engine.cli.models import command
from engine.errors import SettingsError
from engine.speech.context import LONGEST, context_of
from engine.speech.engines import Listening, open_recogniser
from engine.speech.vendors import whisper_models
from engine.speech.vendors.whisper_stt import Whisper
from engine.speech.vendors.whisper_worker import UNLIKELY, Decoding, judged


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("models") / "random")


@asynccontextmanager
async def recogniser(model: Path, deadline: float = 60.0) -> AsyncIterator[Whisper]:
    opened = Whisper(FLOW, model, device="cpu", compute="int8", deadline=deadline)
    try:
        yield opened
    finally:
        await opened.close()


def test_the_real_code_reads_a_segment_with_its_context(model: Path) -> None:
    decoding = Decoding(str(model), "cpu", "int8", 1)
    said = spoken("awb", "seven o'clock")
    for context in ("", context_of(FLOW, QUESTIONS["menu"])):
        for language in ("en", "de", "es"):
            answer = decoding.hear(said, {"rate": RATE, "language": language, "context": context})
            assert all(text and 0.0 < confidence <= 1.0 for text, confidence in answer["readings"])
    assert decoding.hear(b"", {"rate": RATE, "language": "en", "context": ""}) == {"readings": []}


def test_a_call_goes_on_through_garbage_deadlines_and_dying_processes(model: Path) -> None:
    async def work() -> None:
        said = spoken("awb", "no")
        async with recogniser(model) as opened:
            assert opened.open
            await opened.warm()
            heard = await opened.recognise(said, RATE, QUESTIONS["consent"])
            assert 0.0 <= heard.confidence <= 1.0
            assert heard.milliseconds > 0
            for process in opened.processes.idle:
                process.kill()
                await process.wait()
            assert (await opened.recognise(said, RATE, QUESTIONS["consent"])).text == ""
            opened.processes.deadline = 0.0
            assert (await opened.recognise(said, RATE, QUESTIONS["consent"])).text == ""
            opened.processes.deadline = 60.0
            await opened.recognise(said, RATE, QUESTIONS["consent"])
            assert len(opened.processes.idle) == 1

    asyncio.run(work())


@pytest.mark.parametrize(
    ("texts", "scores", "no_speech", "readings"),
    [
        (["seven", "eleven"], [-0.1, -0.4], 0.1, ["seven", "eleven"]),
        (["seven", "seven", ""], [-0.1, -0.2, -0.3], 0.1, ["seven"]),
        (["thank you for watching"], [UNLIKELY - 0.1], 0.1, []),
        (["you"], [UNLIKELY / 2 - 0.1], 0.9, []),
        (["yes"], [-0.05], 0.9, ["yes"]),
        (["la " * 60], [-0.1], 0.1, []),
        ([], [], 0.0, []),
    ],
)
def test_only_readings_that_somebody_may_have_said(
    texts: list[str], scores: list[float], no_speech: float, readings: list[str]
) -> None:
    assert [text for text, _ in judged(texts, scores, no_speech)["readings"]] == readings


@given(st.lists(st.tuples(st.text(max_size=40), st.floats(-9, 0)), max_size=6), st.floats(0, 1))
def test_readings_are_different_and_have_a_probability(said: list[tuple[str, float]], no_speech: float) -> None:
    ordered = sorted(said, key=lambda reading: -reading[1])
    found = judged([text for text, _ in ordered], [score for _, score in ordered], no_speech)["readings"]
    assert len({text for text, _ in found}) == len(found)
    assert all(text and 0.0 <= confidence <= 1.0 for text, confidence in found)


def test_the_context_holds_what_may_be_said_and_no_placeholders() -> None:
    for expecting in QUESTIONS.values():
        context = context_of(FLOW, expecting)
        assert len(context) <= LONGEST
        assert "{" not in context
    menu = QUESTIONS["menu"]
    assert context_of(FLOW, menu)
    assert context_of(FLOW, replace(menu, choices=("19:00", "21:00"))).startswith("19:00, 21:00")


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"speech\.model: it is not set"):
        open_recogniser(FLOW, Listening("whisper"))
    with pytest.raises(SettingsError, match=r"holds no model\.bin.*frontdesk models fetch"):
        open_recogniser(FLOW, Listening("whisper", model=tmp_path))
    with pytest.raises(SettingsError, match="there is no recogniser"):
        open_recogniser(FLOW, Listening("whisperer"))


def test_models_are_listed_and_a_failed_fetch_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = CliRunner().invoke(command, ["list", "--json"])
    assert "small" in json.loads(listed.stdout)["whisper"]

    def unreachable(name: str, output_dir: str) -> str:
        raise OSError(f"no network for {name} to {output_dir}")

    monkeypatch.setattr("faster_whisper.utils.download_model", unreachable)
    failed = CliRunner().invoke(command, ["fetch", "small"])
    assert "no network for small" in str(failed.exception)
    assert "copy its folder" in str(failed.exception)
    with pytest.raises(SettingsError, match="there is no model"):
        whisper_models.fetch("smal", Path("models"))
