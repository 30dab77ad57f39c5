"""The doors simulate, chat and graph: what they print, in words and for machines, and how they exit."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.cli import trials
from engine.cli.main import main
from engine.simulate.scoring import Judged

BISTRO = Path(__file__).parent / "cases" / "bistro"
WORDS = BISTRO / "talks" / "words.talk"


def frontdesk(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A folder with a talk that parts from its flow, a broken one, and one that holds."""
    (tmp_path / "parts.talk").write_text("# parts\ncaller: hello\nagent: goodbye\n", "utf-8")
    (tmp_path / "broken.talk").write_text("agnet: hello\n", "utf-8")
    (tmp_path / "holds.talk").write_text("agent: hello\n", "utf-8")
    return tmp_path


def test_simulate_tells_that_all_went_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", BISTRO) == 0
    out = capsys.readouterr().out
    assert f"ok      {WORDS}" in out or "words.talk  Words, pins" in out
    assert "conversations passed" in out


def test_simulate_shows_expected_and_said_side_by_side(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", wrong, "--flow", BISTRO) == 1
    out = capsys.readouterr().out
    assert "parts.talk:3:1: we did not say this" in out
    lines = [line.strip() for line in out.splitlines()]
    (row,) = [line for line in lines if line.startswith("agent: goodbye")]
    assert "menu.nomatch.1:" in row
    assert "Did you mean `agent`?" in out
    assert "2 of 3 conversations failed" in out


def test_simulate_as_json(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", wrong, "--flow", BISTRO, "--json") == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["passed"], data["failed"]) == (1, 2)
    broken, holds, parts = data["talks"]
    assert broken["findings"][0]["code"] == "talk.line"
    assert holds["passed"]
    assert parts["difference"]["line"] == 3
    assert parts["difference"]["expected"] == "agent: goodbye"
    assert parts["transcript"][0] == {"at": 0.0, "agent": "hello", "text": "This is the bistro's assistant."}


def test_simulate_writes_junit(wrong: Path, tmp_path: Path) -> None:
    file = tmp_path / "results.xml"
    assert frontdesk("simulate", wrong, "--flow", BISTRO, "--junit", file) == 1
    (suite,) = ElementTree.parse(file).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [[part.tag for part in case] for case in suite] == [["error"], [], ["failure"]]
    assert "agent: goodbye" in (suite[2][0].text or "")


def test_simulate_in_several_processes_tells_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    def talks(jobs: str) -> list[dict[str, object]]:
        assert frontdesk("simulate", BISTRO, "--json", "--jobs", jobs) == 0
        found = json.loads(capsys.readouterr().out)["talks"]
        return [{name: value for name, value in talk.items() if name != "seconds"} for talk in found]

    assert talks("1") == talks("2")


def test_simulate_without_a_talk_could_not_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", "no such thing") == 2
    assert "no talk, folder or shipped flow" in capsys.readouterr().err


def test_simulate_shows_the_whole_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", WORDS, "-v") == 0
    out = capsys.readouterr().out
    assert "agent   How can I help?  (menu)" in out or "agent   We are closed now. How can I help?  (menu)" in out
    assert "tool    find_table day=2026-10-03 party_size=4 → free" in out
    assert 'caller  "Maria Rossi"  [fill(name, "Maria Rossi"' in out


@pytest.mark.parametrize("command", ["simulate", "chat", "graph"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk(command, "--help") == 0
    assert f"frontdesk {command} " in capsys.readouterr().out.split("Example:")[1]


@pytest.mark.parametrize(("least", "code"), [("50", 0), ("51", 1)])
def test_min_with_mutate_is_about_faults(
    least: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged = [Judged("circle", "a", (), "words.talk"), Judged("circle", "b", (), None)]
    monkeypatch.setattr(trials, "score", lambda *arguments: iter(judged))
    assert frontdesk("simulate", BISTRO, "--mutate", "--min", least) == code
    said = capsys.readouterr()
    assert "notice 50.0 % of 2 faults" in said.out
    assert ("50.0 % is noticed, and 51 % is asked for" in said.err) == bool(code)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--coverage", "x.foo"], "coverage is written into .json"),
        (["--repeat", "3"], "need --with-llm"),
        (["--record"], "need --with-llm"),
        (["--mutate", "--coverage"], "run by themselves"),
        (["--random", "5", "--min", "90"], "run by themselves"),
        (["--random", "5", "-k", "words"], "run by themselves"),
        (["--watch", "--min", "90"], "as they change"),
    ],
)
def test_no_option_is_passed_over(options: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert frontdesk("simulate", BISTRO, *options) == 2
    assert why in capsys.readouterr().err
