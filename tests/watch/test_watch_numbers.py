"""What a call adds to the numbers of its hour: the same as /metrics, once, and nothing that a caller said."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from watch_flow import BEGAN, CALL, FLOW, SECOND

from engine.actions.counting import hourly, sums, unheard
from engine.actions.store import Store
from engine.effects import Expecting, Listen, Note, Prompt, Say, Transfer
from engine.events import CallStarted, Event, Heard, Silence, Transferred
from engine.watch.calllog import CallLog
from engine.watch.encoding import MASK
from engine.watch.metrics import Metrics
from engine.watch.numbers import STEP, Numbers, bucket, upper

NAMES = (
    "calls", "call_seconds", "stage_seconds", "turns", "nomatch", "interrupted", "tools", "bookings", "transfers",
    "calls_completed", "calls_contained", "misses",
)  # fmt: skip
HOUR = timedelta(hours=1)
DAY = Listen(1, Expecting("booking", "slot", "day"))
TIME = Listen(1, Expecting("booking", "slot", "time"))


def kept(store: Store, call_id: str = "a", *timings: float) -> None:
    log = CallLog(store, call_id, flow=FLOW, now=BEGAN)
    for seconds, (event, effects) in enumerate(CALL):
        log.event(event, BEGAN + seconds * SECOND)
        log.effects(effects, BEGAN + seconds * SECOND)
    for one in timings or (250.0,):
        log.timing("answer", one)
    log.end("done", BEGAN + len(CALL) * SECOND)
    store.archive.flush()


def test_the_counters_are_those_of_metrics(store: Store) -> None:
    kept(store)
    metrics = Metrics()
    call = metrics.observe(FLOW, BEGAN)
    for seconds, (event, effects) in enumerate(CALL):
        call.event(event, BEGAN + seconds * SECOND)
        call.effects(effects, BEGAN + seconds * SECOND)
    call.timing("answer", 250.0)
    call.end("done", BEGAN + len(CALL) * SECOND)
    shown: dict[str, float] = {}
    for name, value in re.findall(
        r"^frontdesk_(\w+?)(?:_total|_sum|_count)?(?:\{.*\})? ([0-9.]+)$", metrics.render().decode(), re.M
    ):
        shown[name] = shown.get(name, 0) + float(value)
    ours: dict[str, float] = {}
    for one in store.read(lambda connection: sums(connection, BEGAN - HOUR, BEGAN + HOUR, names=NAMES)):
        ours[one.name] = ours.get(one.name, 0) + one.value
    for name in (
        "calls",
        "turns",
        "nomatch",
        "interrupted",
        "tools",
        "bookings",
        "transfers",
        "calls_completed",
        "calls_contained",
        "misses",
    ):
        assert ours.get(name, 0) == shown.get(name, 0), name
    assert ours["call_seconds"] == len(CALL)
    assert ours["stage_seconds"] == 1


def test_a_call_is_counted_once_however_often_it_is_written(store: Store) -> None:
    kept(store)
    log = store.archive
    for _ in range(2):
        log.keep_numbers("a", FLOW.name, BEGAN, Numbers(FLOW, BEGAN).end("done", BEGAN), ())
    log.flush()
    found = store.read(lambda connection: sums(connection, BEGAN - HOUR, BEGAN + HOUR, names=NAMES))
    assert [one.value for one in found if one.name == "calls"] == [1]


def test_calls_of_an_hour_are_added_up_and_hours_are_told_apart(store: Store) -> None:
    for call_id in "abc":
        kept(store, call_id)
    around = BEGAN - HOUR, BEGAN + HOUR
    found = store.read(lambda connection: sums(connection, *around, names=NAMES))
    assert [one.value for one in found if one.name == "calls"] == [3]
    each = store.read(lambda connection: hourly(connection, *around, name="stage_seconds", first="answer"))
    hour = BEGAN.replace(minute=0, second=0, microsecond=0)
    assert [(one.hour, one.labels[0], one.value) for one in each] == [(hour, "answer", 3)]
    assert store.read(lambda connection: hourly(connection, *around, name="stage_seconds", first="ans")) == []
    assert store.read(lambda connection: sums(connection, BEGAN + 2 * HOUR, BEGAN + 3 * HOUR, names=NAMES)) == []
    assert store.read(lambda connection: sums(connection, BEGAN - HOUR, BEGAN + HOUR, "other", names=NAMES)) == []


def numbers(*happened: Event | Listen | Say | Note | Transfer) -> Numbers:
    counted = Numbers(FLOW, BEGAN)
    for one in happened:
        if isinstance(one, Listen | Say | Note | Transfer):
            counted.effects((one,), BEGAN)
        else:
            counted.event(one, BEGAN)
    return counted


def misses(counted: Numbers) -> list[tuple[str, ...]]:
    return [one.labels for one in counted.end("done", BEGAN) if one.name == "misses"]


def test_rungs_are_counted_in_a_row_at_one_question() -> None:
    deaf, other = Heard(1, "the whatsit"), Silence(1)
    counted = numbers(CallStarted(), DAY, deaf, DAY, deaf, DAY, other, TIME, deaf)
    assert misses(counted) == [
        ("booking", "day", "nomatch", "1"),
        ("booking", "day", "nomatch", "2"),
        ("booking", "day", "noinput", "1"),
        ("booking", "time", "nomatch", "1"),
    ]
    assert [(one.slot, one.rung, one.words) for one in counted.misses] == [
        ("day", 1, "the whatsit"), ("day", 2, "the whatsit"), ("time", 1, "the whatsit"),
    ]  # fmt: skip


def test_refusals_and_questions_given_up_are_counted() -> None:
    counted = numbers(DAY, Say(1, (Prompt("day.reject.closed", "We are closed."),)), Note("gave_up", "nomatch at x"))
    assert misses(counted) == [("booking", "day", "refused", "1"), ("booking", "day", "gave_up", "1")]


@pytest.mark.parametrize("words", [MASK, "my number is •••• ", ""])
def test_masked_words_are_not_kept(words: str) -> None:
    assert numbers(DAY, Heard(1, words)).misses == []


@pytest.mark.parametrize(("outcome", "contained"), [("connected", False), ("busy", True), ("no_answer", True)])
def test_a_call_that_no_person_took_was_contained(outcome: str, contained: bool) -> None:
    counted = numbers(CallStarted(), Transfer(1, "desk", {}, "", "asked"), Transferred(1, outcome))
    found = counted.end("done", BEGAN)
    assert any(one.name == "calls_contained" for one in found) == contained
    assert [one.labels for one in found if one.name == "transfers"] == [(outcome, "asked")]


@pytest.mark.parametrize("ms", [0.0, 0.4, 1.0, 12.0, 249.0, 250.0, 4000.0, 60000.0])
def test_a_bucket_holds_its_times(ms: float) -> None:
    assert upper(bucket(ms)) / STEP * 0.999 <= max(ms, 0.01) <= upper(bucket(ms)) * 1.001


def test_words_that_were_not_understood_go_with_the_call(store: Store) -> None:
    log = CallLog(store, "a", flow=FLOW, now=BEGAN)
    log.event(CallStarted(), BEGAN)
    log.effects((DAY,), BEGAN)
    log.event(Heard(1, "the whatsit"), BEGAN)
    log.end("done", BEGAN)
    store.archive.flush()
    before = BEGAN - HOUR, BEGAN + HOUR
    assert [one.words for one in store.read(lambda connection: unheard(connection, *before))] == ["the whatsit"]
    store.purge(BEGAN + timedelta(days=31))
    assert store.read(lambda connection: unheard(connection, *before)) == []
    assert store.read(lambda connection: sums(connection, *before, names=NAMES)) != []
