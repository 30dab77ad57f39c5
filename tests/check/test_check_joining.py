"""One mistake is one finding with one call, whether a rule or a proof names it; a doubt asserts nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from told import fails_as_told

from engine.check import total
from engine.check.report import FlowReport, check_languages, check_reading
from engine.errors import Finding
from engine.flow.loader import read_languages, read_path
from engine.flow.model import Flow

EXAMPLE = Path(__file__).parents[1] / "flow" / "cases" / "language_example"
CONFIRM = "confirm: [party_size, day, time, name, phone]"
THEN = "    then: echo\n  refuse:"
NO_OPERATOR = """
frontdesk: 1
flow: small
language: en-GB
timezone: Europe/London
start: menu
steps:
  menu: {say: How can I help?, listen: {book: {hear: [a table], key: 1, go: bye}}}
  bye: {say: Goodbye., then: end}
"""


def changed(folder: Path, *changes: tuple[str, str]) -> tuple[FlowReport, Flow]:
    file = Path(shutil.copytree(EXAMPLE, folder / "flow")) / "flow.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    reading = read_path(file)
    assert reading.flow is not None
    return check_reading(reading), reading.flow


def errors(report: FlowReport) -> list[Finding]:
    return [one for one in report.findings if one.severity == "error"]


@pytest.mark.parametrize("kept", ["day, time, name, phone", "day, name", "day"])
def test_a_slot_dropped_from_a_confirm_is_one_finding_of_the_rule_with_its_call(tmp_path: Path, kept: str) -> None:
    report, flow = changed(tmp_path, (CONFIRM, f"confirm: [{kept}]"))
    [found] = errors(report)
    assert found.code == "unconfirmed"
    assert found.talk is not None
    assert "acts: affirm" in found.talk
    fails_as_told(flow, found.talk)


def test_a_call_shows_that_nobody_answers(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(NO_OPERATOR, encoding="utf-8")
    reading = read_path(tmp_path)
    [found] = errors(check_reading(reading))
    assert found.code == "no-operator"
    assert found.talk is not None
    assert reading.flow is not None
    fails_as_told(reading.flow, found.talk)


def test_another_promise_that_is_broken_too_is_told_beside_it(tmp_path: Path) -> None:
    report, flow = changed(
        tmp_path,
        (CONFIRM, "confirm: [day, time, name, phone]"),
        ("We have nothing for {party_size} then.", "We have nothing, {reference}."),
    )
    assert sorted(one.code for one in errors(report)) == ["prove.filled", "unconfirmed"]
    for one in errors(report):
        assert one.talk is not None
        fails_as_told(flow, one.talk)


def test_a_call_is_tried_only_where_the_flow_is_whole(tmp_path: Path) -> None:
    report, _ = changed(tmp_path, (CONFIRM, "confirm: [day]"), ("yes: commit\n", "yes: comit\n"))
    assert "unknown-step" in {one.code for one in errors(report)}
    assert report.proofs == ()


def test_a_finding_with_a_call_is_told_once_in_all_languages(tmp_path: Path) -> None:
    file = Path(shutil.copytree(Path(__file__).parents[2] / "flows" / "trattoria", tmp_path / "flow")) / "flow.yaml"
    text = file.read_text(encoding="utf-8")
    assert CONFIRM in text
    file.write_text(text.replace(CONFIRM, "confirm: [day, time, name, phone]"), encoding="utf-8")
    readings = read_languages(file)
    assert len(readings) > 1
    [found] = errors(check_languages(readings))
    assert (found.code, found.talk is None) == ("unconfirmed", False)


def test_slots_left_unconfirmed_by_one_mistake_are_one_finding(tmp_path: Path) -> None:
    done = 'Your reference is {reference}."\n    then: anything_else'
    report, flow = changed(tmp_path, (done, done.replace("anything_else", "commit")))
    [found] = [one for one in errors(report) if one.code == "prove.confirmed"]
    assert "`party_size`, `day`, `time`, `name` and `phone` not confirmed" in found.message
    assert found.talk is not None
    fails_as_told(flow, found.talk)


@pytest.mark.parametrize(
    ("condition", "severity"),
    [
        ("day is closed", "error"),
        ("not day is open and day is set", "error"),
        ("day is open and party_size > 8", None),
        ("day < today", "warning"),
    ],
)
def test_a_branch_is_dead_open_or_in_doubt(tmp_path: Path, condition: str, severity: str | None) -> None:
    step = f"    then: pick\n  pick: {{choose: [{{if: {condition}, go: to_human}}], else: echo}}\n  refuse:"
    report, _ = changed(tmp_path, (THEN, step))
    found = [one for one in report.findings if one.code == "prove.total"]
    assert [one.severity for one in found] == ([severity] if severity else [])
    for one in found:
        dead = one.message == f"no caller can get to the branch for `{condition}` of `pick`"
        assert dead == (severity == "error")
        assert dead == one.hint.startswith("Remove it")
        assert ("may be dead" in one.message) == (severity == "warning")


def test_the_search_for_branches_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(total, "MOST_TRIES", 200)
    branches = ", ".join(f"{{if: day < today and party_size == {size}, go: to_human}}" for size in (2, 3))
    step = f"    then: pick\n  pick: {{choose: [{branches}], else: echo}}\n  refuse:"
    report, _ = changed(tmp_path, (THEN, step))
    first, second, *_ = [one.message for one in report.findings if one.code == "prove.total"]
    assert "was not reached in" in first
    assert "was not looked for: the search of this flow ends after 200 tries" in second
