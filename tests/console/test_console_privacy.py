"""Privacy: what is kept is told; all of one caller is given or deleted, and nothing of anybody else."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from engine.actions import schema
from engine.actions.byhand import ByHand, Hand
from engine.actions.dossier import digits_of, dossier
from engine.actions.ledger import bookings_of
from engine.actions.store import Store
from engine.acts import PersonName
from engine.console import audit
from engine.console.accounts import Role
from tests.console.browser import Browser, Clock
from tests.console.history import add_sound, write_sound
from tests.console.talking import BOOKING, Talk, flow

MINE, THEIRS = "+441632960123", "+441632960456"


@pytest.fixture
def kept(store: Store, clock: Clock) -> Store:
    """Two callers of the trattoria, which masks numbers, each with a booking; one call is linked to its booking, one
    number stands plainly."""
    Talk(store, "mine", clock.now).say_all(["yes", *BOOKING[1:]])
    Talk(store, "other", clock.now, caller=THEIRS).say_all(BOOKING)
    Talk(store, "plain", clock.now).say_all(BOOKING[:2]).end("hung_up")
    Talk(store, "masked", clock.now).say_all(BOOKING[:2]).end("hung_up")
    store.archive.flush()
    book, friday = ByHand(flow("trattoria").flow, store), date(2026, 11, 6)
    for key, name, phone in (("one", "Rossi", "01632 960123"), ("two", "Chan", "01632 960456")):
        values = {"day": friday, "time": time(19, 30), "party_size": 2, "name": PersonName("Ann", name), "phone": phone}
        book.book(Hand("maria", key, clock.now), "tables", values)
    change(store, sa.update(schema.bookings).where(schema.bookings.c.id == 1).values(call_id="mine"))
    change(store, sa.update(schema.calls).where(schema.calls.c.id == "plain").values(caller=MINE))
    add_sound(store, "mine", 1)
    add_sound(store, "other", 1)
    assert store.recordings is not None
    write_sound(store.recordings / "mine" / "message.wav", 1)
    return store


def change(store: Store, statement: sa.Update | sa.Insert) -> None:
    store.write(lambda connection: connection.execute(statement))


def ids(store: Store) -> set[str]:
    return {call.id for call in store.archive.calls()}


def sound_files(store: Store) -> set[str]:
    assert store.recordings is not None
    return {str(path.relative_to(store.recordings)) for path in store.recordings.rglob("*.wav")}


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+44 1632 960123", "441632960123"), ("01632 960123", "1632960123"), ("(01632) 960-123", "1632960123"),
        ("12345", ""), ("", ""), ("%%%%%%%", ""), ("00 44 1632 960123", "441632960123"),
    ],
)  # fmt: skip
def test_a_number_is_its_digits(number: str, digits: str) -> None:
    assert digits_of(number) == digits


@pytest.mark.parametrize("number", ["+441632960123", "01632 960123", "01632-960 123"])
def test_a_caller_is_found_however_the_number_is_written(number: str, kept: Store, clock: Clock) -> None:
    found = kept.read(lambda connection: dossier(connection, number, clock.now))
    if number.startswith("+"):
        assert {call.id for call in found.calls} == {"plain", "mine"}
    assert {call.id for call in found.calls} >= {"plain", "mine"}
    assert {call.id for call in found.maybe} == {"masked"}
    assert [booking.id for booking in found.bookings] == [1]


def test_a_call_that_goes_on_is_left_alone(kept: Store, clock: Clock) -> None:
    Talk(kept, "live", clock.now)
    kept.archive.flush()
    change(kept, sa.update(schema.calls).where(schema.calls.c.id == "live").values(caller=MINE))
    now = kept.read(lambda connection: dossier(connection, MINE, clock.now))
    later = kept.read(lambda connection: dossier(connection, MINE, clock.now + timedelta(hours=7)))
    assert "live" not in {call.id for call in now.calls}
    assert "live" in {call.id for call in later.calls}


def test_what_is_kept_is_told_with_its_times(kept: Store, admin: Browser) -> None:
    page = admin.get("/privacy").text
    rows = re.findall(
        r'<th scope="row">([\w\', ]+)<small.*?<td>(\w+ ?\w*)<.*?<td class="number">([\d,]+ \w+)', page, re.S
    )
    told = {name: (long, count) for name, long, count in rows}
    assert told["Recordings"] == ("30 days", "2 calls")
    assert told["Transcripts"] == ("30 days", "4 calls")
    assert told["Bookings"] == ("for ever", "2 bookings")
    assert "the telephone number" in page or "the number" in page, "sensitive slots are named"
    assert re.match(r"recordings \d+.* kB, database \d+", admin.get("/privacy/size").text)


def test_all_of_a_caller_is_given(kept: Store, admin: Browser) -> None:
    answer = admin.send_form("/privacy/export", {"number": MINE, "call": ["masked"]})
    assert answer.headers["content-type"] == "application/zip"
    assert 'filename="caller-123-2026-11-02.zip"' in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert set(archive.namelist()) == {
        "README.txt", "caller.json", "calls/mine.txt", "calls/plain.txt", "calls/masked.txt",
        "recordings/mine/call.wav", "recordings/mine/message.wav",
    }  # fmt: skip
    data = json.loads(archive.read("caller.json"))
    assert {call["id"] for call in data["calls"]} == {"mine", "plain", "masked"}
    assert [booking["phone"] for booking in data["bookings"]] == ["01632 960123"]
    assert "a table for four on friday" in archive.read("calls/mine.txt").decode()
    assert "960456" not in archive.read("caller.json").decode()
    deed = audit.deeds(kept)[0]
    assert (deed.what, deed.about) == ("privacy.export", "…123")


def test_all_of_a_caller_is_deleted_and_nothing_else(kept: Store, admin: Browser) -> None:
    gone = admin.send_form("/privacy/forget", {"number": MINE, "again": "01632 960123"})
    assert gone.status_code == 422, "the same number in another writing is not the same text"
    gone = admin.send_form("/privacy/forget", {"number": MINE, "again": "+44 1632 960123"})
    assert (gone.status_code, gone.headers["location"]) == (303, "/privacy")
    assert ids(kept) == {"other", "masked"}
    assert [booking.phone for booking in kept.read(bookings_of)] == ["01632 960456"]
    assert sound_files(kept) == {"other/call.wav"}
    for table in (schema.call_events, schema.call_words, schema.misses):
        left = set(kept.read(lambda connection: connection.execute(sa.select(table.c.call_id)).scalars().all()))  # noqa: B023
        assert left <= {"other", "masked"}
    holds = kept.read(lambda connection: connection.execute(sa.select(schema.holds.c.booking_id)).scalars().all())
    assert set(holds) == {2}
    assert kept.read(lambda connection: dossier(connection, MINE, admin.parts.clock())).calls == ()
    deed = audit.deeds(kept)[0]
    assert (deed.what, deed.about, deed.details) == (
        "privacy.forget", "…123", {"calls": 2, "bookings": 1, "messages": 0, "recordings": 2},
    )  # fmt: skip
    assert "960123" not in json.dumps([deed.details for deed in audit.deeds(kept)])


def test_messages_and_calls_to_them_go_too(kept: Store, admin: Browser, clock: Clock) -> None:
    sent = {"body": {}, "created": clock.now, "tries": 1, "state": "delivered"}
    rows = [
        {**sent, "key": "a", "kind": "event", "call_id": "mine"},
        {**sent, "key": "b", "kind": "sms", "call_id": "x", "recipient": "+441632960123"},
        {**sent, "key": "c", "kind": "sms", "call_id": "other", "recipient": THEIRS},
    ]
    for row in rows:
        change(kept, sa.insert(schema.deliveries).values(row))
    for number in (MINE, THEIRS):
        row = {"campaign": "c", "key": number, "number": number, "number_of_try": 1, "at": clock.now}
        change(kept, sa.insert(schema.outbound_calls).values(row))
    page = admin.send_form("/privacy/caller", {"number": MINE}).text
    assert re.search(r"<dt>Messages</dt><dd>2</dd>.*<dt>Calls to them</dt><dd>1</dd>", page, re.S)
    admin.send_form("/privacy/forget", {"number": MINE, "again": MINE})
    keys = kept.read(lambda connection: connection.execute(sa.select(schema.deliveries.c.key)).scalars().all())
    assert keys == ["c"]
    numbers = kept.read(
        lambda connection: connection.execute(sa.select(schema.outbound_calls.c.number)).scalars().all()
    )
    assert numbers == [THEIRS]


def test_a_booking_to_come_is_told_before_it_is_deleted(kept: Store, admin: Browser) -> None:
    page = admin.send_form("/privacy/caller", {"number": MINE}).text
    assert "1 of the bookings is still to come" in page
    assert 'name="call" value="masked"' in page


def test_too_little_of_a_number_finds_nobody(kept: Store, admin: Browser) -> None:
    for path in ("/privacy/caller", "/privacy/export", "/privacy/forget"):
        for number in ("", "123", "<script>", "%", "……"):
            answer = admin.send_form(path, {"number": number, "again": number})
            assert answer.status_code == 422, (path, number)
            assert "at least six digits" in answer.text
    assert len(ids(kept)) == 4


def test_an_unknown_number_has_nothing(kept: Store, admin: Browser) -> None:
    assert "Nothing is kept of this number" in admin.send_form("/privacy/caller", {"number": "+441632960999"}).text


@pytest.mark.parametrize("ref", ["../frontdesk.db", "/etc/hostname", "other/../../frontdesk.yaml"])
def test_a_recording_elsewhere_is_neither_given_nor_deleted(ref: str, kept: Store, admin: Browser) -> None:
    change(kept, sa.update(schema.calls).where(schema.calls.c.id == "plain").values(recording=ref))
    archive = zipfile.ZipFile(io.BytesIO(admin.send_form("/privacy/export", {"number": MINE}).content))
    assert {name for name in archive.namelist() if name.startswith("rec")} == {
        "recordings/mine/call.wav", "recordings/mine/message.wav",
    }  # fmt: skip
    admin.send_form("/privacy/forget", {"number": MINE, "again": MINE})
    assert kept.recordings is not None
    assert (kept.recordings.parent / "frontdesk.db").is_file()
    assert (kept.recordings.parent / "frontdesk.yaml").is_file()


def test_what_is_due_is_deleted_at_once(kept: Store, admin: Browser, clock: Clock) -> None:
    clock.go(days=31)
    admin.be("admin")
    assert admin.send_form("/privacy/purge").status_code == 303
    assert kept.archive.entries("mine") == []
    assert audit.deeds(kept)[0].what == "privacy.purge"


def test_only_admins_see_one_caller(kept: Store, visit: Callable[[Role | None], Browser]) -> None:
    operator = visit("operator")
    page = operator.get("/privacy").text
    assert "One caller" not in page
    assert "Delete what is due" not in page
    for path in ("/privacy/caller", "/privacy/export", "/privacy/forget", "/privacy/purge"):
        assert operator.send_form(path, {"number": MINE, "again": MINE}).status_code == 403
    assert len(ids(kept)) == 4
