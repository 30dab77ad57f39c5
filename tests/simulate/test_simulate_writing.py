"""The doors that write talk files: format, convert, and simulate --update; what they leave alone, and how they exit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.cli.main import main
from engine.simulate.runner import run_file
from engine.simulate.watching import Watched, rounds
from engine.talk.reader import read_talk
from engine.talk.writer import format_talk

CASES = Path(__file__).parent / "cases"
BISTRO = CASES / "bistro"
UPDATES: list[dict[str, Any]] = yaml.safe_load((CASES / "updates.yaml").read_text("utf-8"))
CHAT = """who,text
bot,"Good evening, how can I help you?"
user,a table for four tomorrow at noon
bot,And your name?
user,Maria Rossi
user,yes
user,thanks
"""


def frontdesk(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def keep(talks: Sequence[Path]) -> list[Path]:
    return list(talks)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with the bistro and one talk of its own."""
    (tmp_path / "talks").mkdir()
    (tmp_path / "personas").mkdir()
    for name in ("flow.yaml", "personas/plain.yaml"):
        (tmp_path / name).write_text((BISTRO / name).read_text("utf-8"), "utf-8")
    return tmp_path


@pytest.mark.parametrize("case", UPDATES, ids=[case["name"] for case in UPDATES])
def test_update_writes_what_is_said_now_and_nothing_else(
    case: dict[str, Any], house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = house / "talks" / "a.talk"
    talk.write_bytes(case["before"].encode())
    code = frontdesk("simulate", talk, "--update")
    assert talk.read_bytes().decode() == case["after"]
    assert code == case.get("exits", 0)
    out = capsys.readouterr().out
    for line in case.get("shows", ()):
        assert line in out.splitlines()


def test_update_leaves_a_talk_that_holds_as_it_is(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk = house / "talks" / "a.talk"
    talk.write_text("#  odd   layout\nagent:    hello\n", "utf-8")
    assert frontdesk("simulate", talk, "--update") == 0
    assert talk.read_text("utf-8") == "#  odd   layout\nagent:    hello\n"
    assert "0 talks updated" in capsys.readouterr().err


def test_update_does_not_touch_tables(house: Path) -> None:
    table = house / "chat.csv"
    table.write_text(CHAT, "utf-8")
    assert frontdesk("simulate", table, "--flow", house, "--update") == 1
    assert table.read_text("utf-8") == CHAT


def test_a_transcript_becomes_a_test_that_passes(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (house / "chat.csv").write_text(CHAT, "utf-8")
    talk = house / "talks" / "chat.talk"
    assert frontdesk("convert", house / "chat.csv", "-o", talk, "--now", "2026-10-01T13:00") == 0
    text = talk.read_text("utf-8")
    assert text.startswith("# From chat.csv\ngiven now Thursday 2026-10-01 13:00\n\nagent: hello\n")
    assert "caller: a table for four tomorrow at noon\n  = " in text
    assert "given flow" not in text
    assert "frontdesk simulate" in capsys.readouterr().err
    assert run_file(talk).passed
    assert format_talk(text) == text
    assert frontdesk("convert", house / "chat.csv", "-o", talk) == 2
    assert frontdesk("convert", house / "chat.csv", "-o", talk, "--force") == 0


def test_lines_after_the_end_of_the_call_are_kept_as_comments(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    transcript = house / "chat.txt"
    transcript.write_text("User: goodbye\nUser: are you there?\n", "utf-8")
    assert frontdesk("convert", transcript, "--flow", house) == 0
    captured = capsys.readouterr()
    assert captured.out.endswith("# the call was over before: caller: are you there?\n")
    assert "1 line of the caller comes after the end" in captured.err


def test_without_a_flow_the_talk_holds_what_was_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "chat.csv").write_text(CHAT, "utf-8")
    assert frontdesk("convert", tmp_path / "chat.csv") == 0
    out = capsys.readouterr().out
    assert out.startswith('agent: "Good evening, how can I help you?"\ncaller: a table for four tomorrow at noon\n')
    assert read_talk(out)


def test_names_of_speakers_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "chat.txt").write_text("Speaker 1: hello\nSpeaker 2: a table for two\n", "utf-8")
    assert frontdesk("convert", tmp_path / "chat.txt") == 1
    assert '--caller "Speaker 1"' in capsys.readouterr().out
    assert frontdesk("convert", tmp_path / "chat.txt", "--caller", "Speaker 2", "--agent", "speaker 1") == 0
    assert capsys.readouterr().out == 'agent: "hello"\ncaller: a table for two\n'


def test_format_writes_the_canonical_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk = tmp_path / "a.talk"
    talk.write_text("#why\n\nagent:   hello\ncaller:  (silence   8 s)\n= noinput 1\n", "utf-8")
    assert frontdesk("format", talk, "--check") == 1
    out = capsys.readouterr().out
    assert "-agent:   hello" in out
    assert "+agent: hello" in out
    assert frontdesk("format", talk) == 0
    assert talk.read_text("utf-8") == "# why\n\nagent: hello\nsilence: 8s\n  = noinput 1\n"
    assert frontdesk("format", talk, "--check") == 0


def test_format_tells_faults_and_formats_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.talk").write_text("agnet: hello\n", "utf-8")
    (tmp_path / "good.talk").write_text("agent:  hello\n", "utf-8")
    assert frontdesk("format", tmp_path) == 1
    assert "Did you mean `agent`?" in capsys.readouterr().out
    assert (tmp_path / "good.talk").read_text("utf-8") == "agent: hello\n"


def test_a_pattern_chooses_by_path_and_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", BISTRO, "-k", "CANNOT*over") == 0
    assert "interrupting.talk" in capsys.readouterr().out
    assert frontdesk("simulate", BISTRO, "-k", "no such talk") == 2
    assert "none of" in capsys.readouterr().err


def test_watching_runs_what_a_change_affects(house: Path) -> None:
    one, other = house / "talks" / "a.talk", house / "talks" / "b.talk"
    one.write_text("agent: hello\n", "utf-8")
    watched = Watched((str(house),), None, keep)
    found = rounds(watched, iter([[one], [house / "flow.yaml"], [other], [house / "notes.txt"]]))
    assert next(found) == [one]
    assert next(found) == [one]
    assert next(found) == [one]
    other.write_text("agent: hello\n", "utf-8")
    assert next(found) == [other]
    assert list(found) == []
    assert watched.roots == (house.resolve(),)


def test_a_changed_flow_is_read_again(house: Path) -> None:
    talk = house / "talks" / "a.talk"
    talk.write_text('agent: "How can I help?"\n', "utf-8")
    assert run_file(talk).passed
    flow = house / "flow.yaml"
    flow.write_text(flow.read_text("utf-8").replace("How can I help?", "What can I do?"), "utf-8")
    watched = Watched((str(house),), None, keep)
    watched.look()
    assert watched.affected([flow]) == [talk]
    assert not run_file(talk).passed
