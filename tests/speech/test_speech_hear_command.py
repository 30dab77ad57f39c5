"""`frontdesk hear`: words, confidence and times of a recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flite_voice import QUIET, RATE, spoken

from engine.cli.hear import command
from engine.errors import SettingsError
from engine.speech.audio import write_wav


def hear(path: Path, sound: bytes, *more: str) -> Result:
    write_wav(path, sound, RATE)
    return CliRunner().invoke(command, [str(path), "--flow", "trattoria", *more])


def test_what_was_heard_as_json(tmp_path: Path) -> None:
    result = hear(tmp_path / "said.wav", spoken("rms", "four people"), "--asked", "party_size", "--json")
    data = json.loads(result.stdout)
    assert (data["text"], data["asked"]) == ("four people", "party_size")
    assert data["endpoint_ms"] == 440
    assert data["stages"].keys() == {"vad_ms", "recognise_ms"}
    assert len(data["utterances"]) == 1


def test_without_a_question_it_is_the_first_open_one(tmp_path: Path) -> None:
    result = hear(tmp_path / "said.wav", spoken("awb", "I'd like to book a table"))
    assert "i'd like to book a table" in result.stdout


def test_silence_is_no_speech(tmp_path: Path) -> None:
    assert hear(tmp_path / "said.wav", QUIET * 4).stdout == "no speech\n"


def test_a_question_that_the_flow_does_not_ask(tmp_path: Path) -> None:
    result = hear(tmp_path / "said.wav", QUIET, "--asked", "shoe_size")
    assert isinstance(result.exception, SettingsError)
    with pytest.raises(SettingsError, match="asks nothing called shoe_size"):
        raise result.exception
