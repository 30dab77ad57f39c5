"""The media websocket on the wire: recorded events in both forms, commands, sound, and whatever else may come."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agi.wire.mediasocket import (
    LONGEST_COMMAND,
    LONGEST_SOUND,
    LONGEST_TEXT,
    CommandName,
    Start,
    command,
    parse_sound,
    parse_text,
    sound,
)
from engine.errors import PeerError

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "dialogues/mediasocket.yaml").read_text()
)
JSON, PLAIN = Start("c", 16000, 640), Start("c", 16000, 640, plain=True)


def told(message: object) -> object:
    """A message in the words of the case file."""
    return "nothing" if message is None else {type(message).__name__: asdict(message)}  # type: ignore[call-overload]


@pytest.mark.parametrize("case", [*CASES["recorded"], *CASES["others"]], ids=lambda case: case.get("name", "recorded"))
def test_mediasocket_event(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(PeerError, match=case["refused"]):
            parse_text(case["event"])
    else:
        assert told(parse_text(case["event"])) == case["is"]


@pytest.mark.parametrize("name", get_args(CommandName))
def test_mediasocket_command_is_short_and_in_the_form_that_is_read(name: CommandName) -> None:
    assert json.loads(command(name, JSON)) == {"command": name}
    assert command(name, PLAIN) == name
    assert len(command(name, JSON).encode()) <= LONGEST_COMMAND


def test_mediasocket_sound_is_whole_frames() -> None:
    assert sound(bytes(640), JSON) == bytes(640)
    assert sound(bytes(1280), JSON) == bytes(1280)
    for size in (0, 320, 641, 640 * 13):
        with pytest.raises(ValueError, match="are not a number of frames"):
            sound(bytes(size), JSON)


def test_mediasocket_sound_that_arrives() -> None:
    assert parse_sound(b"ab", 16000).rate == 16000
    for size in (0, 3, LONGEST_SOUND + 2):
        with pytest.raises(PeerError, match="16-bit samples"):
            parse_sound(bytes(size), 16000)


@pytest.mark.parametrize("text", ["{" * 8000, '{"event":' * 900, "x " * 5000, "a:" * (LONGEST_TEXT // 2), "[" * 8192])
def test_mediasocket_survives_a_flood(text: str) -> None:
    with contextlib.suppress(PeerError):
        assert parse_text(text) is None


@given(st.text(max_size=300) | st.from_regex(r"(MEDIA_START|DTMF_END)( [a-z_]{1,20}:\S{0,10}){0,5}", fullmatch=True))
def test_mediasocket_survives_anything(text: str) -> None:
    with contextlib.suppress(PeerError):
        parse_text(text)


@given(st.dictionaries(st.sampled_from(["event", "digit", "format", "optimal_frame_size", "error_text"]),
                       st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
                       | st.sampled_from(["MEDIA_START", "DTMF_END", "slin16", "ERROR"])))  # fmt: skip
def test_mediasocket_survives_events_with_other_values(tree: dict[str, Any]) -> None:
    with contextlib.suppress(PeerError):
        parse_text(json.dumps(tree))
