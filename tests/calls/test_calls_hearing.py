"""Turn-taking in simulated time: who is cut off, who is waited for, and who goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from engine.call.parts import Parts
from engine.effects import Effect, Expecting, Say
from engine.events import Heard, Interrupted, Silence, Spoken
from engine.speech.stt import Transcript
from engine.speech.vendors.scripted import Scripted
from tests.calls.virtual import FRAME, FakeLine, FakeTools, FakeVoice, Held, hold

REST = ["a table for four on saturday at half past seven", "Maria Rossi", "yes", "yes", "no thanks"]


def words(held: Held) -> list[str]:
    return [event.words for event in held.events if isinstance(event, Heard)]


def test_a_plain_no_is_answered_at_once_and_an_open_answer_is_waited_for(tmp_path: Path) -> None:
    held = hold(FakeLine([0.6] * 6), ["no", *REST], FakeTools(), tmp_path)
    no, wish, *_ = held.timings["answer"]
    assert no < 250
    assert wish > 500


def test_a_pause_inside_an_answer_does_not_end_it(tmp_path: Path) -> None:
    line = FakeLine([0.6, (0.6, 0.4, 0.8), 0.6, 0.6, 0.6, 0.6])
    held = hold(line, ["no", "a table for", *REST], FakeTools(), tmp_path)
    assert words(held)[:2] == ["no", REST[0]]


def test_unfinished_words_are_waited_for_longer_than_finished_ones(tmp_path: Path) -> None:
    line = FakeLine([0.6, (0.6, 1.0, 0.8), 0.6, 0.6, 0.6, 0.6])
    held = hold(line, ["no", "I would like to", *REST], FakeTools(), tmp_path)
    assert words(held)[:2] == ["no", REST[0]]


OVER_THE_QUESTION = 5.5
"""Seconds into the call: the notice, which nobody may interrupt, is over, and we ask whether we may record."""


class Late(Scripted):
    """A recogniser that takes its time: 1.5 s."""

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        await asyncio.sleep(1.5)
        return await super().recognise(samples, rate, expecting)


def over_us(
    said: str, seconds: float, folder: Path, change: Callable[[Parts], Parts] = lambda parts: parts
) -> tuple[Held, float]:
    """A caller who speaks while we ask something, then hangs up; and the longest gap in our
    words of the first eight seconds."""
    line = FakeLine([(0.0, OVER_THE_QUESTION, seconds), None], impatient=True)
    held = hold(line, [said], FakeTools(), folder, FakeVoice(frames=15), change=change)
    sounding = [number for number, frame in enumerate(line.sent[: round(8 / FRAME)]) if any(frame)]
    return held, max(later - earlier for earlier, later in pairwise(sounding)) * FRAME


@pytest.mark.parametrize("murmur", ["", "hm", "oh I see"])
def test_a_murmur_over_our_words_lets_us_go_on_where_we_stopped(murmur: str, tmp_path: Path) -> None:
    held, gap = over_us(murmur, 0.3, tmp_path)
    assert next(type(event) for event in held.events if isinstance(event, Interrupted | Heard | Spoken)) is Spoken
    assert words(held) == []
    assert 0.2 < gap < 0.6


def test_a_click_over_our_words_is_hardly_heard_in_them(tmp_path: Path) -> None:
    """The longest gap stays the one between our sentences."""
    held, gap = over_us("no", 0.06, tmp_path)
    assert words(held) == []
    assert gap == over_us("no", 0.0, tmp_path)[1]


def test_a_murmur_is_no_answer_also_where_its_words_come_after_we_went_on(tmp_path: Path) -> None:
    held, _ = over_us("", 0.3, tmp_path, lambda parts: replace(parts, recogniser=Late([""])))
    assert words(held) == []


def test_an_answer_over_our_words_ends_them_also_where_it_is_read_late(tmp_path: Path) -> None:
    held, _ = over_us("no", 0.3, tmp_path, lambda parts: replace(parts, recogniser=Late(["no"])))
    assert [type(event) for event in held.events if isinstance(event, Interrupted | Heard)] == [Interrupted, Heard]


def test_an_answer_over_our_words_ends_them(tmp_path: Path) -> None:
    held, _ = over_us("no", 0.3, tmp_path)
    kinds = [type(event) for event in held.events if isinstance(event, Interrupted | Heard | Spoken)]
    assert kinds[:2] == [Interrupted, Heard]


def test_who_talks_on_over_us_is_let_speak_before_we_know_what_they_say(tmp_path: Path) -> None:
    held, _ = over_us("mhm", 3.0, tmp_path)
    kinds = [type(event) for event in held.events if isinstance(event, Interrupted | Heard | Spoken)]
    assert kinds[:2] == [Interrupted, Heard]


def test_noise_in_our_silence_is_not_understood_as_before(tmp_path: Path) -> None:
    held = hold(FakeLine([0.6, None]), [""], FakeTools(), tmp_path)
    assert words(held) == [""]
    assert not any(isinstance(event, Silence) for event in held.events)


def test_the_stages_of_an_answer_add_up_to_it(tmp_path: Path) -> None:
    held = hold(FakeLine([0.6] * 6), ["no", *REST], FakeTools(takes=0.0), tmp_path)
    stages = [held.timings[name] for name in ("endpoint", "words", "step", "speak")]
    for number, answer in enumerate(held.timings["answer"][:2]):
        assert abs(answer - sum(stage[number] for stage in stages)) <= 1000 * FRAME


def test_an_answer_that_was_cut_off_is_timed_by_the_words_before_it(tmp_path: Path) -> None:
    line = FakeLine([0.6, (0.0, 3.0, 0.6), None], impatient=True)
    held = hold(line, ["no", "a table please", "no"], FakeTools(), tmp_path, FakeVoice(frames=15))
    assert all(answer > 0 for answer in held.timings["answer"])


def test_a_filler_is_no_answer(tmp_path: Path) -> None:
    held = hold(FakeLine([0.6] * 6), ["no", *REST], FakeTools(takes=1.5), tmp_path)
    assert max(held.timings["answer"]) > 1500


class OverTheEcho(FakeLine):
    """Answers over our words where we read back, and waits for the end of all others."""

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        said = [prompt.id for effect in effects if isinstance(effect, Say) for prompt in effect.prompts]
        self.impatient = "echo" in said if said else self.impatient
        super().effects(effects, now)


def test_words_over_what_must_be_heard_are_no_answer_and_time_none(tmp_path: Path) -> None:
    """What is read back again because nobody had heard it is not interrupted."""
    line = OverTheEcho([0.6, 0.6, 0.6, 0.6, (0.0, 0.2, 0.6), (0.0, 0.2, 0.6), 0.6, None])
    held = hold(line, ["no", *REST[:3], "yes", "yes", "yes"], FakeTools(), tmp_path, FakeVoice(frames=100))
    assert words(held).count("yes") == 3
    assert max(held.timings["answer"]) < 2000
