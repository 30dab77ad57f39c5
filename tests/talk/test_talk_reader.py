"""Every kind of line and every fault of a talk file, from the cases beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import AuthorError
from engine.talk.reader import KINDS, LONGEST, read_talk
from engine.talk.writer import format_talk, write_line

CASES = Path(__file__).parent / "cases"
LINES: list[dict[str, str]] = yaml.safe_load((CASES / "lines.yaml").read_text("utf-8"))
FAULTS: list[dict[str, Any]] = yaml.safe_load((CASES / "faults.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", LINES, ids=[case["line"] for case in LINES])
def test_line_reads_and_is_written(case: dict[str, str]) -> None:
    needs_more = case["reads"].startswith(("Given", "Comment", "Expect"))
    before = [case["after"]] if "after" in case else []
    after = ["agent: x"] if needs_more else []
    line = read_talk("\n".join([*before, case["line"], *after])).lines[len(before)]
    assert repr(line) == case["reads"]
    assert write_line(line) == case.get("canonical", case["line"])


@pytest.mark.parametrize("case", FAULTS, ids=[repr(case["text"])[:50] for case in FAULTS])
def test_fault_is_found_at_its_place(case: dict[str, Any]) -> None:
    with pytest.raises(AuthorError) as caught:
        read_talk(case["text"], "a.talk")
    findings = caught.value.findings
    assert [(finding.code, f"{finding.at.line}:{finding.at.column}") for finding in findings] == [
        (code, place) for code, place, _ in case["finds"]
    ]
    for finding, (_, _, words) in zip(findings, case["finds"], strict=True):
        assert words in f"{finding.message} {finding.hint}"
        assert finding.at.file == "a.talk"


def test_every_kind_of_line_has_a_case() -> None:
    shown = {case["line"].split()[0].rstrip(":") for case in LINES}
    assert set(KINDS) <= shown


def test_caret_stands_below_the_fault() -> None:
    with pytest.raises(AuthorError) as caught:
        read_talk("caller: hello\nsilence: long", "a.talk")
    assert str(caught.value).splitlines() == [
        "a.talk:2:10: error[talk.syntax] a duration is missing here",
        "  silence: long",
        "           ^^^^",
        "  Write it like `8s` or `1.2s`.",
    ]


def test_positions_count_from_one() -> None:
    talk = read_talk("\n  caller: hello\n", "a.talk")
    assert str(talk.lines[1].at) == "a.talk:2:3"


def test_newlines_of_every_system_and_a_byte_order_mark() -> None:
    assert read_talk("\ufeffcaller: a\r\nagent: b\rkeys: 1\n") == read_talk("caller: a\nagent: b\nkeys: 1")


def test_title_is_the_first_comment() -> None:
    assert read_talk("\n# full at eight\n# more\ncaller: a").title == "full at eight"
    assert read_talk("caller: a").title == ""


def test_a_file_too_long_is_refused() -> None:
    with pytest.raises(AuthorError, match=r"talk\.size"):
        read_talk("caller: a\n" * LONGEST)


def test_formatting_keeps_comments_and_blank_lines() -> None:
    text = "#why\n\nagent:   hello\n\ncaller:  (silence   8 s)\n= noinput 1\n"
    assert format_talk(text) == "# why\n\nagent: hello\n\nsilence: 8s\n  = noinput 1\n"
