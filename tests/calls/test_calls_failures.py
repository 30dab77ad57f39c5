"""Whatever fails, the call goes on, or to a person; and a caller who waits for us hears within two seconds that we are
there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import nan
from pathlib import Path

import pytest

from engine.call.line import Arrival, Frame
from engine.call.parts import Parts
from engine.effects import Act, Effect, Expecting, Listen, LookUp, Prompt, Record, Say, Transfer
from engine.errors import PeerError
from engine.events import Digits, Event, Heard, Recorded, Silence
from engine.persona.prosody import Utterance
from engine.speech.recorded import NotRecorded
from engine.speech.rendering import Renderer
from engine.speech.stt import Transcript
from engine.speech.tone import comfort
from engine.understanding.model import ModelPrompt, Schema
from tests.calls.virtual import FRAME, LOUD, RATE, FakeDetector, FakeLine, FakeTools, FakeVoice, Held, hold

WORDS = ["no", "a table for four on saturday at half past seven", "Maria Rossi", "yes", "yes", "no thanks"]
LONGEST_SILENCE = 2.0
COMFORT = comfort(RATE)[320:640]


@dataclass
class Patient(FakeLine):
    """A telephone that also counts how long the caller hears nothing while it is our turn."""

    longest: float = 0.0
    prompts: list[Prompt] = field(default_factory=list)
    _theirs: bool = True
    _asking: bool = False
    _away: bool = False
    """In a message that the caller leaves, or ringing at a person's telephone."""
    _still: int = 0

    def event(self, event: Event, now: datetime) -> None:
        if type(event).__name__ in ("Spoken", "Interrupted"):
            self._theirs = self._theirs or self._asking
        if isinstance(event, Digits):
            self._theirs = self._asking = False
        super().event(event, now)

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        said = [effect for effect in effects if isinstance(effect, Say)]
        self.prompts += [prompt for say in said for prompt in say.prompts]
        self._away = self._away and not said
        for effect in effects:
            self._away = self._away or isinstance(effect, Record | Transfer)
            if isinstance(effect, Act | LookUp):
                self._theirs = self._asking = False
            if isinstance(effect, Listen | Record):
                self._asking, self._theirs = True, not said
        super().effects(effects, now)

    async def arrivals(self) -> AsyncIterator[Arrival]:
        async for arrival in super().arrivals():
            if isinstance(arrival, Frame) and any(arrival.samples):
                self._theirs = self._asking = False
                self._still = 0
            yield arrival

    async def send(self, samples: bytes) -> None:
        await super().send(samples)
        self._still = 0 if any(samples) or self._theirs or self._away else self._still + 1
        self.longest = max(self.longest, self._still * FRAME)

    @property
    def comforted(self) -> bool:
        return COMFORT in self.sent


def talk(folder: Path, line: Patient, change: Callable[[Parts], Parts], tools: FakeTools | None = None) -> Held:
    held = hold(line, WORDS, tools or FakeTools(), folder, change=change)
    assert held.session.state.ended
    assert line.longest <= LONGEST_SILENCE
    return held


def listed(value: object) -> list[str]:
    return [part for part in value if isinstance(part, str)] if isinstance(value, list | tuple) else []


# the recogniser


