"""`frontdesk dial` and `frontdesk campaign` on the command line: what they refuse, and what they would do."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from agi.outbound.campaign import read_campaign
from agi.outbound.door import callees_of
from engine.actions.booking import Placement
from engine.actions.ledger import Draft, add, cancel, with_id
from engine.actions.outbound import OutboundCall, begin, calls_of, end
from engine.actions.store import Store, open_store
from engine.acts import PersonName
from engine.cli.main import main
from engine.flow.loader import load_flow
from engine.shipped import find_flow

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "dialogues/outbound.yaml").read_text())["doors"]
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=LONDON)
CAMPAIGN = """campaign: reminders
flow: reminder
hours: {daily: [09:00-19:00]}
bookings: {flow: clinic, day: tomorrow}
calls: [{number: "+12125550123"}]
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_refused_is_told(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frontdesk.yaml").write_text(case.get("settings", "frontdesk: 1\n"))
    (tmp_path / "never.txt").write_text("# who asked us not to call\n+44 1632 960999  # since May\n")
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    with pytest.raises(SystemExit) as left:
        main(case["runs"])
    told = capsys.readouterr()
    assert left.value.code == case["exits"], told
    assert case["says"] in told.err + told.out


def booked(store: Store, name: str, phone: str, at: datetime) -> int:
    place = Placement(("brandt",), at, at + timedelta(minutes=15), "brandt")
    draft = Draft(
        key=f"{name} {at}", flow="clinic", resource="appointments", call_id="c1", service="blood_test",
        name=PersonName(name, "Rossi"), phone=phone, phone_key=phone,
    )  # fmt: skip
    return store.write(lambda connection: add(connection, draft, at.date(), place, NOW)).id


def test_a_campaign_calls_those_with_a_booking_of_the_day(tmp_path: Path) -> None:
    """As they are now: one is cancelled, one is on another day, one has an extension of the house."""
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    campaign, flow = read_campaign(tmp_path / "campaign.yaml"), load_flow(find_flow("reminder"))
    tomorrow = NOW.replace(hour=9) + timedelta(days=1)
    with open_store(tmp_path / "calls.db") as store:
        booked(store, "Maria", "+441632960101", tomorrow)
        booked(store, "House", "104", tomorrow + timedelta(hours=1))
        booked(store, "Later", "+441632960103", tomorrow + timedelta(days=1))
        gone = booked(store, "Gone", "+441632960104", tomorrow + timedelta(hours=2))
        store.write(lambda connection: cancel(connection, with_id(connection, gone), "c2", NOW))
        found = callees_of(campaign, flow, store, NOW)
    assert [(callee.number, callee.zones) for callee in found] == [
        ("+12125550123", ("America/New_York",)), ("+441632960101", ("Europe/London",)), ("104", ("Europe/London",)),
    ]  # fmt: skip
    about = dict(found[1].about)
    assert about.pop("reference").isdigit()
    assert about == {
        "patient": "Maria Rossi", "booked_day": "2026-10-02", "booked_time": "09:00", "booked_service": "a blood test",
        "booked_with": "Nurse Brandt",
    }  # fmt: skip
    assert found[1].until == tomorrow


def test_the_plan_says_who_is_still_to_be_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    numbers = ["+441632960101", "+441632960102", "+441632960103"]
    (tmp_path / "c.yaml").write_text(json.dumps({
        "campaign": "x", "flow": "reminder", "hours": {"daily": ["00:00-23:59"]}, "do_not_call": [numbers[2]],
        "calls": [{"number": number} for number in numbers],
    }))  # fmt: skip
    with open_store(tmp_path / "frontdesk.db") as store:
        done = OutboundCall("x", numbers[0], numbers[0], 1, NOW, "talked", "kept", "c1")
        assert store.write(lambda connection: begin(connection, done))
        assert not store.write(lambda connection: begin(connection, done)), "another process has begun it"
        store.write(lambda connection: end(connection, done))
        assert list(store.read(lambda connection: calls_of(connection, "x"))) == [done]
    with pytest.raises(SystemExit) as left:
        main(["campaign", "c.yaml", "--plan", "--json"])
    rows = {row["number"]: (row["next"] is not None, row["last"]) for row in json.loads(capsys.readouterr().out)}
    assert left.value.code in (0, None)
    assert rows == {numbers[0]: (False, "talked"), numbers[1]: (True, None), numbers[2]: (False, "never called")}


def test_a_plan_without_anybody_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(json.dumps({
        "campaign": "x", "flow": "reminder", "hours": {"daily": ["00:00-23:59"]},
        "bookings": {"flow": "clinic", "day": "tomorrow"},
    }))  # fmt: skip
    with pytest.raises(SystemExit) as left:
        main(["campaign", "c.yaml", "--plan"])
    assert (left.value.code or 0, capsys.readouterr().out) == (0, "x: nobody is to be called\n")
