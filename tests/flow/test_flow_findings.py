"""What authors are told about faults: the code, the line and the column of each, and nothing that merely follows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import AuthorError
from engine.flow.loader import load_flow, read_path

CASES_AT = Path(__file__).parent / "cases"
CASES: list[dict[str, Any]] = yaml.safe_load((CASES_AT / "findings.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_fault_is_found_at_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(CASES_AT / "language_example", tmp_path, dirs_exist_ok=True)
    file = tmp_path / case.get("file", "flow.yaml")
    text = file.read_text(encoding="utf-8")
    assert text.count(case["old"]) >= 1
    file.write_text(text.replace(case["old"], case["new"], 1), encoding="utf-8")
    reading = read_path(tmp_path)
    errors = [found for found in reading.findings if found.severity == "error"]
    assert [f"{found.code} {found.at.line}:{found.at.column}" for found in errors] == case["found"]
    assert case.get("hint", "") in errors[0].hint
    for found in errors:
        assert Path(found.at.file) == file
        assert found.source
    with pytest.raises(AuthorError) as refused:
        load_flow(tmp_path)
    assert refused.value.findings == tuple(errors)
