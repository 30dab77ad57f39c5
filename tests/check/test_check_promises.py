"""Every promise has a page: a flow that breaks it, the same mended, and the findings that say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small import SOUND, laid_over, load
from told import fails_as_told

from engine.check.advice import READING, why
from engine.check.broken import CASES, OUR_OWN, SAID_FIRST
from engine.check.data import takers
from engine.check.marking import marked
from engine.check.prover import PROMISES
from engine.check.report import FlowReport, check_reading
from engine.check.rules import RULES
from engine.flow.loader import read_path

ROOT = Path(__file__).parents[2]
ABOUT_THE_TEXT = ("total", "private", "open")
"""Promises that no single call can be seen to break."""


def checked(part: str, folder: Path) -> FlowReport:
    whole = laid_over(load(SOUND), load(part))
    (folder / "flow.yaml").write_text(json.dumps(whole, indent=2, ensure_ascii=False), encoding="utf-8")
    return check_reading(read_path(folder))


@pytest.mark.parametrize("promise", CASES)
def test_a_broken_promise_is_one_finding_with_its_place_and_its_call(promise: str, tmp_path: Path) -> None:
    report = checked(CASES[promise].bad, tmp_path)
    [found] = [one for one in report.findings if one.severity == "error"]
    assert found.code == f"prove.{promise}"
    assert found.at.line > 1
    assert found.hint
    assert why(found.code)
    if promise in ABOUT_THE_TEXT:
        assert found.talk is None
        return
    assert found.talk is not None
    assert f"{found.at.file}:" in found.talk, "the talk names the lines that it passes"
    flow = read_path(tmp_path).flow
    assert flow is not None
    fails_as_told(flow, found.talk)


@pytest.mark.parametrize("promise", CASES)
def test_a_mended_promise_holds(promise: str, tmp_path: Path) -> None:
    report = checked(CASES[promise].good, tmp_path)
    assert [one for one in report.findings if one.severity == "error"] == []
    assert all(proof["result"] == "holds" for proof in report.proofs)


def test_every_promise_has_a_case_or_a_reason() -> None:
    assert {*CASES, *SAID_FIRST, *OUR_OWN} == set(PROMISES)
    assert {code for codes in SAID_FIRST.values() for code in codes} <= {*RULES, *READING}


def test_every_code_has_a_page() -> None:
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    codes = {*RULES, *READING, *(f"prove.{promise}" for promise in PROMISES)}
    assert {line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")} == codes


def test_where_not_all_views_can_be_tried_some_are(tmp_path: Path) -> None:
    """More combinations of values than can all be tried are no reason to call a branch a dead one."""
    parts = [f"guest_{number}" for number in range(6)]
    slots = ", ".join(f"{part}: {{type: number, min: 0, max: 99, ask: How many?}}" for part in parts)
    branches = ", ".join(f"{{if: {part} > 20 and {part} < 28, go: bye}}" for part in parts)
    step = f"count: {{choose: [{branches}, {{if: guest_0 > 28 and guest_0 < 20, go: bye}}], else: menu}}"
    part = f"slots: {{{slots}}}\nsteps: {{hello: {{say: Hello., then: count}}, {step}}}"
    (tmp_path / "flow.yaml").write_text(json.dumps(laid_over(load(SOUND), load(part))), encoding="utf-8")
    flow = read_path(tmp_path).flow
    assert flow is not None
    arms = [arm for arm in marked(flow)[1] if arm.owner == "count" and not arm.part]
    seen = takers(flow, arms[0].rows)
    assert [bool(seen[arm.number]) for arm in arms] == [True] * 6 + [False, True]
    assert seen[6] is None, "not tried to the end, so not dead for certain"