class Hanging:
    """A recogniser that never answers."""

    name = "hanging"
    open = True

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        await asyncio.Event().wait()
        raise AssertionError

    async def warm(self, questions: Iterable[Expecting]) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to end."""


def test_a_recogniser_that_hangs_offers_keys_and_then_a_person(tmp_path: Path) -> None:
    line = Patient([0.6] * 20)
    held = talk(tmp_path, line, lambda parts: replace(parts, recogniser=Hanging()))
    assert {event.words for event in held.events if isinstance(event, Heard)} == {""}
    offered = [part for prompt in line.prompts for typed in prompt.values.values() for part in listed(typed.value)]
    assert any("press 1" in part for part in offered)
    assert line.transfers == ["200"]
    assert line.comforted


def test_keys_book_a_table_while_the_recogniser_hangs(tmp_path: Path) -> None:
    line = Patient(["2", "1", "3#", "0310", "1945", 0.6, "0"])
    held = talk(tmp_path, line, lambda parts: replace(parts, recogniser=Hanging()))
    assert [event.keys for event in held.events if isinstance(event, Digits)][:5] == ["2", "1", "3", "0310", "1945"]
    assert line.transfers == ["200"]


# the model's server


class Away:
    """A server that keeps to no deadline."""

    async def ask(self, prompt: ModelPrompt, schema: Schema) -> str:
        await asyncio.sleep(600)
        return ""


def test_a_model_that_never_answers_costs_a_repeat_and_no_silence(tmp_path: Path) -> None:
    line, tools = Patient([0.6] * 7), FakeTools()
    words = ["no", "my lot fancy eating at yours", *WORDS[1:]]
    held = hold(line, words, tools, tmp_path, model=Away())
    assert tools.calls == ["find_table", "book_table"]
    assert held.session.state.why == "goodbye"
    assert line.longest <= LONGEST_SILENCE
    assert line.comforted


# the voice


@dataclass
class Dying(FakeVoice):
    """Its process dies in the middle of every sentence, from the first one or a later one on; or it hangs there."""

    name = "dying"
    lives: int = 0
    hangs: bool = False
    broken_off: list[str] = field(default_factory=list)

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        self.lives -= 1
        words = utterance.text.split()
        for number in range(len(words)):
            if self.lives < 0 and number == len(words) // 2:
                self.broken_off.append(utterance.text)
                if self.hangs:
                    await asyncio.Event().wait()
                raise PeerError("its process ended")
            yield LOUD * self.frames


@dataclass
class Standby(FakeVoice):
    """Keeps what it was asked to say."""

    name = "standby"
    said: list[str] = field(default_factory=list)

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        self.said.append(utterance.text)
        async for chunk in super().speak(utterance, rate):
            yield chunk


def ladder(*voices: FakeVoice) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        return replace(parts, renderer=Renderer(voices[0], None, voices[1:], clock=parts.ticks))

    return change


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize("lives", [0, 5])
def test_another_voice_says_the_whole_sentence_again(lives: int, hangs: bool, tmp_path: Path) -> None:
    first, second, line = Dying(lives=lives, hangs=hangs), Standby(), Patient([0.6] * 6)
    held = talk(tmp_path, line, ladder(first, second))
    assert held.session.state.why == "goodbye"
    assert first.broken_off[0] == second.said[0]
    assert len(first.broken_off) < len(second.said)  # it rests, and is not asked for every sentence


@pytest.mark.parametrize("hangs", [False, True])
def test_without_any_voice_a_tone_leads_to_a_person(hangs: bool, tmp_path: Path) -> None:
    line = Patient([0.6] * 6)
    with pytest.raises(PeerError, match="we cannot speak"):
        hold(line, WORDS, FakeTools(), tmp_path, change=ladder(Dying(hangs=hangs), Dying(hangs=hangs)))
    assert any(line.sent[-1]) or any(line.sent[-2])
    assert line.longest <= LONGEST_SILENCE


@dataclass
class Recordings(Standby):
    """Has only the sentences with some words in them."""

    words: str = ""

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        if self.words not in utterance.text:
            raise NotRecorded(f"nobody has recorded {utterance.text!r}")
        async for chunk in super().speak(utterance, rate):
            yield chunk


def recordings_after(engines: Callable[[], Dying], spare: Recordings) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        return replace(parts, renderer=Renderer(engines(), None, (engines(),), clock=parts.ticks, spare=spare))

    return change


@pytest.mark.parametrize("hangs", [False, True])
def test_without_any_engine_recordings_hold_the_call(hangs: bool, tmp_path: Path) -> None:
    line, tools, spare = Patient([0.6] * 6), FakeTools(), Recordings()
    held = hold(line, WORDS, tools, tmp_path, change=recordings_after(lambda: Dying(hangs=hangs), spare))
    assert held.session.state.why == "goodbye"
    assert tools.calls == ["find_table", "book_table"]
    assert line.longest <= LONGEST_SILENCE


@pytest.mark.parametrize("hangs", [False, True])
def test_without_any_engine_recorded_words_lead_to_a_person(hangs: bool, tmp_path: Path) -> None:
    spare, line = Recordings(words="put you through"), Patient([0.6] * 6)
    with pytest.raises(PeerError, match="we cannot speak"):
        hold(line, WORDS, FakeTools(), tmp_path, change=recordings_after(lambda: Dying(hangs=hangs), spare))
    assert len(spare.said) == 1
    assert "put you through" in spare.said[0]
    assert sum(any(frame) for frame in line.sent[-40:]) >= 2 * len(spare.said[0].split())
    assert line.longest <= LONGEST_SILENCE


# the disk


@dataclass
class SlowDisk:
    """Takes its time, or forever (None), or is full."""

    seconds: float | None = None
    full: bool = False

    def write(self, work: Callable[[], None]) -> asyncio.Future[None]:
        return asyncio.ensure_future(self._write(work))

    async def _write(self, work: Callable[[], None]) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        await (asyncio.sleep(self.seconds) if self.seconds is not None else asyncio.Event().wait())
        work()

    def close(self) -> None:
        """Nothing to end."""


DISKS = [SlowDisk(0.5), SlowDisk(), SlowDisk(full=True)]


@pytest.mark.parametrize("disk", DISKS, ids=["slow", "stuck", "full"])
def test_a_call_whose_disk_is_slow_is_not_slower(disk: SlowDisk, tmp_path: Path) -> None:
    line, tools = Patient([0.6] * 6), FakeTools()
    held = hold(line, ["yes", *WORDS[1:]], tools, tmp_path, change=lambda parts: replace(parts, disk=disk))
    assert held.session.sound.recording is not None
    assert held.session.state.why == "goodbye"
    assert tools.calls == ["find_table", "book_table"]
    assert {round(later - earlier, 6) for earlier, later in pairwise(line.sent_at)} == {FRAME}
    assert line.longest <= LONGEST_SILENCE


@pytest.mark.parametrize(("disk", "kept"), [(DISKS[0], True), (DISKS[1], False), (DISKS[2], False)])
def test_a_message_counts_as_kept_once_it_is_on_disk(disk: SlowDisk, kept: bool, tmp_path: Path) -> None:
    line = Patient(["2", "0", 1.5])
    held = talk(tmp_path, line, lambda parts: replace(parts, disk=disk))
    recorded = [event for event in held.events if isinstance(event, Recorded)]
    assert [bool(event.ref) for event in recorded][:1] == [kept]
    assert [(tmp_path / event.ref).is_file() for event in recorded if event.ref] == [True] * kept


# the detector of speech


@dataclass
class Stuck(FakeDetector):
    """Says the same whatever it hears."""

    at: float = 1.0

    def listening(self, rate: int) -> Stuck:
        return self

    def feed(self, samples: bytes) -> float:
        return self.at


HUM = b"\x00\x01" * 160
BABBLE = [Frame(b"\x00\x01" * 160)] * 9 + [Frame(b"\x00\x03" * 160)]


@dataclass
class Noisy(Patient):
    """A line that is never silent."""

    noise: list[Frame] = field(default_factory=lambda: [Frame(HUM)])

    async def arrivals(self) -> AsyncIterator[Arrival]:
        number = 0
        async for arrival in super().arrivals():
            silent = isinstance(arrival, Frame) and not any(arrival.samples)
            number += 1
            yield self.noise[number % len(self.noise)] if silent else arrival


def stuck(at: float) -> Callable[[Parts], Parts]:
    return lambda parts: replace(parts, detector=Stuck(at))


@pytest.mark.parametrize("line", [Patient([0.6] * 6), Noisy([0.6] * 6)], ids=["silent", "humming"])
def test_a_detector_stuck_at_speech_is_not_believed_on_a_line_without_any(line: Patient, tmp_path: Path) -> None:
    tools = FakeTools()
    held = talk(tmp_path, line, stuck(1.0), tools)
    assert held.session.state.why == "goodbye"
    assert tools.calls == ["find_table", "book_table"]


def test_other_people_s_endless_talk_ends_turns_and_lets_us_finish_our_words(tmp_path: Path) -> None:
    line = Noisy([], noise=BABBLE)
    held = hold(line, [], FakeTools(), tmp_path, change=stuck(1.0))
    assert held.session.state.ended
    assert line.transfers == ["200"]
    assert sum(isinstance(event, Heard) for event in held.events) >= 2
    assert line.longest <= LONGEST_SILENCE  # from the moment at which the turn is over
    assert held.seconds < 180


@pytest.mark.parametrize("at", [0.0, nan])
def test_a_detector_that_hears_nobody_has_the_caller_asked_again_at_once(at: float, tmp_path: Path) -> None:
    line = Patient([0.6] * 20)
    held = talk(tmp_path, line, stuck(at))
    assert sum(isinstance(event, Silence) for event in held.events) >= 3
    assert line.transfers == ["200"]
    assert held.seconds < 180


@dataclass
class Deafened(FakeDetector):
    """Hears nobody any more after so many frames."""

    frames: int

    def listening(self, rate: int) -> Deafened:
        return self

    def feed(self, samples: bytes) -> float:
        self.frames -= 1
        return super().feed(samples) if self.frames > 0 else 0.0


def test_a_detector_that_goes_deaf_is_found_out_with_the_second_answer_that_it_misses(tmp_path: Path) -> None:
    line = Patient([0.6] * 20)
    held = hold(line, WORDS, FakeTools(), tmp_path, change=lambda parts: replace(parts, detector=Deafened(100)))
    silences = [event.turn for event in held.events if isinstance(event, Silence)]
    assert len(silences) >= 3
    assert any(isinstance(event, Heard) for event in held.events)
    assert line.longest < 6
    assert line.transfers == ["200"]


# clocks and tools


@pytest.mark.parametrize("hours", [-25, -1, 1, 25])
def test_a_clock_that_is_set_during_a_call_changes_nothing(hours: int, tmp_path: Path) -> None:
    def jumps(parts: Parts) -> Parts:
        def clock() -> datetime:
            late = parts.ticks() > 12
            return parts.clock() + timedelta(hours=hours if late else 0)

        return replace(parts, clock=clock)

    plain = hold(FakeLine([0.6] * 6), WORDS, FakeTools(takes=3), tmp_path)
    moved = hold(FakeLine([0.6] * 6), WORDS, FakeTools(takes=3), tmp_path, change=jumps)
    assert moved.events == plain.events
    assert moved.seconds == pytest.approx(plain.seconds, abs=FRAME)


def test_a_caller_who_waits_for_a_tool_hears_that_we_are_there(tmp_path: Path) -> None:
    line = Patient([0.6] * 6)
    talk(tmp_path, line, lambda parts: parts, FakeTools(takes=6))
    assert line.comforted
