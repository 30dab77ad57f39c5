"""A line answers in one of the languages of its flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from agi.answering import load_lines
from agi.proving import sound_flow
from engine.errors import AuthorError, SettingsError
from engine.settings import load_settings, read_line

FLOW = """frontdesk: 1
flow: bell
language: en-GB
languages: [en-GB, de-DE]
timezone: Europe/London
start: hello
steps:
  hello: {say: Hello., then: to_human}
  to_human: {message: {ask: Please speak.}, then: hangup}
"""
GERMAN = "prompts: {hello: Guten Tag., to_human: Bitte sprechen Sie.}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "prompts.de-DE.yaml").write_text(GERMAN, encoding="utf-8")
    return tmp_path


def settings(folder: Path, language: str) -> Path:
    file = folder / "frontdesk.yaml"
    line = f"{{flow: flow.yaml, numbers: [100]{language and f', language: {language}'}}}"
    file.write_text(f"lines: {{bell: {line}}}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(("language", "due", "words"), [("", "en-GB", "Hello."), ("de-DE", "de-DE", "Guten Tag.")])
def test_a_line_answers_in_its_language(folder: Path, language: str, due: str, words: str) -> None:
    loaded = load_settings(settings(folder, language), {})
    flow = load_lines(loaded)["bell"]
    assert flow.language == due
    assert flow.steps["hello"].say.variants[0].text == words  # type: ignore[union-attr]
    assert sound_flow(loaded.lines["bell"]) == flow


def test_a_language_that_the_flow_does_not_speak_is_told_with_those_that_it_does(folder: Path) -> None:
    loaded = load_settings(settings(folder, "fr-FR"), {})
    with pytest.raises(SettingsError, match=r"lines\.bell\.language is fr-FR.* en-GB and de-DE.*prompts\.fr-FR\.yaml"):
        read_line(loaded.lines["bell"])
    with pytest.raises(SettingsError):
        load_lines(loaded)


def test_a_language_that_is_not_complete_answers_no_call(folder: Path) -> None:
    (folder / "prompts.de-DE.yaml").write_text("prompts: {hello: Guten Tag.}\n", encoding="utf-8")
    with pytest.raises(AuthorError) as refused:
        load_lines(load_settings(settings(folder, "de-DE"), {}))
    assert [finding.code for finding in refused.value.findings] == ["untranslated"]


def test_the_shipped_trattoria_answers_in_german(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.yaml"
    file.write_text("lines: {trattoria: {flow: trattoria, language: de}}\n", encoding="utf-8")
    assert load_lines(load_settings(file, {}))["trattoria"].language == "de"
