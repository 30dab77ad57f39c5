"""Settings files: what they mean, what the environment changes, what faults say."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import FrontdeskError, SettingsError
from engine.settings import load_settings

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())


def at(settings: Any, path: str) -> Any:
    def step(value: Any, name: str) -> Any:
        return value[name] if isinstance(value, dict) else getattr(value, name)

    return reduce(step, path.split("."), settings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_settings_file(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.yaml"
    file.write_text(case["text"])
    environment = case.get("environment", {})
    if "gives" in case:
        settings = load_settings(file, environment)
        assert {path: str(at(settings, path)) for path in case["gives"]} == {
            path: str(value) for path, value in case["gives"].items()
        }
        return
    with pytest.raises(FrontdeskError) as refused:
        load_settings(file, environment)
    for words in case["says"]:
        assert words in str(refused.value)


def test_a_secret_comes_from_a_file_that_is_its_owners_alone(tmp_path: Path) -> None:
    file, secret = tmp_path / "frontdesk.yaml", tmp_path / "secret"
    file.write_text("asterisk: {secret_file: secret}\n")
    secret.write_text("hush\n")
    secret.chmod(0o600)
    assert load_settings(file, {}).asterisk.secret == "hush"
    secret.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_settings(file, {})


def test_paths_are_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.yaml"
    file.write_text("database: calls.db\nrecordings: {folder: sound}\n")
    settings = load_settings(file, {})
    assert settings.database == str(tmp_path / "calls.db")
    assert settings.recordings == tmp_path / "sound"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read the settings"):
        load_settings(tmp_path / "none.yaml", {})
