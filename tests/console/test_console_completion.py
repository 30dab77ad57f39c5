"""What an editor offers at a place of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.console.completion import about, suggestions

CASES = yaml.safe_load((Path(__file__).parent / "completion.yaml").read_text())
KIOSK = (Path(__file__).parent / "kiosk/flow.yaml").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][-30:])
def test_what_fits_is_offered(case: dict[str, Any]) -> None:
    before, _, after = case["text"].partition("|")
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    found = [one.label for one in suggestions(case.get("file", "flow.yaml"), before + after, line, column)]
    assert set(case["has"]) <= set(found)
    assert not set(case.get("lacks", ())) & set(found)


def test_a_key_is_explained_where_it_stands() -> None:
    assert about("flow.yaml", "slots:\n  day: {type: date}\n", 2, 9) == "What kind of value it is."
    assert about("flow.yaml", "slots:\n  day: {type: date}\n", 2, 16) == ""


@given(st.text(alphabet="ab:{}[]-, \n#\"'", max_size=60), st.integers(-1, 9), st.integers(-1, 70))
def test_whatever_is_written_there_is_an_answer(text: str, line: int, column: int) -> None:
    suggestions("flow.yaml", text, line, column)
    about("flow.yaml", text, line, column)


@given(st.integers(0, len(KIOSK)))
def test_a_flow_is_answered_everywhere(place: int) -> None:
    before = KIOSK[:place]
    suggestions("flow.yaml", KIOSK, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
