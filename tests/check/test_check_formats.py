"""What `frontdesk check` writes for code hosts: SARIF that keeps the standard, and annotations for GitHub."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft4Validator, Draft202012Validator, ValidationError

from engine.check.advice import READING
from engine.check.formats import as_github, as_sarif
from engine.check.prover import PROMISES
from engine.check.report import FlowReport
from engine.check.rules import RULES
from engine.cli.check import command
from engine.errors import Finding, Position

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "flow" / "cases" / "language_example"
OURS = Draft202012Validator(json.loads((HERE / "cases" / "sarif_subset.json").read_text(encoding="utf-8")))
STANDARD = Draft4Validator(json.loads((HERE / "sarif" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8")))


def keeps_the_standard(given: dict[str, Any]) -> None:
    """Fails unless both the standard's schema and our own, which is stricter, allow it."""
    STANDARD.validate(given)
    OURS.validate(given)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "größer als 1"))
    file = folder / "flow.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("yes: commit", "yes: comit"), encoding="utf-8")
    return folder


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def report(*findings: Finding) -> FlowReport:
    return FlowReport("flow.yaml", findings)


def test_sarif_keeps_the_standard(broken: Path) -> None:
    for flows in ([EXAMPLE], [EXAMPLE, broken], [broken]):
        given: dict[str, Any] = json.loads(check("--format", "sarif", *flows).stdout)
        keeps_the_standard(given)
        assert_consistent(given)
    first = given["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert first.startswith("file:///")
    assert first.endswith("/gr%C3%B6%C3%9Fer%20als%201/flow.yaml")


def assert_consistent(given: dict[str, Any]) -> None:
    """What the standard asks beyond the form of objects: indices and ids agree, regions are not empty or backwards, and
    columns count what `columnKind` says."""
    for run in given["runs"]:
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
        assert len(set(prints)) == len(prints)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            region = result["locations"][0]["physicalLocation"]["region"]
            assert region["endColumn"] > region["startColumn"]
            assert region["endColumn"] - 1 <= len(region["snippet"]["text"])
            assert run["columnKind"] == "unicodeCodePoints"


def test_paths_below_the_working_folder_are_relative(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(broken.parent)
    given = json.loads(check("--format", "sarif", broken).stdout)
    keeps_the_standard(given)
    place = given["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "gr%C3%B6%C3%9Fer%20als%201/flow.yaml", "uriBaseId": "SRCROOT"}


def test_columns_count_code_points(tmp_path: Path) -> None:
    """A sign outside the basic plane is one column, as `columnKind` says, not two."""
    finding = Finding("unused", "note", "something", Position("flow.yaml", 1, 5), source="\U0001f37d : x", width=1)
    [result] = as_sarif([report(finding)], "1.0")["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region["snippet"]["text"][region["startColumn"] - 1 : region["endColumn"] - 1] == "x"


def test_a_finding_is_the_same_when_it_moves() -> None:
    def prints(line: int, *others: Finding) -> list[str]:
        moved = Finding("unused", "note", "something", Position("flow.yaml", line, 5), source="  note: x", width=4)
        results = as_sarif([report(moved, *others)], "1.0")["runs"][0]["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    twin = Finding("unused", "note", "something", Position("flow.yaml", 99, 5), source="  note: x", width=4)
    assert prints(3) == prints(30)
    assert len(set(prints(3, twin))) == 2


@pytest.mark.parametrize("code", [*RULES, *READING, *(f"prove.{promise}" for promise in PROMISES)])
def test_every_code_can_stand_in_sarif(code: str) -> None:
    finding = Finding(code, "note", "something", Position("flow.yaml", 3, 5), "do something", "    key", width=3)
    given = as_sarif([report(finding)], "1.0")
    keeps_the_standard(given)
    assert_consistent(given)


def test_github_gets_an_annotation_a_finding(broken: Path) -> None:
    result = check("--format", "github", broken)
    assert result.exit_code == 1
    [first] = result.stdout.splitlines()
    assert first.startswith("::error file=")
    assert first.endswith(
        "line=97,col=10,endColumn=14,title=unknown-step::there is no step `comit`%0ADid you mean `commit`?"
    )
    assert check("--format", "github", EXAMPLE).stdout.startswith("::warning file=")


def test_an_annotation_cannot_be_ended_by_what_an_author_wrote() -> None:
    finding = Finding("x", "note", "100 % of\r\n::error::it", Position("a,b:c.yaml", 1, 1))
    assert list(as_github([report(finding)])) == [
        "::notice file=a%2Cb%3Ac.yaml,line=1,col=1,endColumn=1,title=x::100 %25 of%0D%0A::error::it"
    ]


def test_the_standard_refuses_what_is_none() -> None:
    with pytest.raises(ValidationError):
        STANDARD.validate({"version": "2.1.0", "runs": [{"results": []}]})
