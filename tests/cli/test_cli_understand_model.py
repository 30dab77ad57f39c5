"""`frontdesk understand` with reasons, and with a model server beside it (a fake)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.understand import command
from tests.understanding.chat_server import chat_server_beside

NOW = "2026-11-24T10:00"
ODD = "my lot fancy a bite at yours"
ANSWER = json.dumps({"acts": [{"act": "want", "intent": "book", "words": "fancy a bite"},
                              {"act": "fill", "slot": "day", "words": "tomorrow"}]})  # fmt: skip


def understand(*options: str, lines: str | None = None) -> str:
    result = CliRunner().invoke(command, ["trattoria", *options, "--now", NOW], input=lines, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def reasons(*options: str, text: str) -> dict[str, str]:
    line = json.dumps({"id": 1, "text": text, "now": NOW})
    result = CliRunner().invoke(command, ["trattoria", "--jsonl", "--explain", *options], input=line)
    answer: dict[str, Any] = json.loads(result.stdout)
    return {f"{one['tier']}: {one['about']}": one["verdict"] for one in answer["reasons"]}


def test_the_model_is_asked_for_what_is_not_understood() -> None:
    with chat_server_beside(ANSWER) as server:
        shown = understand(ODD, "--model", server.url, "--asked", "menu")
        assert [question["model"] for question in server.questions] == ["fake"]
    assert "want" in shown
    assert "book" in shown
    assert "found by the model" in shown
    assert "1 believed, 1 dropped" in shown


def test_reasons_name_what_was_dropped_from_the_models_answer() -> None:
    with chat_server_beside(ANSWER) as server:
        found = reasons("--model", server.url, text=ODD)
    assert found["model: book"] == "taken"
    assert found["model: not_said"] == "dropped"


def test_the_model_is_not_asked_where_it_is_not_needed() -> None:
    with chat_server_beside(ANSWER) as server:
        assert "was not asked: enough was understood" in understand("four people", "--model", server.url)
        assert "a yes or no is never a model's" in understand("yes", "--asked", "echo", "--model", server.url)
        assert server.questions == []


def test_a_server_that_is_away_changes_nothing() -> None:
    shown = understand("hullabaloo", "--asked", "day", "--model", "http://127.0.0.1:9")
    assert "nothing understood" in shown
    assert "the model gave no answer" in shown


@pytest.mark.parametrize(
    ("text", "about", "verdict"),
    [
        ("table for four on friday", "recognisers: day", "taken"),
        ("table for four on friday", "recognisers: party_size", "taken"),
        ("table for four on friday", "recognisers: booking_number", "not asked"),
        ("do you have parking", "phrases: ask parking", "taken"),
        ("the moon is made of cheese", "phrases: globals", "nothing"),
        ("could you say that again", "phrases: repeat", "taken"),
        ("hold on, four people", "phrases: hold_on", "dropped"),
    ],
)
def test_every_stage_says_why(text: str, about: str, verdict: str) -> None:
    assert reasons(text=text)[about] == verdict


def test_reasons_are_shown_below_the_table() -> None:
    shown = understand("half seven", "--asked", "time", "--explain")
    assert "07:30 or 19:30" in shown
    assert "neither is an answer to this question" in shown


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="no address of a model server"):
        understand("four people", "--model", "127.0.0.1:8000")
