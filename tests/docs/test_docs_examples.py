"""What the docs show works: flows load, talks pass, settings are read, and the reference says what the schemas say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted((ROOT / "docs").glob("*.md"))


def examples(page: Path, folder: Path) -> list[str]:
    """Writes the files that a page shows into a folder; returns their names."""
    names = []
    for name, text in EXAMPLE.findall(page.read_text(encoding="utf-8")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        names.append(name)
    return names


def frontdesk(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from engine.cli.main import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_operator_page_shows_a_sound_flow(tmp_path: Path) -> None:
    names = examples(ROOT / "docs" / "operator.md", tmp_path)
    assert names == ["flow.yaml", "personas/calm.yaml", "talks/two_people.talk"]
    checked = frontdesk("check", tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    talked = frontdesk("simulate", tmp_path / "talks")
    assert talked.returncode == 0, talked.stdout + talked.stderr


def test_telephony_page_shows_settings_that_are_read(tmp_path: Path) -> None:
    from engine.settings import load_settings

    assert examples(ROOT / "docs" / "telephony.md", tmp_path) == ["frontdesk.yaml"]
    settings = load_settings(tmp_path / "frontdesk.yaml", {})
    assert settings.lines["restaurant"].flow.name == "flow.yaml"
    assert settings.keep_days == 30


def test_model_page_shows_settings_that_are_read(tmp_path: Path) -> None:
    from engine.settings import load_settings

    assert examples(ROOT / "docs" / "model.md", tmp_path) == ["frontdesk.yaml"]
    model = load_settings(tmp_path / "frontdesk.yaml", {}).model
    assert model is not None
    assert (model.name, model.deadline) == ("Qwen/Qwen3-8B", 1.2)


def test_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "script" / "make_reference", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in link or (page.parent / link).exists(), link
