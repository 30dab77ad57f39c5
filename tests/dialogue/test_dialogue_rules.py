"""Rules over several slots: refused for their own reason, and looked at again when one of the slots changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.check.report import check_reading
from engine.flow.loader import load_flow, read_path
from engine.simulate.runner import run_file

FOLDER = Path(__file__).parent / "cases" / "rules"


@pytest.mark.parametrize("talk", sorted(FOLDER.glob("talks/*.talk")), ids=lambda talk: talk.stem)
def test_talk_holds(talk: Path) -> None:
    result = run_file(talk)
    assert result.passed, (result.faults, result.difference)


def test_a_slot_depends_on_what_its_rules_look_at() -> None:
    flow = load_flow(FOLDER)
    assert flow.slots["time"].depends_on == ("day", "party_size")
    assert flow.slots["dog"].depends_on == ("time",)
    assert flow.slots["party_size"].depends_on == ()


def test_promises_hold_with_rules() -> None:
    report = check_reading(read_path(FOLDER))
    assert report.findings == ()
    assert {proof["result"] for proof in report.proofs} == {"holds"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("party_size > 6 and", "reference is set and", "condition"),
        ("party_size > 6 and", "guests > 6 and", "condition"),
        ("    rules:\n      late:", "    reject: {late: Too late.}\n    rules:\n      late:", "name-clash"),
        (', say: "After nine we seat at most six. What other time?"', "", "missing-key"),
        ("    max: {value", "    rules: {few: {if: dog is yes, say: No.}}\n    max: {value", "depends-in-circle"),
    ],
)
def test_a_rule_that_cannot_be(tmp_path: Path, old: str, new: str, code: str) -> None:
    text = (FOLDER / "flow.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "flow.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert code in {finding.code for finding in check_reading(read_path(tmp_path)).findings}
