"""The log of a call: nothing lost, nothing sensitive kept, and the events come back for a replay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from watch_flow import BEGAN, BORN, CALL, FLOW, FRIDAY, LONDON, NAME, PLAIN_CALL, SECOND, SECRETS

from engine.actions.store import Store, open_store
from engine.acts import Fill, PersonName
from engine.effects import Effect
from engine.events import Event, Heard, ToolReturned
from engine.watch.account import account
from engine.watch.calllog import CallLog, read_events


def keep(store: Store, call: Sequence[tuple[Event, tuple[Effect, ...]]], call_id: str = "call") -> None:
    log = CallLog(store, call_id, flow=FLOW, line="SIP/1", caller="07700900123", now=BEGAN)
    for seconds, (event, effects) in enumerate(call):
        log.event(event, BEGAN + seconds * SECOND)
        log.timing("understand", 1.5)
        log.effects(effects, BEGAN + seconds * SECOND)
    log.end("done", BEGAN + len(call) * SECOND, f"{call_id}/call.wav")


def test_events_come_back_with_their_moments_and_zone(store: Store) -> None:
    keep(store, PLAIN_CALL)
    found = read_events(store, "call")
    assert [event for _, event in found] == [event for event, _ in PLAIN_CALL]
    assert [at for at, _ in found] == [BEGAN + seconds * SECOND for seconds in range(len(PLAIN_CALL))]
    assert all(at.tzinfo == LONDON for at, _ in found)


def test_every_event_and_effect_and_timing_is_kept_in_order(store: Store) -> None:
    keep(store, CALL)
    entries = store.archive.entries("call")
    kinds = [kind for event, effects in CALL for kind in ("event", "timing", *("effect" for _ in effects))]
    assert [entry.kind for entry in entries] == kinds
    assert [entry.seq for entry in entries] == list(range(1, len(kinds) + 1))
    assert entries[1].body == {"name": "understand", "ms": 1.5}


def test_nothing_sensitive_reaches_the_database(store: Store) -> None:
    keep(store, CALL)
    call = store.archive.call("call")
    assert call is not None
    assert call.caller == "••••••••123"
    kept = json.dumps([dict(entry.body) for entry in store.archive.entries("call")], ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in kept] == []


def test_masked_values_keep_their_kind_so_that_a_replay_goes_on(store: Store) -> None:
    keep(store, CALL)
    found = [event for _, event in read_events(store, "call")]
    heard = [event for event in found if isinstance(event, Heard)]
    assert heard[0].words == "friday please, this is •••••••••••"
    assert heard[1].words == "•••"
    fills = {act.slot: act.candidates[0] for event in heard[:-1] for act in event.acts if isinstance(act, Fill)}
    assert fills["day"] == FRIDAY
    assert isinstance(fills["name"], PersonName)
    assert fills["name"] != NAME
    assert type(fills["born"]) is type(BORN)
    assert fills["born"] != BORN
    returned = next(event for event in found if isinstance(event, ToolReturned))
    assert returned.values == {"reference": "481203", "booked_phone": "00000000000"}


def test_a_call_reads_as_a_conversation(store: Store) -> None:
    keep(store, CALL)
    told = [f"{line.who}: {line.text} [{line.understood}]" for line in account(store.archive.entries("call"), "en-GB")]
    assert told == Path(__file__).with_name("account.txt").read_text().splitlines()


def test_calls_are_listed_newest_first_with_how_they_ended(store: Store) -> None:
    keep(store, PLAIN_CALL, "one")
    CallLog(store, "two", flow=FLOW, now=BEGAN + 60 * SECOND)
    newest, oldest = store.archive.calls()
    assert (newest.id, newest.outcome, newest.ended) == ("two", None, None)
    assert (oldest.id, oldest.outcome, oldest.recording) == ("one", "done", "one/call.wav")
    assert oldest.ended == BEGAN + len(PLAIN_CALL) * SECOND
    assert [call.id for call in store.archive.calls(limit=1)] == ["two"]


def test_closing_the_store_writes_what_is_left(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db") as store:
        for number in range(20):
            keep(store, CALL, f"call {number}")
    with open_store(tmp_path / "a.db") as store:
        assert len(store.archive.calls()) == 20
        assert all(len(read_events(store, f"call {number}")) == len(CALL) for number in range(20))


def test_an_entry_that_cannot_be_written_spoils_no_other(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.archive.keep_entry("no such call", 1, BEGAN, "event", {})
    keep(store, PLAIN_CALL)
    assert len(read_events(store, "call")) == len(PLAIN_CALL)
    assert "could not be written" in caplog.text


def test_a_call_that_never_was_has_no_events(store: Store) -> None:
    assert read_events(store, "never") == []
    assert store.archive.call("never") is None
