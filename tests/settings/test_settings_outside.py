"""Settings of the world outside: what is taken, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import FrontdeskError
from engine.settings import load_settings

CASES = yaml.safe_load((Path(__file__).parent / "outside_cases.yaml").read_text())


def read(text: dict[str, Any], folder: Path, environment: dict[str, str]) -> Any:
    file = folder / "frontdesk.yaml"
    file.write_text(yaml.safe_dump(text))
    file.chmod(0o600)
    return load_settings(file, environment).outside


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["says"])
def test_what_cannot_work_is_refused(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(FrontdeskError) as told:
        read(case["settings"], tmp_path, {})
    assert case["says"] in str(told.value)


@pytest.mark.parametrize("case", CASES["taken"], ids=lambda case: case["name"])
def test_what_works_is_taken(case: dict[str, Any], tmp_path: Path) -> None:
    outside = read(case["settings"], tmp_path, case.get("environment", {}))
    found = {
        "secret": outside.webhooks["a"].secret if "a" in outside.webhooks else None,
        "idempotent": outside.webhooks["a"].idempotent if "a" in outside.webhooks else None,
        "mail": f"{outside.mail.host}:{outside.mail.port} {outside.mail.security}" if outside.mail else None,
        "password": outside.mail.password if outside.mail else None,
        "sent": list(outside.sent),
    }
    assert {name: found[name] for name in case["gives"]} == case["gives"]
    assert "tops" not in repr(outside)  # secrets do not show
