"""The mouth, on a simulated clock."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_mouth import RATE, STALL, MeasuredVoice, Room, prompt

from engine.errors import PeerError
from engine.speech.audio import FRAME_SECONDS, frame_bytes, to_array
from engine.speech.cache import PromptCache
from engine.speech.mouth import FADE_SECONDS, SEND_SECONDS, STARVED_SECONDS, Mouth
from engine.speech.tone import tone

CASES = yaml.safe_load((Path(__file__).parent / "mouth_cases.yaml").read_text(encoding="utf-8"))
DEEDS: dict[str, Any] = {
    "hush": lambda room: room.mouth.hush(),
    "pause": lambda room: room.mouth.pause(),
    "resume": lambda room: room.mouth.resume(),
    "stall": lambda room: setattr(room, "stalls", True),
}
FRAMES = 350


def room_of(case: dict[str, Any]) -> Room:
    room = Room()
    for frame, number, lengths in case.get("says", ()):
        room.at.setdefault(frame, []).append(lambda room, n=number, what=lengths: room.say(n, what))
    for frame, deed in case.get("does", {}).items():
        room.at.setdefault(frame, []).append(DEEDS[deed])
    return room


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_call(case: dict[str, Any]) -> None:
    room = asyncio.run(room_of(case).play(FRAMES))
    assert sorted([said.say, said.end, said.heard_until] for said in room.said) == sorted(case["ends"])
    assert room.audible() == case["sound"]
    if "cuts" in case:
        assert room.cuts == case["cuts"]
    assert {len(frame) for _, frame in room.sent} == {frame_bytes(RATE)}
    assert room.tapped[: len(room.sent)] == [frame for _, frame in room.sent]
    gaps = np.diff([at for at, _ in room.sent])
    assert gaps.min() == pytest.approx(FRAME_SECONDS)
    assert np.sum(gaps > 2 * FRAME_SECONDS) == (1 if "stall" in case.get("does", {}).values() else 0)


@given(
    says=st.lists(st.tuples(st.integers(0, 40), st.lists(st.floats(0, 0.3), max_size=3)), max_size=4),
    deeds=st.dictionaries(st.integers(0, 60), st.sampled_from(sorted(DEEDS)), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_any_call(says: list[tuple[int, list[float]]], deeds: dict[int, str]) -> None:
    """Whatever happens: whole frames, never closer than 20 ms, each Say ends once, and the ledger adds up."""
    case = {"says": [[frame, number, what] for number, (frame, what) in enumerate(says)], "does": deeds}
    room = asyncio.run(room_of(case).play(120))
    assert np.diff([at for at, _ in room.sent]).min() >= FRAME_SECONDS - 1e-9
    assert sorted(said.say for said in room.said) == list(range(len(says)))
    for said in room.said:
        for played, length in zip(said.prompts, dict(enumerate(says))[said.say][1], strict=True):
            assert 0 <= played.sent <= round(length * RATE)
            assert not played.whole or played.total == round(length * RATE)
        assert said.end != "whole" or said.heard_until == len(said.prompts)


def test_hush_is_heard_within_one_frame_and_fades() -> None:
    room = asyncio.run(room_of({"says": [[0, 1, [1.0]]], "does": {10: "hush"}}).play(20))
    last = np.abs(to_array(room.sent[10][1]).astype(int))
    fade = round(FADE_SECONDS * RATE)
    assert not last[fade:].any()
    assert last[0] > last[fade // 2] > last[fade - 2]
    assert not any(any(frame) for _, frame in room.sent[11:])


def test_hush_tells_how_far_it_came_and_stops_the_voice() -> None:
    room = room_of({"says": [[0, 1, [0.2, 0.2, 0.2]]]})
    told: list[Any] = []
    room.at[21] = [lambda room: told.append((room.mouth.speaking, room.mouth.hush(), room.mouth.speaking))]
    asyncio.run(room.play(30))
    before, said, after = told[0]
    assert (before, after) == (True, False)
    assert [played.sent for played in said.prompts] == [1600, 960, 0]
    assert said.heard_until == 1
    assert said == room.said[0]


def test_a_rendering_that_nobody_hears_is_stopped() -> None:
    room = Room()
    room.at[0] = [lambda room: room.say(1, [-2])]
    room.at[2] = [lambda room: room.mouth.hush()]
    asyncio.run(room.play(5))
    assert room.said[0].end == "hushed"
    assert room.said[0].prompts[0].total is None


def test_the_first_frame_after_say_carries_sound() -> None:
    room = asyncio.run(room_of({"says": [[5, 1, [0.1]]]}).play(20))
    assert [any(frame) for _, frame in room.sent[4:7]] == [False, True, True]
    assert room.said[0].began == pytest.approx(5 * FRAME_SECONDS)
    assert room.said[0].ended == pytest.approx(9 * FRAME_SECONDS)


def test_a_silent_voice_is_given_up_after_its_time() -> None:
    room = asyncio.run(room_of({"says": [[0, 1, [-2]]]}).play(FRAMES))
    assert room.said[0].why == f"the voice gave no sound for {STARVED_SECONDS:g} s"


def test_what_failed_is_told() -> None:
    room = asyncio.run(room_of({"says": [[0, 1, [-1]]]}).play(5))
    assert room.said[0].why == "this voice is broken"


def test_after_a_stall_the_distance_is_as_ever() -> None:
    room = asyncio.run(room_of({"says": [[0, 1, [0.4]]], "does": {5: "stall"}}).play(30))
    gaps = np.diff([at for at, _ in room.sent])
    assert gaps.max() == pytest.approx(FRAME_SECONDS + STALL)
    assert np.delete(gaps, gaps.argmax()) == pytest.approx(FRAME_SECONDS)


def test_a_tone_is_played_between() -> None:
    room = Room()
    done: list[Any] = []
    room.at[0] = [
        lambda room: room.say(1, [0.1]),
        lambda room: room.mouth.play(tone(RATE, seconds=0.2)).add_done_callback(lambda f: done.append(f.result())),
        lambda room: room.say(2, [0.1]),
    ]
    asyncio.run(room.play(30))
    assert (done[0].end, done[0].prompts[0].sent) == ("whole", 1600)
    assert room.audible() == 20
    assert [said.say for said in room.said] == [1, 2]


def test_a_prompt_said_before_is_not_rendered_again(tmp_path: Path) -> None:
    async def twice() -> MeasuredVoice:
        voice = MeasuredVoice()
        sent: list[bytes] = []

        async def send(frame: bytes) -> None:
            sent.append(frame)

        mouth = Mouth(voice, PromptCache(tmp_path), send, RATE, sleep=lambda seconds: asyncio.sleep(0.001))
        running = asyncio.create_task(mouth.run())
        first = await mouth.say(1, [prompt(0.2)])
        second = await mouth.say(2, [prompt(0.2)])
        running.cancel()
        await asyncio.wait([running])
        assert first.prompts == second.prompts
        return voice

    assert asyncio.run(twice()).asked == ["0.2"]
    assert not list(tmp_path.rglob("*.wav"))  # a call writes nothing


def test_whoever_waits_is_told_when_the_line_is_gone() -> None:
    async def gone() -> None:
        async def send(frame: bytes) -> None:
            raise PeerError("the line is gone")

        mouth = Mouth(MeasuredVoice(), None, send, RATE)
        waiting = mouth.say(1, [prompt(0.2)])
        with pytest.raises(PeerError, match="the line is gone"):
            await mouth.run()
        assert (await waiting).end == "hushed"
        assert not mouth.speaking

    asyncio.run(gone())


def test_limits_are_sane() -> None:
    assert FADE_SECONDS <= 0.01
    assert STARVED_SECONDS > 2
    assert SEND_SECONDS > FRAME_SECONDS
