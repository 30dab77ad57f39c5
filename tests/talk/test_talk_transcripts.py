"""Conversations from other systems, from the cases beside this file: what they become, and every fault by its row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import AuthorError, Finding
from engine.talk import model
from engine.talk.reader import read_talk
from engine.talk.speakers import Speakers
from engine.talk.transcripts import as_talk, read_conversation
from engine.talk.writer import write_talk

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "transcripts.yaml").read_text("utf-8"))
HELD = [case for case in CASES if "talk" in case]
FAULTY = [case for case in CASES if "finds" in case]


def read(case: dict[str, Any]) -> model.Talk:
    speakers = Speakers(tuple(case.get("callers", ())), tuple(case.get("agents", ())))
    return read_conversation(case["text"], case["name"], speakers)


@pytest.mark.parametrize("case", HELD, ids=[case["name"] for case in HELD])
def test_transcript_becomes_a_talk(case: dict[str, Any]) -> None:
    text = write_talk(as_talk(read(case)))
    assert text == case["talk"]
    assert write_talk(read_talk(text)) == text


@pytest.mark.parametrize("case", FAULTY, ids=[case["name"] for case in FAULTY])
def test_fault_of_a_transcript_names_its_row(case: dict[str, Any]) -> None:
    with pytest.raises(AuthorError) as caught:
        read(case)
    found = caught.value.findings
    assert [f"{finding.at.line}:{finding.at.column}" for finding in found] == [place for place, _ in case["finds"]]
    for finding, (_, words) in zip(found, case["finds"], strict=True):
        assert words in f"{finding.message} {finding.hint}"
        assert finding.at.file == case["name"]


words = st.text(min_size=1, max_size=30).filter(lambda text: any(sign.isalnum() for sign in text))
turns = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), words), min_size=1, max_size=6)


@given(turns)
def test_messages_and_lines_of_them_say_the_same(spoken: list[tuple[str, str]]) -> None:
    rows = [{"role": role, "content": text} for role, text in spoken]
    whole = read_conversation(json.dumps(rows), "a.json")
    lines = read_conversation("\n".join(map(json.dumps, rows)), "a.jsonl")
    assert whole == lines
    assert len(whole.lines) == len(rows)
    assert as_talk(read_talk(write_talk(as_talk(whole)))) == as_talk(whole)


@given(st.text(max_size=60), st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl", "a.txt"]))
def test_any_text_is_read_or_refused_in_our_words(text: str, file: str) -> None:
    findings: tuple[Finding, ...] = ()
    try:
        read_conversation(text, file)
    except AuthorError as error:
        findings = error.findings
    assert all(finding.message and finding.at.line >= 1 for finding in findings)
