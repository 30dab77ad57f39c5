"""Typed conversations through the chat door, with real tools on SQLite."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from engine.actions.ledger import bookings_of
from engine.actions.store import open_store
from engine.cli.main import main

BOOKING = """\
no
a table for four on Saturday at eight
Maria Rossi
yes
yes
no thanks
"""
OPTIONS = ("--now", "2026-10-01T11:00", "--caller", "+44 1632 960123")


def chat(lines: str, monkeypatch: pytest.MonkeyPatch, *options: str | Path) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    with pytest.raises(SystemExit) as left:
        main(["chat", "trattoria", *map(str, options)])
    return int(left.value.code or 0)


def events(text: str) -> list[str]:
    return [name for line in text.splitlines() if (name := json.loads(line).get("event"))]


def test_a_booking_is_typed_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "bookings.db"
    assert chat(BOOKING, monkeypatch, *OPTIONS, "--db", database) == 0
    out = capsys.readouterr().out
    assert "It's booked: 4 people on Saturday the 3rd of October" in out
    assert "party_size 4 (valid) · day 2026-10-03 (valid)" in out
    assert "the call is over (goodbye)" in out
    with open_store(database, create=False) as store:
        (booking,) = store.read(lambda connection: bookings_of(connection, None, "booked"))
    assert (booking.party_size, str(booking.name), booking.phone) == (4, "Maria Rossi", "+441632960123")


def test_without_a_database_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert chat(BOOKING, monkeypatch, *OPTIONS) == 0
    assert "It's booked" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_every_event_and_effect_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert chat("/keys 2\n/silence\n/hangup\n", monkeypatch, *OPTIONS, "--json") == 0
    out = capsys.readouterr().out
    assert events(out) == ["CallStarted", "Spoken", "Digits", "Spoken", "Silence", "Spoken", "HungUp"]
    say = next(data for line in out.splitlines() if (data := json.loads(line)).get("effect") == "Say")
    assert say["texts"][0].startswith("Trattoria Sole, good morning.")
    assert say["at"].startswith("2026-10-01T11:00:00")


def test_the_end_of_the_input_hangs_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert chat("no\n", monkeypatch, *OPTIONS, "--json") == 0
    assert events(capsys.readouterr().out)[-1] == "HungUp"


def test_nobody_answers_and_a_message_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat("no\n/transfer no_answer\n/keys 0\nplease call me back\n", monkeypatch, *OPTIONS) == 0
    out = capsys.readouterr().out
    assert "the call is put through to reception" in out
    assert "your next line is recorded" in out
    assert "Thank you for calling Trattoria Sole. Goodbye." in out


def test_keys_beyond_one_answer_go_to_the_next_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat("/keys 21\n", monkeypatch, *OPTIONS, "--json") == 0
    digits = [
        data["keys"] for line in capsys.readouterr().out.splitlines() if "Digits" in (data := json.loads(line)).values()
    ]
    assert digits == ["2", "1"]


def test_a_command_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert chat("/dance\n", monkeypatch, *OPTIONS) == 0
    assert "/hangup" in capsys.readouterr().err


def test_a_moment_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert chat("", monkeypatch, "--now", "yesterday") == 2
    assert "2026-10-01T11:00" in capsys.readouterr().err


def test_a_flow_is_talked_to_in_one_of_its_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat("nein\neinen Tisch für vier am Samstag um acht\n", monkeypatch, *OPTIONS, "--language", "de") == 0
    out = capsys.readouterr().out
    assert "party_size 4 (valid) · day 2026-10-03 (valid)" in out
    assert "Auf welchen Namen" in out
