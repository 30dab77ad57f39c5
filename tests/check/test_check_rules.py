"""Each rule, by its own good and bad case laid over a small sound flow; and that every code is known."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from small import SOUND, laid_over, load

import engine.flow
from engine.check.advice import READING, READING_WARNS, why
from engine.check.examples import EXAMPLES, Example
from engine.check.rules import RULES, examine
from engine.flow.loader import read_path


def found_in(part: str, folder: Path) -> dict[str, int]:
    """Codes that `check` finds in the sound flow with a part laid over it, and how often."""
    whole = laid_over(load(SOUND), load(part))
    (folder / "flow.yaml").write_text(json.dumps(whole, indent=2, ensure_ascii=False), encoding="utf-8")
    found = examine(read_path(folder))
    codes = [finding.code for finding in found]
    return {code: codes.count(code) for code in codes}


def test_the_small_flow_is_sound(tmp_path: Path) -> None:
    assert found_in("steps: {}", tmp_path) == {}


@pytest.mark.parametrize("code", RULES)
def test_a_rule_finds_its_bad_case(code: str, tmp_path: Path) -> None:
    found = found_in(RULES[code].bad, tmp_path)
    assert found.get(code) == 1


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_silent_about_its_good_case(code: str, tmp_path: Path) -> None:
    found = found_in(RULES[code].good, tmp_path)
    assert {key for key in found if RULES.get(key) is None or RULES[key].severity == "error"} == set()
    assert code not in found


def found_by(example: Example, text: str, folder: Path) -> set[str]:
    """Codes that `check` finds in a case of the reading."""
    if example.way == "part":
        return set(found_in(text, folder))
    whole = f"{SOUND.lstrip()}{text}\n" if example.way == "lines" else f"{text}\n"
    (folder / "flow.yaml").write_text(whole, encoding="utf-8")
    return {finding.code for finding in examine(read_path(folder))}


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_reading_finds_its_bad_case_and_nothing_that_follows_from_it(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    if example.beside:
        (tmp_path / example.beside).write_text(example.text, encoding="utf-8")
    assert found_by(example, example.bad, tmp_path) == {code}
    [severity] = {finding.severity for finding in read_path(tmp_path).findings}
    assert severity == ("warning" if code in READING_WARNS else "error")


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_reading_is_silent_about_its_good_case(code: str, tmp_path: Path) -> None:
    assert code not in found_by(EXAMPLES[code], EXAMPLES[code].good, tmp_path)


def test_every_code_of_the_reading_has_a_case() -> None:
    too_big_to_show = {"encoding", "too-large", "schema"}
    assert set(EXAMPLES) | too_big_to_show == set(READING)


@pytest.mark.parametrize("code", RULES)
def test_a_finding_shows_its_line_and_a_fix(code: str, tmp_path: Path) -> None:
    found_in(RULES[code].bad, tmp_path)
    for finding in examine(read_path(tmp_path)):
        assert finding.severity == RULES[finding.code].severity if finding.code in RULES else "error"
        assert finding.source
        assert finding.at.column + finding.width - 1 <= len(finding.source)
        assert finding.message
        assert why(finding.code)


IDLE: list[dict[str, Any]] = load((Path(__file__).parent / "cases" / "idle.yaml").read_text(encoding="utf-8"), list)


@pytest.mark.parametrize("case", IDLE, ids=lambda case: json.dumps(case["slot"]))
def test_keys_that_can_have_no_effect(case: dict[str, Any], tmp_path: Path) -> None:
    part = {"slots": {"extra": case["slot"]}, "steps": {"book": {"form": ["party_size", "extra"], "then": "sure"}}}
    found = found_in(json.dumps(part), tmp_path)
    assert {code for code in found if code != "unused"} == {case["code"]} - {"none"}


def test_every_code_of_the_reading_has_its_reason() -> None:
    used = set()
    for path in Path(engine.flow.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("error", "warning"):
                first = node.args[0]
                used |= {first.value} if isinstance(first, ast.Constant) else set()
    assert used <= set(READING)
    assert not set(READING) & set(RULES) - {"no-effect"}
