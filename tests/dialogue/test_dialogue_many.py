"""Slots that take many values or a range: talks, what cannot be written, and how values are put together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.acts import Range
from engine.check.report import check_reading
from engine.dialogue.many import joined, parts, without
from engine.dialogue.state import SlotState
from engine.flow.loader import load_flow, read_path
from engine.simulate.runner import run_file

FOLDER = Path(__file__).parent / "cases" / "many"
SERVICES = load_flow(FOLDER).slots["services"]
ITEMS = st.lists(st.sampled_from(["haircut", "beard", "manicure", "colour"]), min_size=1, unique=True).map(tuple)


@pytest.mark.parametrize("talk", sorted(FOLDER.glob("talks/*.talk")), ids=lambda talk: talk.stem)
def test_talk_holds(talk: Path) -> None:
    result = run_file(talk)
    assert result.passed, (result.faults, result.difference)


def test_promises_hold_with_lists_and_ranges() -> None:
    report = check_reading(read_path(FOLDER))
    assert report.findings == ()
    assert {proof["result"] for proof in report.proofs} == {"holds"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    many: yes\n    at_most: 3", "    at_most: 3", "no-effect"),
        ("    many: yes", "    many: yes\n    range: yes", "no-effect"),
        ("    many: yes\n    at_most: 3", "    range: yes", "no-effect"),
        ("{type: person_name, ask", "{type: text, many: yes, ask", "no-effect"),
        ("    at_most: 3", "    at_least: 4\n    at_most: 3", "prove.open"),
        ("    at_most: 3\n", "", "unknown-reason"),
        ("{closed:", "{one_end: No., closed:", "unknown-reason"),
        ("services has manicure", "services is manicure", "condition"),
        ("services has manicure", "name has manicure", "condition"),
        ("many: either", "many: maybe", "value"),
    ],
)
def test_what_cannot_be(tmp_path: Path, old: str, new: str, code: str) -> None:
    text = (FOLDER / "flow.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "flow.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert code in {finding.code for finding in check_reading(read_path(tmp_path)).findings}


@given(held=ITEMS, new=ITEMS)
def test_what_is_added_comes_once_and_can_be_taken_out_again(held: tuple[str, ...], new: tuple[str, ...]) -> None:
    (both,) = joined(SERVICES, SlotState("valid", held), (new,), more=True)
    assert parts(both)[: len(held)] == held
    assert set(parts(both)) == {*held, *new}
    assert len(parts(both)) == len(set(parts(both)))
    left = without(SlotState("valid", both), new)
    assert left == ((tuple(item for item in held if item not in new),) if set(held) - set(new) else ())


def test_a_refused_range_gets_the_end_that_it_lacks() -> None:
    stay = load_flow(FOLDER).slots["stay"]
    for held, refused, new, whole in (
        (Range(1, None), "one_end", Range(None, 3), Range(1, 3)),
        (Range(1, None), "one_end", Range(3, 3), Range(1, 3)),
        (Range(None, 3), "one_end", Range(1, 1), Range(1, 3)),
        (Range(None, 3), "one_end", Range(1, 2), Range(1, 2)),
        (Range(4, 3), "backwards", Range(None, 5), Range(4, 5)),
        (Range(4, 3), "past", Range(None, 5), Range(None, 5)),
    ):
        assert joined(stay, SlotState(refused=refused, candidates=(held,)), (new,), more=False) == (whole,)
