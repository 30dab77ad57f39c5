"""The ear on sound whose speech is known: what it reports, for which turn, at which frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.effects import Expecting
from engine.errors import Position
from engine.flow.model import PromptText, Slot
from engine.speech.audio import frame_bytes
from engine.speech.ear import (
    PREROLL,
    TAIL,
    Ear,
    EarEvent,
    NoSpeech,
    Recorder,
    SpeechDismissed,
    SpeechEnded,
    SpeechGoesOn,
    SpeechNoticed,
    SpeechPaused,
    SpeechStarted,
)
from engine.speech.endpoint import PAUSED_AFTER, Completeness

RATE = 8000
FRAME = frame_bytes(RATE)
CASES = yaml.safe_load((Path(__file__).parent / "ear_cases.yaml").read_text())
SLOTS = {
    name: Slot(name, name, PromptText(name, ()), Position(), name) for name in ("party_size", "phone", "date", "time")
}
QUESTIONS = {
    "intent": Expecting("menu", "intent"),
    "yes_no": Expecting("record", "yes_no", yes_no=True),
    "confirm": Expecting("echo", "yes_no", yes_no=True, open=("party_size",)),
    "party_size": Expecting("booking", "slot", "party_size"),
    "phone": Expecting("booking", "slot", "phone"),
}


class Marked:
    """A detector that is told: a frame that does not begin with zero is speech."""

    name = "marked"

    def listening(self, rate: int) -> Marked:
        return self

    def feed(self, samples: bytes) -> float:
        return 1.0 if any(samples[:2]) else 0.0


SPEECH, QUIET = b"\x01" * FRAME, b"\x00" * FRAME
MISSED = b"\x00\x00" + b"\x00\x10" * (FRAME // 2 - 1)
"""What the detector takes for silence, and is none."""


def voice(frames: int) -> bytes:
    """Speech: as every voice it rises and falls."""
    return b"".join(SPEECH if number % 10 < 9 else b"\x02" * FRAME for number in range(frames))


def hear(case: dict[str, Any]) -> Iterator[EarEvent]:
    ear = Ear(Marked(), RATE, SLOTS)
    question = QUESTIONS[case["asked"]]
    expecting = Expecting(
        question.step, question.kind, question.asked, question.open, question.yes_no, noinput=case.get("noinput", 6.0)
    )
    for what in case["sound"]:
        match what.split():
            case ["listen", turn]:
                ear.listen(int(turn), expecting)
            case ["prompt_ended"]:
                ear.prompt_ended()
            case ["judge", turn, version, completeness]:
                ear.judge(int(turn), int(version), Completeness(completeness))
            case [kind, seconds]:
                frames = round(float(seconds) / 0.02)
                yield from ear.feed({"speech": voice(frames), "missed": MISSED * frames, "quiet": QUIET * frames}[kind])


def told(event: EarEvent) -> str:
    match event:
        case SpeechNoticed(turn):
            return f"noticed {turn}"
        case SpeechDismissed(turn):
            return f"dismissed {turn}"
        case SpeechGoesOn():
            return "goes on"
        case SpeechStarted(turn, at):
            return f"started {turn} at {at}"
        case SpeechPaused(turn, version):
            return f"paused {turn} version {version}"
        case SpeechEnded(turn, _, started, ended, decided, version):
            return f"ended {turn} from {started} to {ended} decided {decided} version {version}"
        case NoSpeech(turn):
            return f"silent {turn}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_events(case: dict[str, Any]) -> None:
    """Cases tell what is noticed, and dismissed again, only where they are about it."""
    left_out = (SpeechGoesOn,) if "noticed 1" in case["events"] else (SpeechGoesOn, SpeechNoticed, SpeechDismissed)
    assert [told(event) for event in hear(case) if not isinstance(event, left_out)] == case["events"]


def test_the_sound_is_given_as_it_comes_and_whole_at_every_pause() -> None:
    case = {"asked": "confirm", "sound": ["listen 1", "quiet 1.0", "speech 0.4", "quiet 0.3", "speech 0.4", "quiet 1"]}
    sound, at_pauses = b"", []
    for event in hear(case):
        match event:
            case SpeechStarted(samples=samples) | SpeechGoesOn(samples=samples):
                sound += samples
            case SpeechPaused():
                at_pauses.append(sound)
    first, second = at_pauses
    assert first == QUIET * PREROLL + voice(20) + QUIET * PAUSED_AFTER
    assert second == QUIET * PREROLL + voice(20) + QUIET * 15 + voice(20) + QUIET * PAUSED_AFTER


def test_speech_that_belongs_to_a_later_question_is_given_to_it_whole() -> None:
    sound = ["listen 1", "quiet 1.0", "speech 0.4", "listen 2", "speech 0.6", "quiet 1"]
    started = [event for event in hear({"asked": "intent", "sound": sound}) if isinstance(event, SpeechStarted)]
    assert [event.turn for event in started] == [1, 2]
    assert started[1].samples.startswith(QUIET * PREROLL + voice(20))


def test_the_utterance_holds_what_was_before_and_a_little_after() -> None:
    case = {"asked": "yes_no", "sound": ["listen 1", "quiet 1.0", "speech 0.4", "quiet 1.0"]}
    (ended,) = (event for event in hear(case) if isinstance(event, SpeechEnded))
    assert ended.samples == QUIET * PREROLL + voice(20) + QUIET * TAIL


@given(st.lists(st.integers(1, 3 * FRAME), max_size=30))
def test_the_size_of_what_is_fed_makes_no_difference(sizes: list[int]) -> None:
    sound = QUIET * 20 + voice(20) + QUIET * 20
    whole, pieces = Ear(Marked(), RATE), Ear(Marked(), RATE)
    whole.listen(1, QUESTIONS["yes_no"])
    pieces.listen(1, QUESTIONS["yes_no"])
    events: list[EarEvent] = []
    at = 0
    for size in [*sizes, len(sound)]:
        events += pieces.feed(sound[at : at + size])
        at += size
    assert tuple(events) == whole.feed(sound)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=20))
def test_every_beginning_has_one_end(runs: list[tuple[bool, int]]) -> None:
    ear = Ear(Marked(), RATE)
    ear.listen(1, QUESTIONS["confirm"])
    sound = b"".join(voice(frames) if speech else QUIET * frames for speech, frames in runs) + QUIET * 100
    events = ear.feed(sound)
    kinds = [type(event) for event in events if isinstance(event, SpeechStarted | SpeechEnded)]
    assert kinds == [SpeechStarted, SpeechEnded] * (len(kinds) // 2)
    signs = [type(event) for event in events if isinstance(event, SpeechNoticed | SpeechDismissed | SpeechStarted)]
    assert signs[0::2] == [SpeechNoticed] * (len(signs) // 2)
    assert SpeechNoticed not in signs[1::2]


def hears(ours: bytes, caller: bytes) -> list[str]:
    """What an ear makes of a second of the caller while a second of us is sent."""
    ear = Ear(Marked(), RATE)
    ear.listen(1, QUESTIONS["yes_no"])
    events: list[EarEvent] = []
    for _ in range(50):
        ear.ours(ours)
        events += ear.feed(caller)
    return [told(event) for event in events if not isinstance(event, SpeechGoesOn)]


@given(st.integers(300, 8000), st.floats(0.0001, 0.05))
def test_our_own_voice_that_comes_back_is_not_noticed(loud: int, part: float) -> None:
    echo = np.full(FRAME // 2, max(1, round(loud * part)), np.int16)
    assert hears(np.full(FRAME // 2, loud, np.int16).tobytes(), echo.tobytes()) == []


@given(st.integers(300, 8000), st.floats(0.07, 4.0))
def test_who_speaks_over_us_is_heard_also_when_softer(loud: int, part: float) -> None:
    voice = np.full(FRAME // 2, min(32767, round(loud * part)), np.int16)
    assert hears(np.full(FRAME // 2, loud, np.int16).tobytes(), voice.tobytes())[:2] == ["noticed 1", "started 1 at 0"]


def test_an_echo_that_comes_late_is_known_and_a_soft_voice_after_it_is_heard() -> None:
    ear, soft = Ear(Marked(), RATE), np.full(FRAME // 2, 100, np.int16).tobytes()
    ear.listen(1, QUESTIONS["yes_no"])
    ear.ours(np.full(FRAME // 2, 8000, np.int16).tobytes())
    heard = []
    for _ in range(50):
        heard += [told(event) for event in ear.feed(soft) if isinstance(event, SpeechStarted)]
        ear.ours(QUIET)
    assert heard == ["started 1 at 20"]


def record(*sound: tuple[bytes, float], longest: float = 10.0) -> tuple[float, str] | None:
    recorder = Recorder(Marked(), RATE, longest=longest, silence=1.0, patience=2.0)
    lengths = [(frame, round(seconds / 0.02)) for frame, seconds in sound]
    clip = recorder.feed(b"".join(voice(count) if frame == SPEECH else frame * count for frame, count in lengths))
    return None if clip is None else (round(clip.seconds, 2), clip.why)


def test_a_recording_ends_after_silence_and_is_trimmed() -> None:
    assert record((QUIET, 1.0), (SPEECH, 2.0), (QUIET, 1.5)) == (2.6, "silence")


def test_a_recording_goes_on_over_a_pause() -> None:
    assert record((SPEECH, 1.0), (QUIET, 0.9), (SPEECH, 1.0), (QUIET, 1.0)) == (3.2, "silence")


def test_a_recording_is_never_longer_than_allowed() -> None:
    assert record((SPEECH, 5.0), longest=3.0) == (3.0, "longest")


def test_a_recording_of_nobody_is_empty() -> None:
    assert record((QUIET, 2.0)) == (0.0, "silence")
    assert record((QUIET, 1.9)) is None


def test_a_recording_can_be_ended_by_hand() -> None:
    recorder = Recorder(Marked(), RATE, longest=10.0)
    assert recorder.feed(QUIET * 20 + voice(50)) is None
    clip = recorder.finish()
    assert (clip.samples, clip.why) == (QUIET * PREROLL + voice(50), "stopped")
