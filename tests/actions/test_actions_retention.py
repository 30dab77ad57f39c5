"""What is forgotten after thirty days, and what stays."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from actions_flow import EIGHT, FRIDAY, NOW, call, restaurant

from engine.actions.ledger import bookings_of
from engine.actions.registry import Toolbox
from engine.actions.retention import Keep, Purged
from engine.actions.store import Store
from engine.acts import Recording
from engine.events import CallStarted
from engine.watch.encoding import decode, encode

ROW: dict[str, Any] = {
    "flow": "trattoria",
    "version": "0",
    "language": "en-GB",
    "timezone": "Europe/London",
    "caller": "07700900001",
    "called": "100",
    "line": "SIP/1",
}


def keep_call(store: Store, call_id: str, at: datetime) -> None:
    store.archive.keep_call({**ROW, "id": call_id, "started": at})
    store.archive.keep_entry(call_id, 1, at, "event", {"words": "private"})
    store.archive.keep_end(call_id, "done", at, f"{call_id}/call.wav")


def keep_file(store: Store, name: str, at: datetime) -> Path:
    assert store.recordings
    path = store.recordings / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"sound")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def test_words_and_sound_of_old_calls_are_deleted(store: Store) -> None:
    before, after = NOW - timedelta(days=31), NOW - timedelta(days=29)
    keep_call(store, "old", before)
    keep_call(store, "new", after)
    store.archive.flush()
    files = [keep_file(store, name, at) for name, at in (("old/call.wav", before), ("new/call.wav", after))]
    other = keep_file(store, "notes.txt", before)
    assert store.purge(NOW) == Purged(calls=1, bookings=0, files=1)
    assert [path.exists() for path in (*files, other)] == [False, True, True]
    assert (store.archive.entries("old"), len(store.archive.entries("new"))) == ([], 1)
    old, new = store.archive.call("old"), store.archive.call("new")
    assert old is not None
    assert new is not None
    assert (old.caller, old.line, old.recording, old.outcome) == (None, None, None, "done")
    assert (new.caller, new.recording) == ("07700900001", "new/call.wav")
    assert store.purge(NOW) == Purged()


def test_the_recorded_name_of_a_coming_booking_stays_until_it_is_over(store: Store) -> None:
    name = Recording("c/name.wav", 1.0)
    wish = call("book", day=FRIDAY, time=EIGHT, party_size=2, name=name, phone="07700900001")
    asyncio.run(Toolbox(restaurant(), store).run(wish))
    path = keep_file(store, "c/name.wav", NOW - timedelta(days=40))
    assert store.purge(NOW).files == 0
    assert path.exists()
    assert store.purge(NOW + timedelta(days=7)).files == 1
    assert not path.exists()


def test_bookings_stay_unless_the_owner_says_otherwise(store: Store) -> None:
    wish = call("book", day=FRIDAY, time=EIGHT, party_size=2, phone="07700900001")
    asyncio.run(Toolbox(restaurant(), store).run(wish))
    year = NOW + timedelta(days=370)
    assert store.purge(year).bookings == 0
    assert len(store.read(bookings_of)) == 1
    assert store.purge(year, Keep(bookings=365)).bookings == 1
    assert store.read(bookings_of) == []


def test_how_long_is_the_owners_choice(store: Store) -> None:
    keep_call(store, "yesterday", NOW - timedelta(days=1, hours=1))
    store.archive.flush()
    assert store.purge(NOW, Keep(2, 2, 2)).calls == 0
    assert store.purge(NOW, Keep(1, 1, 1)).calls == 1


@pytest.mark.parametrize(
    ("keep", "words", "number", "sound"),
    [
        (Keep(1, 9, 9), True, True, False),
        (Keep(9, 1, 9), False, True, True),
        (Keep(9, 9, 1), True, False, True),
        (Keep(9, 9, 9), True, True, True),
    ],
)
def test_each_kind_of_data_has_its_own_time(keep: Keep, words: bool, number: bool, sound: bool, store: Store) -> None:
    at = NOW - timedelta(days=2)
    store.archive.keep_call({**ROW, "id": "a", "started": at})
    store.archive.keep_entry("a", 1, at, "event", encode(CallStarted("07700900001", "100")))
    store.archive.keep_end("a", "done", at, "a/call.wav")
    store.archive.flush()
    path = keep_file(store, "a/call.wav", at)
    store.purge(NOW, keep)
    row, entries = store.archive.call("a"), store.archive.entries("a")
    assert row is not None
    assert (bool(entries), row.caller is not None, row.recording is not None) == (words, number, sound)
    assert path.exists() == sound
    if entries:
        assert (decode(entries[0].body).caller is not None) == number
