"""Today: bookings by hand follow the rules of callers; calls are followed, given away and ended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.actions import orders
from engine.actions.ledger import bookings_of
from engine.actions.store import Store
from engine.console import audit
from engine.console.accounts import Role
from engine.console.followings import QUIET
from engine.console.parts import ConsoleParts
from tests.console.browser import Browser, Clock
from tests.console.talking import BOOKING, Talk

FRIDAY = "2026-11-06"
TABLE = {
    "place": "trattoria.tables", "day": FRIDAY, "time": "19:30", "party_size": "4", "first_name": "Maria",
    "last_name": "Rossi", "phone": "01632 960123", "key": "one",
}  # fmt: skip
VISIT = {
    "place": "clinic.appointments", "day": FRIDAY, "time": "09:00", "service": "consultation",
    "practitioner": "okafor", "last_name": "Baker", "phone": "01632 960124", "key": "two",
}  # fmt: skip


def booked(store: Store) -> list[tuple[str, str, str]]:
    found = store.read(bookings_of)
    return [(one.status, f"{one.starts:%Y-%m-%d %H:%M}", str(one.name)) for one in found]


def test_a_booking_is_made_moved_and_cancelled(operator: Browser, store: Store) -> None:
    made = operator.send_form("/today/bookings", TABLE)
    assert (made.status_code, made.headers["location"]) == (303, f"/today?day={FRIDAY}")
    assert "Maria Rossi" in operator.get(f"/today?day={FRIDAY}").text
    wish = {"day": FRIDAY, "time": "21:00", "party_size": "2", "key": "b"}
    moved = operator.send_form("/today/bookings/1/move", wish)
    assert moved.status_code == 303
    assert booked(store) == [("booked", f"{FRIDAY} 21:00", "Maria Rossi")]
    assert operator.send_form("/today/bookings/1/cancel", {"key": "c"}).status_code == 303
    assert booked(store) == [("cancelled", f"{FRIDAY} 21:00", "Maria Rossi")]
    history = operator.get("/today/bookings/1").text
    assert re.findall(r'<th scope="row">(\w+)</th>', history) == ["booked", "moved", "cancelled"]
    assert {deed.what for deed in audit.deeds(store)} == {"booking.add", "booking.move", "booking.cancel"}
    assert {deed.user for deed in audit.deeds(store)} == {"operator"}


def test_a_form_that_is_sent_twice_books_once(operator: Browser, store: Store) -> None:
    for _ in range(2):
        assert operator.send_form("/today/bookings", TABLE).status_code == 303
    assert len(booked(store)) == 1


def test_what_was_booked_by_hand_counts_as_heard(operator: Browser, store: Store) -> None:
    operator.send_form("/today/bookings", TABLE)
    assert [one.heard_by_caller for one in store.read(bookings_of)] == [True]


def test_a_practitioner_sees_one_person_at_a_time(operator: Browser, store: Store) -> None:
    assert operator.send_form("/today/bookings", VISIT).status_code == 303
    other = {**VISIT, "last_name": "Chan", "phone": "01632 960125", "key": "three"}
    taken = operator.send_form("/today/bookings", other)
    assert taken.status_code == 422
    assert "That time is not free." in taken.text
    near = re.findall(r'data-value="(\d\d:\d\d)"', taken.text)
    assert near
    assert operator.send_form("/today/bookings", {**other, "time": near[0], "key": "four"}).status_code == 303
    assert len(booked(store)) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"day": "2026-11-01"}, "That time is not free."),
        ({"time": "03:00"}, "That time is not free."),
        ({"party_size": "500"}, "That time is not free."),
        ({"party_size": "0"}, "Give the number of guests."),
        ({"party_size": "many"}, "Give the number of guests."),
        ({"day": "tomorrow"}, "Give the day, such as 2026-12-31."),
        ({"time": "late"}, "Give the time, such as 19:30."),
        ({"first_name": "", "last_name": ""}, "The name is missing."),
    ],
)
def test_what_a_caller_could_not_book_is_not_booked_by_hand(
    change: dict[str, str], told: str, operator: Browser, store: Store
) -> None:
    refused = operator.send_form("/today/bookings", {**TABLE, **change})
    assert refused.status_code == 422
    assert told in refused.text
    assert booked(store) == []


@pytest.mark.parametrize("change", [{"service": "surgery"}, {"practitioner": "nobody"}, {"service": ""}])
def test_what_is_not_offered_is_refused(change: dict[str, str], operator: Browser, store: Store) -> None:
    assert operator.send_form("/today/bookings", {**VISIT, **change}).status_code == 422
    assert booked(store) == []


def test_the_same_caller_at_the_same_time_is_told_of(operator: Browser) -> None:
    operator.send_form("/today/bookings", TABLE)
    again = operator.send_form("/today/bookings", {**TABLE, "key": "other"})
    assert again.status_code == 422
    assert "They have a booking at that time already." in again.text


def test_bookings_are_exported(operator: Browser) -> None:
    operator.send_form("/today/bookings", TABLE)
    table = operator.get(f"/today/export/bookings.csv?day={FRIDAY}&view=week")
    assert "Maria Rossi" in table.text
    assert table.headers["content-disposition"] == 'attachment; filename="bookings-2026-11-02.csv"'
    calendar = operator.get(f"/today/export/bookings.ics?day={FRIDAY}")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Maria Rossi\\, 4 guests" in calendar.text
    assert "Maria Rossi" not in operator.get("/today/export/bookings.csv?day=2026-11-07").text


@pytest.mark.parametrize("day", ["2026-11-06", "2026-02-31", "x", "", "2026-12-25", "2024-02-29"])
@pytest.mark.parametrize("view", ["", "week", "year"])
def test_any_day_can_be_looked_at(day: str, view: str, operator: Browser) -> None:
    assert operator.get("/today", params={"day": day, "view": view}).status_code == 200


# calls


@pytest.fixture
def talk(store: Store, clock: Clock) -> Talk:
    begun = Talk(store, "call", clock.now).say_all(BOOKING[:2])
    store.archive.flush()
    clock.now = begun.now
    return begun


def test_a_call_is_followed_with_what_is_known(talk: Talk, operator: Browser, parts: ConsoleParts) -> None:
    assert "What name shall I put it under?" in operator.get("/today").text
    live = parts.calls.call("call")
    assert live is not None
    assert live.following.step == "booking"
    known = {one.label: one.value for one in live.following.known}
    assert known == {"the number of guests": "4", "the day": "Fri 6 Nov", "the time": "19:30"}
    page = operator.get("/today/calls/call").text
    assert "a table for four on friday at half past seven" in page
    assert 'data-step="booking"' in page


def test_what_is_sensitive_stays_masked(talk: Talk, store: Store, parts: ConsoleParts) -> None:
    talk.say_all(BOOKING[2:4])
    store.archive.flush()
    live = parts.calls.call("call")
    assert live is not None
    known = {one.label: one.value for one in live.following.known}
    assert known["the name"] == "Maria Rossi"
    assert "960123" not in json.dumps(known)


def test_a_call_that_is_over_is_no_longer_live(
    talk: Talk, store: Store, operator: Browser, parts: ConsoleParts
) -> None:
    assert [one.row.id for one in parts.calls.live(talk.now)] == ["call"]
    talk.say_all(BOOKING[2:])
    store.archive.flush()
    assert parts.calls.live(talk.now) == []
    assert "Give to a person" not in operator.get("/today/calls/call").text


def test_a_call_whose_process_died_is_not_live_for_ever(talk: Talk, parts: ConsoleParts) -> None:
    assert parts.calls.live(talk.now + QUIET + timedelta(seconds=1)) == []


def test_a_stream_tells_what_is_new_and_ends_with_the_call(talk: Talk, store: Store, operator: Browser) -> None:
    talk.say_all(BOOKING[2:])
    store.archive.flush()
    text = operator.get("/today/calls/call/live?from=2").text
    told = json.loads(re.findall(r"^data: (.*)$", text, re.M)[-1])
    assert told["over"]
    assert "Maria Rossi" in told["lines"]
    assert "May we record this call" not in told["lines"]
    again = operator.get("/today/calls/call/live", headers={"last-event-id": str(told["id"])})
    assert json.loads(re.findall(r"^data: (.*)$", again.text, re.M)[-1])["lines"].strip() == ""


@pytest.mark.parametrize("what", ["person", "end"])
def test_somebody_decides_over_a_call(what: str, talk: Talk, operator: Browser, store: Store, clock: Clock) -> None:
    answer = operator.send_form("/today/calls/call/order", {"what": what})
    assert answer.status_code == 303
    assert [(order.what, order.by) for order in orders.take(store, ["call"], clock.now)] == [(what, "operator")]
    assert [deed.what for deed in audit.deeds(store)] == [f"call.{what}"]


def test_an_order_that_is_none_or_too_late_is_not_given(talk: Talk, operator: Browser, store: Store) -> None:
    assert operator.send_form("/today/calls/call/order", {"what": "reboot"}).status_code == 422
    talk.say_all(BOOKING[2:])
    store.archive.flush()
    operator.send_form("/today/calls/call/order", {"what": "end"})
    assert audit.deeds(store) == []


def test_qa_looks_and_does_not_touch(talk: Talk, visit: Callable[[Role | None], Browser]) -> None:
    browser = visit("qa")
    for path in ("/today", "/today/calls/call"):
        text = browser.get(path).text
        assert "Add a booking" not in text
        assert "Give to a person" not in text
    assert browser.send_form("/today/calls/call/order", {"what": "end"}).status_code == 403
