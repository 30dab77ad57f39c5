"""What `frontdesk check` writes for code hosts: SARIF that keeps the standard, and annotations for GitHub."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from engine.check.advice import READING
from engine.check.formats import as_github, as_sarif
from engine.check.report import FlowReport
from engine.check.rules import RULES
from engine.cli.check import command
from engine.errors import Finding, Position

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "flow" / "cases" / "language_example"
SARIF = Draft202012Validator(json.loads((HERE / "cases" / "sarif_subset.json").read_text(encoding="utf-8")))


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
        SARIF.validate(given)
    first = given["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert first.endswith("/gr%C3%B6%C3%9Fer%20als%201/flow.yaml")


@pytest.mark.parametrize("code", [*RULES, *READING])
def test_every_code_can_stand_in_sarif(code: str) -> None:
    finding = Finding(code, "note", "something", Position("flow.yaml", 3, 5), "do something", width=4)
    given = as_sarif([report(finding)], "1.0")
    SARIF.validate(given)
    assert given["runs"][0]["tool"]["driver"]["rules"][0]["shortDescription"]["text"]


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
