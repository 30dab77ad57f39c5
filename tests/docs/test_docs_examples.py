"""What the docs show works: flows load, talks pass, settings are read, and the reference says what the schemas say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from engine.cli.main import cli, main

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


def test_telephony_page_shows_settings_and_a_campaign_that_are_read(tmp_path: Path) -> None:
    from agi.outbound.campaign import read_campaign
    from engine.actions.retention import Keep
    from engine.settings import load_settings

    assert {"frontdesk.yaml", "reminders.yaml"} <= set(examples(ROOT / "docs" / "telephony.md", tmp_path))
    settings = load_settings(tmp_path / "frontdesk.yaml", {})
    assert settings.lines["restaurant"].flow.name == "flow.yaml"
    assert settings.keep == Keep(30, 30, 30)
    campaign = read_campaign(tmp_path / "reminders.yaml")
    assert (campaign.bookings_of, campaign.day, campaign.rules.tries) == ("clinic", "tomorrow", 3)


def test_integration_page_shows_settings_that_are_read(tmp_path: Path) -> None:
    from engine.settings import load_settings

    assert examples(ROOT / "docs" / "integration.md", tmp_path) == ["frontdesk.yaml"]
    for name in ("crm", "texts", "mail"):
        (tmp_path / f"{name}.secret").write_text(f"{name}'s\n")
        (tmp_path / f"{name}.secret").chmod(0o600)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "loyalty.py").touch()
    outside = load_settings(tmp_path / "frontdesk.yaml", {}).outside
    assert {name: hook.secret for name, hook in outside.webhooks.items()} == {"crm": "crm's", "texts": "texts's"}
    assert outside.mail is not None
    assert (outside.mail.host, outside.mail.port, outside.mail.password) == ("mail.example", 587, "mail's")
    assert (outside.sms, outside.events, len(outside.sent)) == ("texts", "crm", 5)


def test_model_page_shows_settings_that_are_read(tmp_path: Path) -> None:
    from engine.settings import load_settings

    assert examples(ROOT / "docs" / "model.md", tmp_path) == ["frontdesk.yaml"]
    model = load_settings(tmp_path / "frontdesk.yaml", {}).model
    assert model is not None
    assert (model.name, model.deadline) == ("Qwen/Qwen3-8B", 1.2)


def test_voice_page_shows_settings_and_a_consent_that_are_read(tmp_path: Path) -> None:
    from datetime import date

    from engine.settings import load_settings
    from engine.speech.consent import read_consent

    assert {"voices/anna.yaml", "frontdesk.yaml"} <= set(examples(ROOT / "docs" / "voice.md", tmp_path))
    speech = load_settings(tmp_path / "frontdesk.yaml", {}).speech
    assert speech.xtts.accept_licence
    assert (speech.voice, speech.voices, speech.xtts.streams) == ("xtts", tmp_path / "voices", 3)
    assert read_consent(tmp_path / "voices" / "anna.wav", date(2026, 12, 1)).person == "Anna Example"


def test_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "script" / "make_reference", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in link or (page.parent / link).exists(), link


def run(line: str, folder: Path) -> str:
    """Runs a line of a terminal; a pipe in a shell, a plain command in this process. Returns what went wrong."""
    if "|" not in line:
        try:
            main(shlex.split(line)[1:])
        except SystemExit as left:
            return "" if not left.code else f"{line} exits {left.code}"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    shell = ["bash", "-c", line]
    done = subprocess.run(shell, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    return line + done.stderr if done.returncode else ""


def test_qa_page_leads_from_a_transcript_to_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs" / "qa.md"
    examples(page, tmp_path)
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^\$ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    assert len(lines) > 5
    assert [fault for line in lines if (fault := run(line, tmp_path))] == []
    made, shown = (tmp_path / folder / "monday.talk" for folder in ("tests", "shown"))
    assert made.read_text("utf-8") == shown.read_text("utf-8")
    assert run("frontdesk simulate talks", tmp_path) == ""
    assert run("frontdesk format --check talks", tmp_path) == ""


def test_qa_page_shows_jobs_whose_commands_exist(tmp_path: Path) -> None:
    examples(ROOT / "docs" / "qa.md", tmp_path)
    github = yaml.safe_load((tmp_path / ".github/workflows/talks.yml").read_text("utf-8"))
    gitlab = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text("utf-8"))
    wanted = [step["run"] for step in github["jobs"]["talks"]["steps"] if "run" in step]
    assert wanted == gitlab["talks"]["script"]
    for line in wanted[1:]:
        _, command, *more = line.split()
        door = cli.get_command(click.Context(cli), command)
        assert door is not None, line
        known = {name for option in door.params for name in option.opts}
        assert {name for name in more if name.startswith("--")} <= known


def test_qa_page_names_every_fault_of_a_talk() -> None:
    page = (ROOT / "docs" / "qa.md").read_text("utf-8")
    rooms = [*(ROOT / "engine" / "talk").glob("*.py"), *(ROOT / "engine" / "simulate").glob("*.py")]
    codes = {code for room in rooms for code in re.findall(r'"(talk\.[a-z]+)"', room.read_text("utf-8"))}
    assert len(codes) > 15
    assert sorted(code for code in codes if f"`{code}`" not in page) == []
