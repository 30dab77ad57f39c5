"""Talks run in simulated time: those that hold, those that part from the flow, and those with unknown names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import SettingsError
from engine.simulate.files import find_talks
from engine.simulate.result import Called, Spoke
from engine.simulate.runner import run_file
from engine.talk.writer import format_talk

CASES = Path(__file__).parent / "cases"
BISTRO = CASES / "bistro"
DIFFERENCES: list[dict[str, Any]] = yaml.safe_load((CASES / "differences.yaml").read_text("utf-8"))
UNKNOWN: list[dict[str, Any]] = yaml.safe_load((CASES / "unknown.yaml").read_text("utf-8"))


def write(folder: Path, text: str) -> Path:
    file = folder / "a.talk"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("talk", sorted(BISTRO.glob("talks/*.talk")), ids=lambda talk: talk.stem)
def test_talk_holds(talk: Path) -> None:
    result = run_file(talk)
    assert result.passed, (result.faults, result.difference)


def test_bare_transcript_is_compared_by_meaning() -> None:
    result = run_file(CASES / "transcript.txt", str(BISTRO))
    assert result.passed, result.difference


@pytest.mark.parametrize("case", DIFFERENCES, ids=[case["name"] for case in DIFFERENCES])
def test_difference_is_told_at_its_line(case: dict[str, Any], tmp_path: Path) -> None:
    result = run_file(write(tmp_path, case["talk"]), str(BISTRO))
    assert not result.faults
    assert result.difference is not None
    assert (result.difference.at.line, result.difference.message) == (case["line"], case["message"])
    assert result.difference.hint == case.get("hint", "")


@pytest.mark.parametrize("case", UNKNOWN, ids=[case["talk"].splitlines()[0] for case in UNKNOWN])
def test_unknown_names_are_found_before_the_call(case: dict[str, Any], tmp_path: Path) -> None:
    result = run_file(write(tmp_path, case["talk"]), str(BISTRO))
    found = [(fault.code, f"{fault.at.line}:{fault.at.column}") for fault in result.faults]
    assert found == [(code, place) for code, place, _ in case["finds"]]
    for fault, (_, _, words) in zip(result.faults, case["finds"], strict=True):
        assert words in f"{fault.message} {fault.hint}"
    assert not result.entries


def test_the_same_talk_goes_the_same_way_every_time() -> None:
    first, second = (run_file(BISTRO / "talks" / "words.talk") for _ in range(2))
    assert first.entries == second.entries
    assert first.slots == second.slots


def test_time_is_simulated() -> None:
    result = run_file(BISTRO / "talks" / "slow_tools.talk")
    assert result.call_seconds > 20
    calls = {entry.tool: entry.at for entry in result.entries if isinstance(entry, Called)}
    filler = next(entry for entry in result.entries if isinstance(entry, Spoke) and entry.id == "engine.filler")
    assert filler.at == pytest.approx(calls["find_table"] + 0.7)


def test_a_prompt_lasts_its_words_at_the_pace_of_the_persona() -> None:
    said = [entry for entry in run_file(BISTRO / "talks" / "message.talk").entries if isinstance(entry, Spoke)]
    notice, menu = said[0], said[1]
    assert menu.at - notice.at == pytest.approx(len(notice.text.split()) * 60 / 160 + 0.35)


def test_a_talk_without_a_moment_starts_when_the_house_is_open(tmp_path: Path) -> None:
    result = run_file(write(tmp_path, 'agent: "assistant. How can I help"\n'), str(BISTRO))
    assert result.passed, result.difference


def test_folders_shipped_names_and_files_are_found() -> None:
    assert len(find_talks([str(BISTRO)])) == len(list(BISTRO.glob("talks/*.talk")))
    assert find_talks(["trattoria"])
    assert find_talks([str(CASES / "transcript.txt")]) == [CASES / "transcript.txt"]
    with pytest.raises(SettingsError, match="no talk"):
        find_talks(["no such thing"])
    with pytest.raises(SettingsError, match="no talk file"):
        find_talks([str(BISTRO / "personas")])


def test_a_transcript_needs_a_flow(tmp_path: Path) -> None:
    (fault,) = run_file(write(tmp_path, "Caller: hello")).faults
    assert fault.code == "talk.flow"
    assert "--flow" in fault.hint


def test_bytes_that_are_no_text_are_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "a.talk"
    file.write_bytes(b"caller: \xff\xfe")
    (fault,) = run_file(file).faults
    assert fault.code == "talk.encoding"


def test_a_file_that_is_not_there_could_not_be_run() -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        run_file("no/such.talk")


@pytest.mark.parametrize("talk", sorted(BISTRO.glob("talks/*.talk")), ids=lambda talk: talk.stem)
def test_talks_are_kept_in_their_canonical_form(talk: Path) -> None:
    text = talk.read_text("utf-8")
    assert format_talk(text) == text
