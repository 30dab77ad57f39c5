"""Tools over HTTP against a fake web address: what is sent, what is believed, what is sent again."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from actions_flow import FRIDAY, NOW, call, flow, tool
from fake_web import SECRET, FakeWeb, cut, fake_web, flood
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.actions.contract import Outcome
from engine.actions.exchange import Exchange, NotSetUp
from engine.actions.http import Reply
from engine.actions.outside import Outside, Webhook, checked_url
from engine.actions.registry import Toolbox
from engine.actions.signing import signed
from engine.actions.store import Store, open_store
from engine.actions.webhook import believed
from engine.acts import PersonName
from engine.errors import Position, SettingsError
from engine.flow.model import Flow, PromptText, Slot

CASES = yaml.safe_load((Path(__file__).parent / "webhook_cases.yaml").read_text())
KINDS = {"day": "date", "name": "person_name", "party_size": "party_size"}
DEEDS = {"cut": cut, "flood": flood, "raw": b"<html>", "list": b"[1, 2]"}


def made(deadline: float = 5.0) -> Flow:
    found = [
        tool("look", "webhook.crm", "day party_size", {"free": {"table": "number"}, "full": {}}),
        tool("store", "webhook.crm", "day name", {"booked": {"reference": "digits"}}, commits=True),
    ]
    slots = {name: Slot(name, kind, PromptText("", ()), Position(), name) for name, kind in KINDS.items()}
    return replace(flow("trattoria", {}, {one.name: replace(one, deadline=deadline) for one in found}), slots=slots)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(":memory:") as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with fake_web() as web:
        yield web
        assert web.wrong == []


def box(store: Store, url: str, deadline: float = 5.0, **more: Any) -> Toolbox:
    hook = Webhook("crm", f"{url}/tool", SECRET, **more)
    return Toolbox(made(deadline), store, Exchange(Outside({"crm": hook}), store))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_answers(case: dict[str, Any], store: Store, web: FakeWeb) -> None:
    web.answers = [DEEDS[one] if isinstance(one, str) else one for one in case["answers"]]
    look_up = f"{web.url}/what" if case.get("look_up") else None
    toolbox = box(store, web.url, idempotent=case.get("idempotent", False), look_up=look_up)
    wish = call(case["tool"], day=FRIDAY)

    async def run() -> tuple[Outcome, Outcome | None]:
        outcome = await toolbox.run(wish)
        return outcome, await toolbox.look_up(wish) if "then" in case else None

    outcome, later = asyncio.run(run())
    assert outcome.name == case["gives"]
    assert dict(outcome.values) == case.get("values", dict(outcome.values))
    assert later is None or later.name == case["then"]
    assert len(web.asked) == case["asked"]
    keys = {told.headers["idempotency-key"] for told in web.asked}
    assert len(keys) == 1  # a second try says that it is one


def test_what_is_sent_is_what_the_contract_says(store: Store, web: FakeWeb) -> None:
    web.answers = [{"outcome": "booked", "values": {"reference": "481203"}}]
    toolbox = box(store, web.url)
    wish = call("store", "the key", caller="07700900123", day=FRIDAY, name=PersonName("Zoë", "O'Neil"))
    first = asyncio.run(toolbox.run(wish))
    assert asyncio.run(toolbox.run(wish)) == first  # a known key is not sent again
    (told,) = web.asked
    assert told.body == {
        "type": "tool",
        "tool": "store",
        "flow": "trattoria",
        "call": "call",
        "key": "the key",
        "commits": True,
        "now": NOW.isoformat(),
        "caller": "07700900123",
        "outcomes": {"booked": {"reference": "digits"}},
        "values": {"day": "2026-11-06", "name": {"first_name": "Zoë", "last_name": "O'Neil"}},
    }
    assert told.headers["idempotency-key"] == "the key"


def test_an_address_that_is_away_fails_and_nothing_was_sent(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        toolbox = box(store, f"http://127.0.0.1:{taken.getsockname()[1]}")
        for name in ("look", "store"):
            assert asyncio.run(toolbox.run(call(name, day=FRIDAY))).name == "failed"


def test_an_address_that_says_nothing_is_waited_for_until_the_deadline(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        toolbox = box(store, f"http://127.0.0.1:{mute.getsockname()[1]}", deadline=0.2)
        outcomes = [asyncio.run(toolbox.run(call(name, day=FRIDAY))).name for name in ("look", "store")]
    assert outcomes == ["failed", "unknown"]


def test_without_settings_such_tools_fail_and_with_others_no_call_begins(store: Store) -> None:
    assert asyncio.run(Toolbox(made(), store).run(call("store", day=FRIDAY))) == Outcome("failed")
    with pytest.raises(NotSetUp, match=r"webhooks: \{crm: "):
        Toolbox(made(), store, Exchange(Outside(), store))


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["outcome", "values", "reference", "x"]), inner)
        ),
    )
)
def test_whatever_is_answered_a_change_is_never_taken_for_done_without_its_value(body: Any) -> None:
    found = believed(made().tools["store"], Reply("done", json.loads(json.dumps(body))))
    assert found.name in ("unknown", "failed") or found.values["reference"]


def test_a_signature_is_that_of_the_standard() -> None:
    """The example of the standard's own page: a key in base64, version 1."""
    headers = signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example/",
        "https://",
        "http://shop.example/hook",
        "https://u:p@x.example/",
        "http://8.8.8.8/",
        "https://a b/",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        checked_url(url, "webhooks.crm.url")


@pytest.mark.parametrize(
    "url", ["https://x.example/a?b=c", "http://127.0.0.1:8000/", "http://10.1.2.3/", "http://crm:8000/"]
)
def test_addresses_that_are_taken(url: str) -> None:
    assert checked_url(url, "webhooks.crm.url") == url
