"""`frontdesk understand`: the JSON lines are a contract, and a line that cannot be read stops nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.understand import command
from engine.errors import SettingsError

NOW = "2026-11-24T10:00"


def ask(*lines: dict[str, Any] | str, options: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
    given = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    result = CliRunner().invoke(command, ["trattoria", "--jsonl", *options], input=given)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_one_sentence_fills_three_slots() -> None:
    code, (answer,) = ask({"id": "a", "text": "table for four on Friday at eight", "now": NOW})
    assert code == 0
    assert answer["id"] == "a"
    assert answer["slots"] == {"party_size": 4, "day": "2026-11-27", "time": "08:00"}
    assert answer["intent"] == "book"
    assert answer["tier"] == "phrases"
    assert answer["ms"] >= 0


def test_an_act_has_its_words_and_says_whether_it_is_sure() -> None:
    _, (answer,) = ask({"id": 1, "text": "it's for half seven", "asked": "time", "now": NOW})
    (act,) = answer["acts"]
    assert act == {
        "act": "fill", "slot": "time", "value": "07:30", "candidates": ["07:30", "19:30"], "text": "half seven",
        "start": 9, "end": 19, "confidence": 0.9, "sure": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "asked", "slots"),
    [
        ("maria rossi", "name", {"name": {"first_name": "Maria", "last_name": "Rossi"}}),
        ("oh seven seven double oh nine hundred one two three", "phone", {"phone": "07700900123"}),
        ("me and my wife", "party_size", {"party_size": 2}),
    ],
)
def test_values(text: str, asked: str, slots: dict[str, Any]) -> None:
    _, (answer,) = ask({"id": 1, "text": text, "asked": asked, "now": NOW})
    assert answer["slots"] == slots


def test_offsets_are_code_points() -> None:
    _, (answer,) = ask({"id": 1, "text": "🍕🍕 four people", "now": NOW})
    (act,) = answer["acts"]
    assert (act["start"], act["end"]) == (3, 14)


def test_asked_may_be_a_step() -> None:
    _, (answer,) = ask({"id": 1, "text": "yes", "asked": "echo", "now": NOW})
    assert [act["act"] for act in answer["acts"]] == ["affirm"]


def test_globals_are_named_by_themselves() -> None:
    _, (answer,) = ask({"id": 1, "text": "could you say that again", "now": NOW})
    assert [act["act"] for act in answer["acts"]] == ["repeat"]


def test_alternatives_help() -> None:
    line = {"id": 1, "text": "ate hurty", "alternatives": ["at eight thirty pm"], "asked": "time", "now": NOW}
    _, (answer,) = ask(line)
    assert answer["slots"] == {"time": "20:30"}
    assert answer["sure"] is False


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1, "text": ',
        "[]",
        '"text"',
        '{"id": 1}',
        '{"id": 1, "text": 5}',
        '{"id": 1, "text": "x", "alternatives": "y"}',
        '{"id": 1, "text": "x", "now": "yesterday"}',
        '{"id": 1, "text": "x", "asked": "no_such_slot"}',
        '{"id": 1, "text": "x", "asked": 7}',
        "[" * 5000,
    ],
)
def test_a_bad_line_gets_an_error_with_its_number_and_the_rest_goes_on(line: str) -> None:
    code, (first, bad, last) = ask({"id": "a", "text": "four people"}, line, {"id": "b", "text": "five people"})
    assert code == 1
    assert bad["line"] == 2
    assert bad["error"]
    assert (first["slots"], last["slots"]) == ({"party_size": 4}, {"party_size": 5})


def test_empty_lines_are_nothing() -> None:
    assert ask("", "   ") == (0, [])


def test_a_text_is_shown_as_a_table() -> None:
    result = CliRunner().invoke(command, ["trattoria", "half seven", "--asked", "time", "--now", NOW])
    assert result.exit_code == 0
    assert "07:30 or 19:30" in result.stdout


def test_either_a_text_or_lines() -> None:
    assert CliRunner().invoke(command, ["trattoria"]).exit_code == 2


def test_each_line_may_be_in_a_language_of_its_own() -> None:
    code, answers = ask(
        {"id": 1, "text": "einen Tisch für vier am Freitag um 19 Uhr 30", "language": "de-AT", "now": NOW},
        {"id": 2, "text": "puedo llevar a mi perro", "language": "es"},
        {"id": 3, "text": "can I bring my dog"},
    )
    assert code == 0
    assert answers[0]["slots"] == {"party_size": 4, "day": "2026-11-27", "time": "19:30"}
    assert [answer["intent"] for answer in answers] == ["book", "dogs", "dogs"]


def test_options_hold_for_lines_that_say_nothing_else() -> None:
    options = ("--now", "2026-03-20T10:00", "--asked", "time", "--language", "de")
    code, answers = ask(
        {"id": 1, "text": "sieben Uhr morgens"},
        {"id": 2, "text": "morgen", "asked": "day"},
        {"id": 3, "text": "tomorrow", "asked": "day", "language": "en", "now": NOW},
        options=options,
    )
    assert code == 0
    assert [answer["slots"] for answer in answers] == [{"time": "07:00"}, {"day": "2026-03-21"}, {"day": "2026-11-25"}]


def test_an_option_that_cannot_hold_stops_all_lines() -> None:
    result = CliRunner().invoke(command, ["trattoria", "--jsonl", "--asked", "nosuch"], input='{"text": "seven"}')
    assert isinstance(result.exception, SettingsError)
    assert result.stdout == ""
