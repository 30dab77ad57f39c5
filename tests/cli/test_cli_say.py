"""`frontdesk say` and `frontdesk warm` from the outside."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.speech.audio import dbfs, read_wav
from engine.speech.warming import fixed_sentences

needs_voice = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="needs the extra: pip install 'frontdesk[espeak]'"
)


def frontdesk(*arguments: object) -> int:
    """Runs a command line; answers its exit code."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@needs_voice
@pytest.mark.parametrize("rate", [8000, 16000])
def test_say_writes_what_a_caller_would_hear(tmp_path: Path, capsys: pytest.CaptureFixture[str], rate: int) -> None:
    out = tmp_path / "hello.wav"
    text = "Good evening. How can I help?"
    assert frontdesk("say", text, "--persona", "host", "-o", out, "--rate", rate, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    sound = read_wav(out)
    assert (sound.rate, told["engine"], told["persona"]) == (rate, "espeak", "host")
    assert sound.seconds == pytest.approx(told["seconds"], abs=0.01)
    assert 1 < sound.seconds < 4
    assert dbfs(sound.samples) > -30
    assert told["first_audio_ms"] > 0


@needs_voice
def test_say_in_a_situation(tmp_path: Path) -> None:
    lengths = []
    for situation in ("plain", "numbers"):
        out = tmp_path / f"{situation}.wav"
        assert frontdesk("say", "zero one six three two", "--persona", "host", "--situation", situation, "-o", out) == 0
        lengths.append(read_wav(out).seconds)
    assert lengths[1] > 1.1 * lengths[0]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Hello", "--persona", "nobody"], 2, "there is no persona nobody; give a file, or one of: host, receptionist"),
        (["Hello", "--persona", "host", "--flow", "clinic"], 2, "there is no persona host"),
        (["Hello", "--persona", "host", "--flow", "nowhere"], 2, "there is no flow nowhere"),
        (["  ", "--persona", "host"], 2, "the text is empty"),
        (["Hello", "--persona", "FAULTY"], 1, "there is no `pase` here"),
        (["Hello"], 2, "--persona"),
    ],
)
def test_say_tells_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / "faulty.yaml").write_text("persona: faulty\npase: 3\n")
    given = [str(tmp_path / "faulty.yaml") if part == "FAULTY" else part for part in arguments]
    assert frontdesk("say", *given, "-o", tmp_path / "x.wav") == code
    told = capsys.readouterr()
    assert words in told.out + told.err
    assert not (tmp_path / "x.wav").exists()


@needs_voice
def test_say_to_a_place_that_there_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("say", "Hello", "--persona", "host", "-o", tmp_path / "none" / "x.wav") == 2
    assert "cannot write" in capsys.readouterr().err


@needs_voice
def test_warm_renders_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = tmp_path / "small"
    (flow / "personas").mkdir(parents=True)
    (flow / "personas" / "host.yaml").write_text("persona: host\nsituations: {apology: {volume: 0.8}}\n")
    (flow / "flow.yaml").write_text(SMALL)
    told = []
    for _ in range(2):
        assert frontdesk("warm", flow, "--cache", tmp_path / "cache", "--json") == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0]["rendered"] == told[0]["prompts"] > 10
    assert told[1]["rendered"] == 0
    assert len(list((tmp_path / "cache").rglob("*.wav"))) == told[0]["prompts"]


def test_what_can_be_warmed(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(SMALL)
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "host.yaml").write_text("persona: host\n")
    found = fixed_sentences(load_flow(tmp_path / "flow.yaml"))
    assert {"Good morning.", "Good afternoon.", "Good evening.", "This is a test.", "Goodbye."} <= set(found)
    assert "Sorry, I didn't catch that." in found  # the fixed half of an engine's prompt
    assert not [sentence for sentence in found if "{" in sentence]


@pytest.mark.parametrize("name", ["trattoria", "clinic"])
def test_shipped_flows_have_much_to_warm(name: str) -> None:
    found = fixed_sentences(load_flow(find_flow(name)))
    assert len(found) > 50
    assert len(set(found)) == len(found)


SMALL = """\
frontdesk: 1
flow: small
language: en-GB
timezone: Europe/London
persona: host
operator: bye
start: hello
steps:
  hello:
    say: Good {part_of_day}. This is a test.
    then: bye
  bye:
    say: Goodbye.
    then: hangup
"""
