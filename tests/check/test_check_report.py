"""`frontdesk check`: its exit codes, and what people and tools are told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from engine.cli.check import command
from engine.cli.simulate import command as simulate
from engine.errors import SettingsError

EXAMPLE = Path(__file__).parents[1] / "flow" / "cases" / "language_example"
FINDING = {
    "type": "object",
    "required": ["code", "severity", "message", "file", "line", "column", "hint", "talk", "property"],
    "properties": {"severity": {"enum": ["error", "warning", "note"]}, "line": {"type": "integer", "minimum": 1}},
}
PROMISED = {
    "type": "object",
    "required": ["flows"],
    "properties": {
        "flows": {
            "items": {
                "type": "object",
                "required": ["path", "states", "seconds", "worst_case_prompts", "findings", "proofs"],
                "properties": {"findings": {"items": FINDING}, "proofs": {"type": "array"}},
            }
        }
    },
}


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "flow"))
    file = folder / "flow.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("then: commit", "").replace("yes: commit", "yes: comit"), encoding="utf-8")
    return folder


def test_the_example_of_the_language_page_is_sound() -> None:
    result = check(EXAMPLE)
    assert result.exit_code == 0
    assert "warning[unused] nothing asks for slot `note`" in result.output
    assert "flow.yaml: sound, with 1 warning" in result.output


def test_a_fault_is_shown_with_its_line(broken: Path) -> None:
    result = check(broken)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0] == f"{broken / 'flow.yaml'}:97:10: error[unknown-step] there is no step `comit`"
    assert lines[1:3] == ["        yes: comit", "             ^^^^^"]
    assert lines[3] == "  Why: When it happens the call would have nowhere to go." or lines[3].startswith("  Why: ")
    assert lines[4] == "  Fix: Did you mean `commit`?"


def test_a_broken_promise_is_shown_with_a_call_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed, saved where it was printed, fails when it is played."""
    file = Path(shutil.copytree(EXAMPLE, tmp_path / "flow")) / "flow.yaml"
    text = file.read_text(encoding="utf-8")
    old = 'Your reference is {reference}."\n    then: anything_else'
    assert old in text
    file.write_text(text.replace(old, old.replace("anything_else", "commit")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    output = check("flow").output
    assert "error[prove.confirmed]" in output
    [talk, *others] = output.split("plays it):\n")[1:]
    assert not others
    Path("fault.talk").write_text(talk.partition("\n\nflow/")[0], encoding="utf-8")
    played = CliRunner().invoke(simulate, ["fault.talk"])
    assert played.exit_code == 1
    assert "a value was not confirmed" in played.output


def test_one_flow_at_fault_is_enough(broken: Path) -> None:
    assert check(EXAMPLE, broken).exit_code == 1


def test_a_flow_that_is_not_there_is_no_finding(tmp_path: Path) -> None:
    result = check(tmp_path / "none")
    assert isinstance(result.exception, SettingsError)


def test_json_is_as_promised(broken: Path) -> None:
    result = check("--format", "json", EXAMPLE, broken)
    given: dict[str, Any] = json.loads(result.stdout)
    Draft202012Validator(PROMISED).validate(given)
    good, bad = given["flows"]
    assert good["states"] > 20
    assert bad["states"] is None
    assert {"code": "unknown-step", "line": 97, "column": 10}.items() <= bad["findings"][0].items()


@pytest.mark.parametrize(
    ("old", "new", "code", "promise"),
    [
        (
            "confirm: [party_size, day, time, name, phone]",
            "confirm: [day, time, name, phone]",
            "unconfirmed",
            "confirmed",
        ),
        ("full: offer, ", "", "unwired-outcome", "wired"),
        ("yes: commit", "yes: comit", "unknown-step", None),
    ],
)
def test_json_names_the_promise_that_the_text_breaks(
    tmp_path: Path, old: str, new: str, code: str, promise: str | None
) -> None:
    file = Path(shutil.copytree(EXAMPLE, tmp_path / "flow")) / "flow.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    found = json.loads(check("--format", "json", file).stdout)["flows"][0]["findings"][0]
    assert (found["code"], found["property"]) == (code, promise)


def test_sarif_points_into_the_files(broken: Path) -> None:
    given = json.loads(check("--format", "sarif", broken).stdout)
    run = given["runs"][0]
    assert (given["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    first = run["results"][0]
    rule = run["tool"]["driver"]["rules"][first["ruleIndex"]]
    assert (rule["id"], first["ruleId"], first["level"]) == ("unknown-step", "unknown-step", "error")
    region = first["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 97, "startColumn": 10, "endColumn": 15, "snippet": {"text": "    yes: comit"}}


def test_no_colours_where_they_are_not_wanted(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner, arguments = CliRunner(), [str(broken)]
    assert "\x1b[" in runner.invoke(command, arguments, color=True).output
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in runner.invoke(command, arguments, color=True).output
