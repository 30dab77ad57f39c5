"""Calls counted by the variant that they took, from the log."""

from __future__ import annotations

from dataclasses import replace

from watch_flow import BEGAN, CALL, FLOW, SECOND

from engine.actions.store import Store
from engine.actions.tally import tally
from engine.events import CallStarted
from engine.watch.calllog import CallLog


def keep(store: Store, call_id: str, variant: str, outcome: str | None, seconds: int) -> None:
    log = CallLog(store, call_id, flow=replace(FLOW, variant=variant), now=BEGAN)
    log.event(CallStarted("+441632960123", variant=variant), BEGAN)
    log.effects(CALL[0][1], BEGAN)
    if outcome is not None:
        log.end(outcome, BEGAN + seconds * SECOND)


def test_calls_are_counted_by_variant(store: Store) -> None:
    keep(store, "a", "brisk", "goodbye", 30)
    keep(store, "b", "brisk", "hung_up", 10)
    keep(store, "c", "", "goodbye", 60)
    keep(store, "d", "brisk", None, 0)
    store.archive.flush()
    found = store.read(tally)
    assert [(one.flow, one.variant, one.calls, one.booked, one.seconds) for one in found] == [
        ("clinic", "", 1, 0, 60.0),
        ("clinic", "brisk", 2, 0, 40.0),
    ]
    assert found[1].outcomes == {"goodbye": 1, "hung_up": 1}


def test_the_log_says_which_variant_took_a_call(store: Store) -> None:
    keep(store, "a", "brisk", "goodbye", 30)
    assert store.archive.entries("a")[0].body["variant"] == "brisk"
