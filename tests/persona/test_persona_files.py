"""Persona files: what they set, and what an author is told about a faulty one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import AuthorError, Finding, SettingsError
from engine.persona.persona import load_persona, parse_persona
from engine.persona.prosody import Prosody

CASES = yaml.safe_load((Path(__file__).parent / "persona_cases.yaml").read_text(encoding="utf-8"))
SHIPPED = sorted((Path(__file__).parents[2] / "flows").glob("*/personas/*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_faults(case: dict[str, Any]) -> None:
    with pytest.raises(AuthorError) as caught:
        parse_persona(case["text"], "personas/host.yaml")
    found = [(f.code, f.at.line, f.at.column) for f in caught.value.findings]
    assert found == [tuple(expected[:3]) for expected in case["findings"]]
    for finding, expected in zip(caught.value.findings, case["findings"], strict=True):
        assert expected[3] in finding.message
        assert expected[4] in finding.hint


def test_what_a_file_sets() -> None:
    persona = parse_persona(
        """
persona: host
description: Warm.
voices: {espeak: en-gb+f3}
pace: 150
pitch: 1.1
expressiveness: 1.5
volume: 0.9
pauses: {sentence: 400 ms, comma: 0.2 s}
situations:
  echo: {pace: 130, pauses: {comma: 300 ms}}
  numbers: {pace: 120}
"""
    )
    assert persona.plain == Prosody(150, 1.1, 0.9, 0.4, 0.2, 1.5)
    assert persona.prosody("echo") == Prosody(130, 1.1, 0.9, 0.4, 0.3, 1.5)
    assert persona.prosody("goodbye") == persona.plain
    assert persona.prosody("plain", numbers=True) == Prosody(120, 1.1, 0.9, 0.4, 0.2, 1.5)
    assert persona.voices == (("espeak", "en-gb+f3"),)
    assert (persona.name, persona.description, persona.warnings) == ("host", "Warm.", ())


def test_settings_without_effect_are_said() -> None:
    text = "persona: host\nvoices: {espeak: en, piper: alba}\nsituations:\n  wait: {pace: 165}\n  echo: {pace: 150}\n"
    warnings = parse_persona(text, "host.yaml").warnings
    assert [(w.code, w.severity, w.at.line) for w in warnings] == [
        ("persona.engine", "note", 2),
        ("persona.no_effect", "warning", 4),
    ]


def test_what_an_engine_cannot_do_is_said_where_the_persona_names_the_engine() -> None:
    text = (
        "persona: host\nvoices: {espeak: en}\nlanguages: {de: {piper: thorsten}}\npitch: 1.1\npauses: {sentence: 1 s}\n"
        "situations:\n  echo: {pauses: {comma: 300 ms}}\n  apology: {pitch: 0.9, pace: 150}\n"
    )
    persona = parse_persona(text, "host.yaml")
    unheard = [(w.severity, w.at.line) for w in persona.warnings if w.code == "persona.unheard"]
    assert unheard == [("warning", 4), ("warning", 7), ("warning", 8)]
    assert persona.unheard("piper") == ("pitch", "pauses.comma")
    assert persona.unheard("espeak") == ()
    assert parse_persona("persona: host\nvoices: {piper: alba}\npace: 150\n", "host.yaml").unheard("piper") == ()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_personas_are_sound(path: Path) -> None:
    persona = load_persona(path)
    assert persona.name == path.stem
    assert not [warning for warning in persona.warnings if warning.severity == "warning"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the persona .*host\.yaml"):
        load_persona(tmp_path / "host.yaml")
    (tmp_path / "latin.yaml").write_bytes("persona: latin\ndescription: é\n".encode("latin-1"))
    with pytest.raises(AuthorError, match="not UTF-8"):
        load_persona(tmp_path / "latin.yaml")


@given(st.text(alphabet="persona: host\n{}[]&*!'\"#-|>%@?,0123", max_size=80))
def test_no_text_is_anything_but_a_persona_or_findings(text: str) -> None:
    faults: tuple[Finding, ...] = ()
    name = ""
    try:
        name = parse_persona(text, "host.yaml").name
    except AuthorError as error:
        faults = error.findings
    assert faults or name == "host"


def test_a_persona_has_a_voice_for_each_language() -> None:
    persona = parse_persona(
        "persona: host\nvoices: {espeak: en-gb}\nlanguages: {de: {espeak: de}, de-AT: {espeak: de+m2}}"
    )
    assert persona.voices_in("en-GB") == (("espeak", "en-gb"),)
    assert persona.voices_in("de-DE") == (("espeak", "de"),)
    assert persona.voices_in("de-AT") == (("espeak", "de+m2"),)
    assert persona.voices_in("es") == (("espeak", "en-gb"),)


def test_voices_by_language_are_checked() -> None:
    with pytest.raises(AuthorError, match="espeka"):
        parse_persona("persona: host\nlanguages: {de: {espeka: de}}")
