"""What is installed in Asterisk, and what cannot slip into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from agi.destination import dial_string
from agi.dialplan.door import command
from agi.dialplan.plan import Entry, Plan, write_dialplan
from engine.errors import SettingsError

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "dialogues/dialplan.yaml").read_text())


def plan(case: dict[str, Any]) -> Plan:
    entries = tuple(Entry(**entry) for entry in case.get("entries", [{"number": "100", "path": "trattoria"}]))
    return Plan(entries, **case.get("plan", {}))


@pytest.mark.parametrize("case", CASES["printed"], ids=lambda case: case["name"])
def test_dialplan_says(case: dict[str, Any]) -> None:
    text = write_dialplan(plan(case))
    for line in case["lines"]:
        assert line in text.splitlines()
    for words in case.get("holds", ()):
        assert words in text
    for words in case.get("absent", ()):
        assert words not in text


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_dialplan_refuses(case: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=case["because"]):
        write_dialplan(plan(case))


@given(st.text(max_size=40))
def test_dialplan_takes_no_line_or_option_from_a_setting(text: str) -> None:
    try:
        printed = dial_string(text, "people")
    except SettingsError:
        return
    assert not set(printed) & set(",;()[]{}$\"'\\ \r\n\t")


@pytest.mark.parametrize("case", CASES["door"], ids=lambda case: case["name"])
def test_dialplan_door(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "frontdesk.yaml").write_text(case["settings"])
    result = CliRunner().invoke(command, ["--config", str(tmp_path / "frontdesk.yaml"), *case.get("options", [])])
    if "because" in case:
        assert isinstance(result.exception, SettingsError)
        assert case["because"] in str(result.exception)
    else:
        assert result.exit_code == 0
        assert set(case["lines"]) <= set(result.output.splitlines())
