"""`frontdesk calls` and `frontdesk bookings` as somebody at a terminal, or a program, gets them."""

from __future__ import annotations

import csv
import json
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar
from test_watch_calllog import keep
from watch_flow import CALL, LONDON

from engine.actions import ledger
from engine.actions.booking import Placement
from engine.actions.ledger import Draft
from engine.actions.store import StoreError, open_store
from engine.acts import PersonName, Recording
from engine.cli.bookings import command as bookings
from engine.cli.calls import command as calls
from engine.flow.calendar import DAY

NOW = datetime(2026, 7, 3, 12, tzinfo=LONDON)


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "frontdesk.db"
    with open_store(path) as store:
        keep(store, CALL, "20260703-193000-abcd")
        for number, name in enumerate((PersonName("=Maria", "Rossi"), Recording("call/name.wav", 2.0), None)):
            start = datetime.combine(NOW.date() + (number // 2 + 1) * DAY, time(20, 30 * (number % 2)), LONDON)
            place = Placement((f"2-{number + 1}", "4-1"), start, start + timedelta(hours=2))
            draft = Draft(f"key {number}", "trattoria", "tables", "call", 6, None, name, "07700900123", "+447700900123")
            made = store.write(lambda found, d=draft, s=start, p=place: ledger.add(found, d, s.date(), p, NOW))
            commit = (draft.key, "booking.book", "booked", made.id, "call", NOW)
            store.write(lambda found, c=commit: ledger.commit(found, *c))
        last = store.read(ledger.bookings_of)[-1]
        store.write(lambda found: ledger.cancel(found, last, "call", NOW))
        store.mark_heard("key 0")
    return str(path)


def ask(command: Any, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == code, result.output
    return result


def test_bookings_are_listed_for_people(database: str) -> None:
    lines = ask(bookings, "--db", database).stdout.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["reference", "day", "time", "what", "name", "phone", "where", "status"]
    assert lines[1].split()[1:] == [
        "2026-07-04",
        "20:00",
        "6",
        "guests",
        "=Maria",
        "Rossi",
        "07700900123",
        "2-1+4-1",
        "booked",
    ]
    assert lines[2].endswith("not heard")


def test_bookings_are_listed_for_programs(database: str) -> None:
    listed = json.loads(ask(bookings, "--db", database, "--json", "--all").stdout)
    assert [one["status"] for one in listed] == ["booked", "booked", "cancelled"]
    assert (listed[0]["name"], listed[0]["party_size"], listed[0]["time"]) == ("=Maria Rossi", 6, "20:00")
    assert (listed[1]["name"], listed[1]["recordings"]) == (None, ["call/name.wav"])
    assert listed[0]["start"] == "2026-07-04T20:00:00+01:00"


def test_one_day(database: str) -> None:
    listed = json.loads(ask(bookings, "--db", database, "--json", "--all", "--day", "2026-07-05").stdout)
    assert [one["day"] for one in listed] == ["2026-07-05"]


def test_a_calendar_program_reads_the_export(database: str, tmp_path: Path) -> None:
    ask(bookings, "--db", database, "--all", "--export", str(tmp_path / "week.ics"))
    events = Calendar.from_ical((tmp_path / "week.ics").read_bytes()).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == [
        "=Maria Rossi, 6 guests",
        "name recorded, 6 guests",
        "no name, 6 guests",
    ]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[0]["dtstart"].dt.isoformat() == "2026-07-04T19:00:00+00:00"
    assert len({str(event["uid"]) for event in events}) == 3


def test_a_spreadsheet_reads_the_export_and_runs_nothing(database: str, tmp_path: Path) -> None:
    ask(bookings, "--db", database, "--export", str(tmp_path / "week.csv"))
    rows = list(csv.DictReader((tmp_path / "week.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == ["'=Maria Rossi", ""]
    assert [row["units"] for row in rows] == ["2-1 4-1", "2-2 4-1"]


def test_an_export_needs_an_ending_that_is_known(database: str) -> None:
    assert ".ics or .csv" in ask(bookings, "--db", database, "--export", "week.xls", code=2).output


def test_calls_are_listed(database: str) -> None:
    lines = ask(calls, "--db", database).stdout.splitlines()
    assert lines[1].split() == ["20260703-193000-abcd", "2026-07-03", "19:30", "0:19", "clinic", "••••••••123", "done"]
    listed = json.loads(ask(calls, "--db", database, "--json").stdout)
    assert [(one["id"], one["outcome"]) for one in listed] == [("20260703-193000-abcd", "done")]


def test_one_call_is_a_conversation(database: str) -> None:
    told = ask(calls, "20260703-193000-abcd", "--db", database).stdout
    assert "19:30:02  caller  friday please, this is •••••••••••  [day = 2026-07-10, name = •••]" in told
    assert told.endswith("recording:        20260703-193000-abcd/call.wav\n")


def test_one_call_for_programs(database: str) -> None:
    call = json.loads(ask(calls, "20260703-193000-abcd", "--db", database, "--json").stdout)
    assert call["conversation"][2]["understood"] == "day = 2026-07-10, name = •••"
    assert call["entries"][0]["body"]["$"] == "CallStarted"


def test_an_unknown_call_is_a_fault_in_what_was_given(database: str) -> None:
    assert "there is no call nobody" in ask(calls, "nobody", "--db", database, code=1).stderr


@pytest.mark.parametrize("command", [bookings, calls])
def test_no_database_is_said_and_none_is_made(command: Any, tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--db", str(tmp_path / "none.db")])
    assert isinstance(result.exception, StoreError)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("command", [bookings, calls])
def test_an_empty_database_is_no_fault(command: Any, tmp_path: Path) -> None:
    open_store(tmp_path / "a.db").close()
    assert ask(command, "--db", str(tmp_path / "a.db")).stdout == ""
    assert json.loads(ask(command, "--db", str(tmp_path / "a.db"), "--json").stdout) == []
