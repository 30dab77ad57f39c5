"""Orders for calls that go on: given once, taken once, void when nobody took them in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.actions import orders
from engine.actions.store import Store

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def begin(store: Store, call_id: str) -> None:
    about = {"flow": "trattoria", "version": "1", "language": "en-GB", "timezone": "Europe/London"}
    store.archive.keep_call({"id": call_id, **about, "caller": None, "called": None, "line": None, "started": NOW})
    store.archive.flush()


def test_an_order_is_taken_once_by_the_process_that_holds_the_call(store: Store) -> None:
    begin(store, "a")
    begin(store, "b")
    assert orders.give(store, "a", "person", "maria", NOW)
    assert orders.give(store, "b", "end", "maria", NOW)
    taken = orders.take(store, ["a"], NOW + SECOND)
    assert [(order.call_id, order.what, order.by) for order in taken] == [("a", "person", "maria")]
    assert orders.take(store, ["a"], NOW + SECOND) == []
    assert [order.call_id for order in orders.take(store, ["a", "b"], NOW + SECOND)] == ["b"]


def test_the_same_order_twice_is_one(store: Store) -> None:
    begin(store, "a")
    assert [orders.give(store, "a", "person", "maria", NOW) for _ in range(2)] == [True, True]
    assert len(orders.take(store, ["a"], NOW)) == 1


def test_a_call_that_is_over_or_unknown_takes_none(store: Store) -> None:
    begin(store, "a")
    store.archive.keep_end("a", "goodbye", NOW)
    store.archive.flush()
    assert not orders.give(store, "a", "end", "maria", NOW)
    assert not orders.give(store, "b", "end", "maria", NOW)


def test_what_nobody_took_in_time_is_void(store: Store) -> None:
    begin(store, "a")
    orders.give(store, "a", "end", "maria", NOW)
    assert orders.take(store, ["a"], NOW + orders.STALE + SECOND) == []


def test_without_calls_the_database_is_left_alone(store: Store) -> None:
    assert orders.take(store, [], NOW) == []
