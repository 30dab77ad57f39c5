"""The recogniser in its own process: what it hears, what it refuses, and what happens when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml
from flite_voice import RATE, VOICES, spoken
from hearing_flow import FLOW, QUESTIONS, SLOTS

from engine.effects import Expecting
from engine.errors import SettingsError
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.speech.audio import frames
from engine.speech.ear import Ear, SpeechEnded
from engine.speech.engines import Listening, open_recogniser
from engine.speech.grammar import Grammars
from engine.speech.stt import Transcript, following
from engine.speech.vendors.pocketsphinx_stt import Pocketsphinx
from engine.speech.vendors.pocketsphinx_worker import AGREED, DIFFERED, ONE_READING, PLAIN_READING, judged
from engine.speech.vendors.scripted import Scripted
from engine.speech.vendors.silero import Silero

CASES: dict[str, dict[str, list[str]]] = yaml.safe_load((Path(__file__).parent / "recogniser_cases.yaml").read_text())
HEARD = [(question, text) for question, texts in CASES["heard"].items() for text in texts]
NOT_HEARD = [(question, text) for question, texts in CASES["not_heard"].items() for text in texts]


def utterance(voice: str, text: str, expecting: Expecting) -> bytes:
    """What the ear cuts out of somebody saying `text`."""
    ear = Ear(Silero(), RATE, SLOTS)
    ear.listen(1, expecting)
    (ended,) = (event for event in ear.feed(spoken(voice, text)) if isinstance(event, SpeechEnded))
    return ended.samples


@asynccontextmanager
async def recogniser(deadline: float = 60.0, workers: int = 1) -> AsyncIterator[Pocketsphinx]:
    opened = Pocketsphinx(Grammars(FLOW), workers=workers, deadline=deadline)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture(scope="module")
def transcripts() -> dict[tuple[str, str, str], Transcript]:
    """What one recogniser makes of every case in every voice."""
    return asyncio.run(_transcripts())


async def _transcripts() -> dict[tuple[str, str, str], Transcript]:
    async with recogniser() as opened:
        return {
            (voice, question, text): await opened.recognise(
                utterance(voice, text, QUESTIONS[question]), RATE, QUESTIONS[question]
            )
            for question, text in HEARD + NOT_HEARD
            for voice in VOICES
        }


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await work()

    asyncio.run(whole())


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(("question", "text"), HEARD)
def test_heard(transcripts: dict[tuple[str, str, str], Transcript], voice: str, question: str, text: str) -> None:
    transcript = transcripts[voice, question, text]
    assert transcript.text.replace("yeah", "yes") == text.lower().replace(",", "")
    assert transcript.confidence > 0.5


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(("question", "text"), NOT_HEARD)
def test_not_heard(transcripts: dict[tuple[str, str, str], Transcript], voice: str, question: str, text: str) -> None:
    transcript = transcripts[voice, question, text]
    assert (transcript.text, transcript.confidence) == ("", 0.0)


def test_nothing_said_is_nothing_heard() -> None:
    async def work() -> None:
        async with recogniser() as opened:
            for samples in (b"", b"\0" * 2, b"\0" * RATE):
                assert (await opened.recognise(samples, RATE, QUESTIONS["consent"])).text == ""

    run(work)


def test_too_late_is_nothing_heard_and_the_next_is_heard_again() -> None:
    async def work() -> None:
        said = utterance("awb", "no", QUESTIONS["consent"])
        async with recogniser(deadline=0.0) as opened:
            assert (await opened.recognise(said, RATE, QUESTIONS["consent"])).text == ""
            opened.processes.deadline = 60.0
            assert (await opened.recognise(said, RATE, QUESTIONS["consent"])).text == "no"

    run(work)


def test_a_process_that_dies_is_replaced() -> None:
    async def work() -> None:
        said = utterance("awb", "no", QUESTIONS["consent"])
        async with recogniser() as opened:
            await opened.warm([QUESTIONS["consent"]])
            for process in opened.processes.idle:
                process.kill()
                await process.wait()
            texts = [(await opened.recognise(said, RATE, QUESTIONS["consent"])).text for _ in range(2)]
            assert texts[1] == "no"

    run(work)


def test_who_gives_up_leaves_the_recogniser_in_order() -> None:
    async def work() -> None:
        said = utterance("awb", "no", QUESTIONS["consent"])
        async with recogniser() as opened:
            await opened.warm()
            given_up = asyncio.create_task(opened.recognise(said, RATE, QUESTIONS["menu"]))
            await asyncio.sleep(0)
            given_up.cancel()
            (result,) = await asyncio.gather(given_up, return_exceptions=True)
            assert isinstance(result, asyncio.CancelledError)
            assert (await opened.recognise(said, RATE, QUESTIONS["consent"])).text == "no"
            assert len(opened.processes.idle) == 1

    run(work)


def test_several_callers_share_the_processes() -> None:
    async def work() -> None:
        said = {text: utterance("rms", text, QUESTIONS["consent"]) for text in ("yes", "no")}
        asked = ["yes", "no", "no", "yes", "no"]
        async with recogniser(workers=2) as opened:
            answers = await asyncio.gather(
                *(opened.recognise(said[text], RATE, QUESTIONS["consent"]) for text in asked)
            )
            assert [answer.text for answer in answers] == asked
            assert len(opened.processes.idle) == 2

    run(work)


def test_what_is_read_while_it_is_said_is_what_is_read_whole() -> None:
    async def work() -> None:
        question = QUESTIONS["consent"]
        async with recogniser() as opened:
            await opened.warm([question])
            said = utterance("slt", "yes please", question)
            whole = await opened.recognise(said, RATE, question)
            followed = opened.follow(RATE, question)
            assert not opened.processes.idle
            for frame in frames(said, RATE):
                followed.feed(frame)
            assert (await followed.words()).text == whole.text == "yes please"
            followed.close()
            assert len(opened.processes.idle) == 1

    run(work)


def test_an_utterance_goes_on_after_its_words_were_asked_for() -> None:
    async def work() -> None:
        question = QUESTIONS["consent"]
        async with recogniser() as opened:
            await opened.warm([question])
            followed = opened.follow(RATE, question)
            followed.feed(utterance("awb", "no", question))
            assert [(await followed.words()).text for _ in range(2)] == ["no", "no"]
            followed.feed(utterance("awb", "thank you", question))
            assert (await followed.words()).text == "no thank you"
            followed.close()

    run(work)


def test_who_speaks_while_all_processes_are_busy_is_read_afterwards() -> None:
    async def work() -> None:
        question = QUESTIONS["consent"]
        async with recogniser() as opened:
            await opened.warm([question])
            first, second = opened.follow(RATE, question), opened.follow(RATE, question)
            first.feed(utterance("rms", "yes", question))
            second.feed(utterance("rms", "no", question))
            assert (await second.words()).text == "no"
            assert (await first.words()).text == "yes"
            first.close()
            second.close()
            assert len(opened.processes.idle) == 1

    run(work)


def test_a_recogniser_that_reads_segments_gets_all_that_was_said() -> None:
    async def work() -> None:
        script = Scripted(["yes", "yes please"])
        followed = following(script, RATE, QUESTIONS["consent"])
        followed.feed(b"\0" * 320)
        assert (await followed.words()).text == "yes"
        followed.feed(b"\0" * 320)
        assert (await followed.words()).text == "yes please"
        followed.close()

    run(work)


@pytest.mark.parametrize(
    ("first", "second", "text", "confidence"),
    [
        ("at eight", "at eight", "at eight", AGREED),
        ("yes", "yeah", "yes", AGREED),
        ("at eight", "", "at eight", ONE_READING),
        ("", "at eight", "at eight", PLAIN_READING),
        ("at eight", "at nine", "at eight", DIFFERED),
        ("no", "no at nine", "no", DIFFERED),
        ("yes", "no", "", 0.0),
        ("no thank you", "yes please", "", 0.0),
        ("", "", "", 0.0),
    ],
)
def test_two_readings_make_one_answer(first: str, second: str, text: str, confidence: float) -> None:
    answer = judged(first, second)
    assert (answer["text"], answer["confidence"]) == (text, confidence)


def test_the_scripted_recogniser_answers_in_order_and_then_nothing() -> None:
    async def work() -> None:
        script = Scripted(["yes", Transcript("no", 0.5)])
        answers = [await script.recognise(b"", RATE, QUESTIONS["consent"]) for _ in range(3)]
        assert [(answer.text, answer.confidence) for answer in answers] == [("yes", 1.0), ("no", 0.5), ("", 0.0)]
        assert script.asked == [QUESTIONS["consent"]] * 3
        await script.close()

    run(work)


@pytest.mark.parametrize("language", ["de", "es"])
def test_the_embedded_recogniser_refuses_another_language_at_once(language: str) -> None:
    flow = load_flow(find_flow("trattoria"), language)
    with pytest.raises(SettingsError, match=rf"pocketsphinx hears English only.* in {language}: .*whisper"):
        open_recogniser(flow, Listening("pocketsphinx"))
