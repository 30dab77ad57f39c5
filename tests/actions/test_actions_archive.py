"""The log of calls: found by what an operator knows of them, there while the call goes on, and never in its way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from actions_flow import EIGHT, FRIDAY, NOW, call, restaurant
from hypothesis import given
from hypothesis import strategies as st

from engine.actions import archive as room
from engine.actions.archive import Archive
from engine.actions.failures import StoreError
from engine.actions.history import Search, words_of
from engine.actions.registry import Toolbox
from engine.actions.store import Store, open_store
from engine.acts import PersonName

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "search_cases.yaml").read_text())


def began(store: Store, call_id: str, at: datetime = NOW, **others: object) -> None:
    row = {"flow": "trattoria", "version": "0" * 64, "language": "en-GB", "timezone": "Europe/London", "started": at}
    store.archive.keep_call({"id": call_id, "caller": None, "called": None, "line": None, **row, **others})


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(NOW.tzinfo)


@pytest.fixture
def filled(store: Store) -> Store:
    """The calls of the case file."""
    for call_id, told in CASES["calls"].items():
        began(store, call_id, moment(told["at"]), **{name: told[name] for name in ("flow", "caller") if name in told})
        for words in told.get("says", ()):
            store.archive.keep_words(call_id, words)
        if "outcome" in told:
            store.archive.keep_end(call_id, told["outcome"], moment(told["at"]) + timedelta(minutes=2))
    toolbox = Toolbox(restaurant(), store)
    wish = call("book", call_id="booker", day=FRIDAY, time=EIGHT, party_size=2, phone="07700900555")
    made = asyncio.run(toolbox.run(wish))
    store.write(lambda found: found.execute(sa.text("UPDATE bookings SET reference = '481203'")))
    assert made.name == "booked"
    assert store.archive.flush()
    return store


@pytest.mark.parametrize("case", CASES["searches"], ids=lambda case: ", ".join(map(str, case["for"].values())) or "all")
def test_calls_are_found(case: dict[str, Any], filled: Store) -> None:
    told = {name: moment(one) if name in ("since", "until") else one for name, one in case["for"].items()}
    assert [found.id for found in filled.archive.search(Search(**told))] == case["finds"]
    assert filled.archive.count(Search(**told)) == len(case["finds"])


def test_pages_of_calls_follow_each_other(filled: Store) -> None:
    whole = [found.id for found in filled.archive.search(Search())]
    assert [filled.archive.search(Search(), 1, page)[0].id for page in range(len(whole))] == whole


@given(st.text(max_size=60))
def test_the_words_of_a_text_are_the_words_of_its_words(text: str) -> None:
    found = words_of(text)
    assert words_of(" ".join(found)) == found


def test_what_was_said_in_old_calls_is_no_longer_found(filled: Store) -> None:
    filled.purge(NOW + timedelta(days=40))
    assert filled.archive.search(Search(text="parking")) == []
    assert filled.archive.count(Search()) == len(CASES["calls"])


def test_a_call_that_goes_on_is_read_from_where_one_was(store: Store, database: str) -> None:
    """By another process too: what is not in the database yet is not waited for."""
    began(store, "live")
    with open_store(database, create=False) as other:
        seen = 0
        for seq in range(1, 4):
            store.archive.keep_entry("live", seq, NOW, "event", {"number": seq})
            assert store.archive.flush()
            news = other.archive.entries("live", after=seen)
            assert [entry.body["number"] for entry in news] == [seq]
            seen = news[-1].seq


class Stubborn:
    """A database that takes nothing until it is told to."""

    def __init__(self) -> None:
        self.takes = threading.Event()
        self.tried = threading.Event()
        self.written: list[object] = []

    def read(self, work: Callable[[sa.Connection], Any]) -> Any:
        raise AssertionError

    def write(self, work: Callable[[sa.Connection], Any], seconds: float = 5.0, *, alone: bool = True) -> None:
        if not self.takes.is_set():
            self.tried.set()
            raise StoreError("the disk is full")
        self.written.append(work)


def test_a_call_goes_on_while_the_disk_is_full_and_its_log_is_written_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(room, "_AGAIN", 0.01)
    monkeypatch.setattr(room, "MOST", 50)
    database = Stubborn()
    log = Archive(database)
    log.keep_entry("a", 0, NOW, "event", {})
    assert database.tried.wait(10)
    for seq in range(1, 60):
        log.keep_entry("a", seq, NOW, "event", {})
    log.keep_end("a", "done", NOW)  # is never dropped
    assert log.lost == 9
    assert "new ones are lost" in caplog.text
    database.takes.set()
    assert log.flush()
    assert len(database.written) == 2  # the first entry, then all that waited
    log.close()


def test_a_store_closes_in_time_when_its_database_stays_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(room, "_LAST_TRIES", 0.05)
    log = Archive(Stubborn())
    log.keep_entry("a", 0, NOW, "event", {})
    log.close()
    assert log.lost == 1
    assert "could not be written" in caplog.text


def test_a_full_disk_fails_a_booking_and_what_was_booked_stays(tmp_path: Path) -> None:
    """SQLite itself says that it is full."""
    with open_store(tmp_path / "a.db") as store:
        toolbox = Toolbox(restaurant(units=[{"seats": 2, "count": 500}], join=1), store)

        @sa.event.listens_for(store._engine, "begin")
        def shrink(connection: sa.Connection) -> None:
            used = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {used}")

        outcomes = []
        for number in range(200):
            name = PersonName("Ann", "Lee" + "x" * 2000)
            wish = call("book", f"k{number}", day=FRIDAY, time=EIGHT, party_size=2, name=name, phone=f"0770090{number}")
            outcomes.append(asyncio.run(toolbox.run(wish)).name)
        booked = outcomes.count("booked")
        assert set(outcomes) == {"booked", "failed"}
        assert store.read(lambda found: found.execute(sa.text("SELECT count(*) FROM bookings")).scalar()) == booked
