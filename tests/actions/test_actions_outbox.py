"""Messages wait on disk until they have arrived: with the change that they tell of, once, and never in a call's way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from actions_flow import EIGHT, FRIDAY, NOW, call, flow, restaurant, tool
from fake_web import SECRET, FakeMail, FakeWeb, fake_mail, fake_web

from engine.actions.exchange import Exchange
from engine.actions.http import Poster
from engine.actions.messages import Messenger, is_address
from engine.actions.outbox import GIVES_UP, PAUSES, Message, NotDelivered, Outbox, put
from engine.actions.outside import Mail, Outside, Webhook
from engine.actions.registry import Toolbox
from engine.actions.schema import deliveries
from engine.actions.store import Store, open_store
from engine.acts import PersonName
from engine.errors import Position
from engine.flow.model import Flow, PromptText, Slot

KINDS = {"day": "date", "time": "time", "name": "person_name", "email": "email", "phone": "phone"}
MADE = {"day": FRIDAY, "time": EIGHT, "party_size": 2, "name": PersonName("Maria", "Rossi"), "phone": "07700900001"}


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with fake_web() as web:
        yield web
        assert web.wrong == []


@pytest.fixture
def mail() -> Iterator[FakeMail]:
    with fake_mail() as mail:
        yield mail


def rows(store: Store) -> list[dict[str, Any]]:
    chosen = sa.select(deliveries).order_by(deliveries.c.id)
    return store.read(lambda connection: [dict(row) for row in connection.execute(chosen).mappings()])


def outside(web: str = "http://127.0.0.1:9", port: int = 9) -> Outside:
    server = Mail("127.0.0.1", port, "Trattoria Sole <sole@example.com>", "none")
    return Outside({"desk": Webhook("desk", f"{web}/hook", SECRET)}, server, sms="desk", events="desk")


def writing(text: str = "See you on {day} at {time}, {name}.") -> Flow:
    found = [
        tool("mail", "notify.email", "day time name", {"queued": {}}),
        tool("sms", "notify.sms", "day time name", {"queued": {}}, commits=True),
    ]
    made = [
        replace(one, takes={**one.takes, "to": who}, text=text, subject="Your table on {day}")
        for one, who in zip(found, ("email", "phone"), strict=True)
    ]
    slots = {name: Slot(name, kind, PromptText("", ()), Position(), name) for name, kind in KINDS.items()}
    return replace(flow("trattoria", {}, {one.name: one for one in made}), slots=slots)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def sending(store: Store, deliver: Callable[[Message, datetime], None], clock: Clock) -> Outbox:
    return Outbox(store, deliver, clock)


def test_a_message_goes_out_once_and_is_forgotten(store: Store) -> None:
    """It may be put in again with the same key."""
    seen: list[Message] = []
    for _ in range(2):
        store.write(lambda found: put(found, Message("k", "event", {"a": 1}, "call"), NOW))
    outbox = sending(store, lambda message, _: seen.append(message), Clock())
    assert [outbox.send_due(), outbox.send_due()] == [1, 0]
    assert seen == [Message("k", "event", {"a": 1}, "call")]
    (row,) = rows(store)
    assert (row["state"], row["due"], row["body"], row["tries"]) == ("delivered", None, {}, 1)


def test_what_does_not_arrive_is_tried_later_and_later_and_at_last_given_up(store: Store) -> None:
    clock, tries = Clock(), []

    def deliver(message: Message, _: datetime) -> None:
        tries.append(clock.now - NOW)
        raise NotDelivered("away")

    store.write(lambda found: put(found, Message("k", "sms", {"text": "hello"}, "call", "07700900001"), NOW))
    outbox = sending(store, deliver, clock)
    while rows(store)[0]["state"] == "waiting":
        clock.now = rows(store)[0]["due"].astimezone(NOW.tzinfo)
        outbox.send_due()
    assert tuple(later - sooner for sooner, later in pairwise(tries[:7])) == PAUSES
    assert GIVES_UP - timedelta(hours=2) < tries[-1] <= GIVES_UP
    (row,) = rows(store)
    assert (row["state"], row["fault"], row["body"], row["recipient"]) == ("given_up", "away", {}, None)


def test_what_can_never_arrive_is_given_up_at_once(store: Store) -> None:
    def deliver(message: Message, _: datetime) -> None:
        raise NotDelivered("no such address", final=True)

    store.write(lambda found: put(found, Message("k", "sms", {}, "call"), NOW))
    sending(store, deliver, Clock()).send_due()
    assert [row["state"] for row in rows(store)] == ["given_up"]


def test_two_processes_never_send_the_same_message(store: Store, database: str) -> None:
    """And what a process took and died with is sent by another."""
    clock, seen = Clock(), []
    with open_store(database) as other:
        store.write(lambda found: put(found, Message("k", "event", {}, "call"), NOW))
        second = sending(other, lambda message, _: seen.append(message.key), clock)
        first = sending(store, lambda *_: second.send_due() and None, clock)  # looks while the first one is sending
        store.write(lambda found: first._take(found))  # taken, and then it dies
        assert second.send_due() == 0
        clock.now += timedelta(minutes=10)
        first.send_due()
    assert seen == []
    assert [row["state"] for row in rows(store)] == ["delivered"]


def test_a_booking_and_its_news_are_in_the_database_together(store: Store, web: FakeWeb) -> None:
    exchange = Exchange(outside(web.url), store)
    toolbox = Toolbox(restaurant(), store, exchange)

    async def run() -> list[str]:
        made = await toolbox.run(call("book", "k1", "one", **MADE))
        again = await toolbox.run(call("book", "k1", "one", **MADE))
        moved = await toolbox.run(call("move", "k2", "one", reference=made.values["reference"], party_size=3))
        gone = await toolbox.run(call("cancel", "k3", "one", reference=made.values["reference"]))
        none = await toolbox.run(call("cancel", "k4", "one", reference=made.values["reference"]))
        return [outcome.name for outcome in (made, again, moved, gone, none)]

    assert asyncio.run(run()) == ["booked", "booked", "moved", "cancelled", "gone"]
    waiting = rows(store)
    assert [row["body"]["type"] for row in waiting] == ["booking.booked", "booking.moved", "booking.cancelled"]
    Outbox(store, Messenger(exchange.outside, exchange.poster).deliver, Clock()).send_due()
    assert [told.body["data"]["status"] for told in web.asked] == ["booked", "booked", "cancelled"]
    assert [told.headers["webhook-id"] for told in web.asked] == ["k1/event", "k2/event", "k3/event"]
    exchange.close()


def test_the_news_of_a_call_are_sent_in_the_background(store: Store, web: FakeWeb) -> None:
    now = datetime.now(UTC)
    web.answers = [503]
    exchange = Exchange(replace(outside(web.url), sent=("call.ended",)), store)
    exchange.call_started("one", "trattoria", "100", now)
    exchange.call_ended("one", "trattoria", "done", now)
    assert store.archive.flush()
    assert [row["body"]["type"] for row in rows(store)] == ["call.ended"]
    exchange.start()
    assert web.arrived.acquire(timeout=20)
    exchange.close()
    (row,) = rows(store)
    assert (row["state"], row["tries"]) == ("waiting", 1)
    assert web.asked[0].body["data"] == {"call": "one", "flow": "trattoria", "outcome": "done"}


def test_a_letter_says_what_the_flow_says(store: Store, mail: FakeMail) -> None:
    exchange = Exchange(outside(port=mail.port), store)
    toolbox = Toolbox(writing(), store, exchange)
    wish = call("mail", "k", day=FRIDAY, time=EIGHT, name=PersonName("Zoë", "Rossi"), to="zoe@example.org")
    assert asyncio.run(toolbox.run(wish)).name == "queued"
    assert asyncio.run(toolbox.run(wish)).name == "queued"
    Outbox(store, Messenger(exchange.outside, exchange.poster).deliver, Clock()).send_due()
    ((sender, recipient, source),) = mail.letters
    letter = message_from_bytes(source, policy=policy.default)
    assert (sender, recipient) == ("sole@example.com", "zoe@example.org")
    assert letter["Subject"] == "Your table on Friday the 6th of November"
    assert letter.get_content().strip() == "See you on Friday the 6th of November at 20:00, Zoë Rossi."
    assert rows(store)[0]["recipient"] is None


@pytest.mark.parametrize(("answer", "state"), [("550 unknown", "given_up"), ("450 later", "waiting")])
def test_a_mail_server_that_refuses(answer: str, state: str, store: Store, mail: FakeMail) -> None:
    mail.refuses = answer
    store.write(lambda found: put(found, Message("k", "email", {"text": "x"}, "c", "a@example.org"), NOW))
    Outbox(store, Messenger(outside(port=mail.port), Poster()).deliver, Clock()).send_due()
    assert [row["state"] for row in rows(store)] == [state]
    assert mail.letters == []


def test_a_text_message_goes_to_the_callers_number(store: Store, web: FakeWeb) -> None:
    exchange = Exchange(outside(web.url), store)
    toolbox = Toolbox(writing("{name}, {day}"), store, exchange)
    wish = call("sms", "k", day=FRIDAY, name=PersonName("Maria", "Rossi"), to="07700900001")
    assert asyncio.run(toolbox.run(wish)).name == "queued"
    assert asyncio.run(toolbox.look_up(wish)).name == "queued"
    Outbox(store, Messenger(exchange.outside, exchange.poster).deliver, Clock()).send_due()
    assert web.asked[0].body == {
        "type": "sms",
        "to": "+447700900001",
        "text": "Maria Rossi, Friday the 6th of November",
    }


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b", "a@example.org\nBcc: b@example.org", "a@example.org, b@example.org", "<a@example.org>"]
)
def test_nothing_but_one_address_is_written_to(to: str, store: Store) -> None:
    assert not is_address(to)
    toolbox = Toolbox(writing(), store, Exchange(outside(), store))
    assert asyncio.run(toolbox.run(call("mail", to=to))).name == "failed"
    assert rows(store) == []


def test_a_slow_webhook_holds_up_no_booking() -> None:
    with open_store(":memory:") as store:
        exchange = Exchange(outside(), store)
        stuck = threading.Event()
        for _ in range(16):
            exchange.threads.submit(stuck.wait)
        made = Toolbox(restaurant(), store, exchange).run(call("book", **MADE))
        assert asyncio.run(made).name == "booked"
        stuck.set()
