"""The recording of a call keeps no secret: silent while one is asked for, given or read back, and no shorter for it."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.acts import Fill, Span
from engine.call.discretion import Discretion
from engine.call.recording import CallRecording
from engine.effects import Effect, Expecting, Listen, Prompt, Record, Say, Typed
from engine.events import Digits, Event, Heard, Interrupted, Recorded, Silence, Spoken
from engine.flow.loader import load_flow

FLOW = load_flow(Path(__file__).parent / "flows/control/flow.yaml")  # `member` is a secret, `seats` is none
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "discretion_cases.yaml").read_text())
RATE = 8000


def effect_of(text: str) -> Effect:
    """`say 1 secret`, `listen member`, `record member`."""
    kind, *words = text.split()
    match kind:
        case "say":
            values = {"member": Typed("digits", "4711", sensitive=True)} if "secret" in words else {}
            return Say(int(words[0]), (Prompt("x", "x", values),))
        case "listen":
            return Listen(1, Expecting("x", "slot", asked=words[0]))
        case _:
            return Record(1, "slot", words[0])


def event_of(text: str) -> Event:
    """`heard member`, `keys`, `silence`, `spoken 1`, `interrupted 1`, `recorded`."""
    kind, *words = text.split()
    match kind:
        case "heard":
            return Heard(1, "x", tuple(Fill(slot, ("4711",), Span("x", 0, 1), 0.9) for slot in words))
        case "keys":
            return Digits(1, "4711")
        case "silence":
            return Silence(1)
        case "spoken":
            return Spoken(int(words[0]))
        case "interrupted":
            return Interrupted(int(words[0]), 0)
        case _:
            return Recorded(1, "x", 1.0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_when_the_recording_is_silent(case: dict[str, Any]) -> None:
    discretion = Discretion(FLOW)
    for at, step in enumerate(case["goes"]):
        stretch = None
        if "then" in step:
            stretch = discretion.event(event_of(step["then"]), float(step.get("at", at)))
        discretion.effects([effect_of(text) for text in step.get("we", [])])
        assert discretion.quiet == step["quiet"], step
        assert (list(stretch) if stretch else None) == step.get("blanks"), step


def sides_of(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), min_size=1, max_size=12), st.data())
def test_what_is_blanked_is_silent_on_both_sides_and_all_else_is_kept(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bool, int]], data: st.DataObject
) -> None:
    """Stretches are silent from the start, or made so later, when they may be on disk already."""
    path = tmp_path_factory.mktemp("call") / "call.wav"
    recording = CallRecording(path, RATE)
    loud: list[NDArray[np.int16]] = []
    for quiet, frames in parts:
        recording.quiet = quiet
        for _ in range(frames):
            recording.caller(b"\x01\x01" * 160)
            recording.ours(b"\x02\x02" * 160)
        loud.append(np.full((frames * 160, 2), 0 if quiet else 1, np.int16))
        if data.draw(st.booleans()):
            until = recording.position
            start = data.draw(st.floats(0, until))
            recording.blank(start, until)
            kept = np.concatenate(loud)
            kept[round(start * RATE) : round(until * RATE)] = 0
            loud = [kept]
    recording.close()
    recording.blank(0.0, 1.0)
    wanted = np.concatenate(loud) * np.array([0x0101, 0x0202], np.int16)
    assert np.array_equal(sides_of(path), wanted)
