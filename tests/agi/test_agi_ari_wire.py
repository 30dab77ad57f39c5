"""ARI on the wire: recorded events, requests as they are sent, and whatever else may come."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agi.handover import LONGEST_HANDOVER, LONGEST_VALUE, handed_over, headers
from agi.wire import ari
from agi.wire.ari import LONGEST_EVENT, LONGEST_ID, Request, channels_of, media_path, parse_event, parse_reply, rate_of
from engine.errors import PeerError

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "dialogues/ari.yaml").read_text())
EVENTS: list[str] = [case["event"] for case in CASES["recorded"]]
ids = st.text(min_size=1, max_size=LONGEST_ID).filter(lambda text: text.isprintable() and "," not in text)


def told(message: object) -> object:
    """A message in the words of the case file."""
    return "nothing" if message is None else {type(message).__name__: json.loads(json.dumps(asdict(message)))}  # type: ignore[call-overload]


@pytest.mark.parametrize("case", [*CASES["recorded"], *CASES["others"]], ids=lambda case: case.get("name", "recorded"))
def test_ari_event(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(PeerError, match=case["refused"]):
            parse_event(case["event"])
    else:
        assert told(parse_event(case["event"])) == case["is"]


@pytest.mark.parametrize("event", ["[" * 60000, '{"type":' * 5000, "1" * 5000, "x" * (LONGEST_EVENT + 1), b"\xff\xfe"])
def test_ari_refuses_a_flood(event: str | bytes) -> None:
    with pytest.raises(PeerError):
        parse_event(event)


def cases_of_requests() -> list[Any]:
    return [pytest.param(case, id=str(case["call"])) for case in CASES["requests"]]


@pytest.mark.parametrize("case", cases_of_requests())
def test_ari_request(case: dict[str, Any]) -> None:
    name, *values = case["call"]
    if "refused" in case:
        with pytest.raises(ValueError, match=case["refused"]):
            getattr(ari, name)(*values)
        return
    request: Request = getattr(ari, name)(*values)
    assert f"{request.method} {request.target}" == case["is"]
    assert request.body == case.get("body")


@given(ids, st.text(max_size=200))
def test_ari_request_keeps_its_parts_apart(identity: str, value: str) -> None:
    """Whatever an id or a value holds, it comes back as that part, and nothing of it becomes another one."""
    try:
        request = ari.originate("app", "p", value, caller="", within=5, variables={}, of="c")
        path = ari.answer(identity).target
    except ValueError:
        assert identity in (".", "..")
        return
    assert dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))["endpoint"] == value
    assert path.isascii()
    assert path.count("/") == 3
    assert unquote(path.split("/")[2]) == identity


@given(st.dictionaries(st.text(max_size=50), st.text(max_size=400), max_size=20))
def test_what_is_handed_over_is_short_and_on_one_line(context: dict[str, str]) -> None:
    given_over = {**handed_over(context), **headers(context)}
    for name, value in given_over.items():
        ari.set_variable("c", name, value)  # refuses control signs, and names that are none
        assert len(value) <= max(LONGEST_VALUE * 12, LONGEST_HANDOVER)


@given(st.dictionaries(st.sampled_from(["name", "summary", "day"]), st.text(max_size=20), min_size=1))
def test_what_is_handed_over_comes_back(context: dict[str, str]) -> None:
    variables = handed_over(context)
    told = dict(parse_qsl(variables["FD_CONTEXT"], keep_blank_values=True, encoding="utf-8", errors="replace"))
    assert told == {name: variables[f"FD_{name.upper()}"] for name in context}


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_ari_survives_anything(data: str | bytes) -> None:
    try:
        parse_event(data)
        channels_of(parse_reply(data))
        media_path(parse_reply(data))
    except PeerError:
        pass


def spoiled(event: str, data: st.DataObject) -> str:
    """A recorded event with one of its values exchanged."""
    tree = json.loads(event)
    key = data.draw(st.sampled_from(sorted(tree)))
    within = tree[key] if isinstance(tree[key], dict) and tree[key] else tree
    name = data.draw(st.sampled_from(sorted(within))) if within is not tree else key
    within[name] = data.draw(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2))
    return json.dumps(tree)


@given(st.sampled_from(EVENTS), st.data())
def test_ari_survives_events_with_other_values(event: str, data: st.DataObject) -> None:
    with contextlib.suppress(PeerError):
        parse_event(spoiled(event, data))


def test_media_path_is_taken_from_the_reply_alone_if_it_is_one() -> None:
    path = media_path({"channelvars": {"MEDIA_WEBSOCKET_CONNECTION_ID": "2295613f-99f6-40b3-82c4-e4fd38a6766f"}})
    assert path == "/media/2295613f-99f6-40b3-82c4-e4fd38a6766f"
    for other in ({}, {"channelvars": {"MEDIA_WEBSOCKET_CONNECTION_ID": "../ari/events"}}):
        with pytest.raises(PeerError, match="did not say where"):
            media_path(other)


@pytest.mark.parametrize(
    ("value", "rate"),
    [("(ulaw)", 8000), ("(ulaw|alaw)", 8000), ("(g722)", 16000), ("(opus|ulaw)", 16000), ("(slin)", 8000),
     ("(slin16)", 16000), ("", 16000), ("(nothing)", 16000), (None, 16000)],
)  # fmt: skip
def test_rate_is_what_the_telephone_has(value: str | None, rate: int) -> None:
    assert rate_of({} if value is None else {"value": value}) == rate


def test_channels_of_an_application() -> None:
    assert channels_of(parse_reply('{"name":"frontdesk","channel_ids":["1.1","2.2"]}')) == {"1.1", "2.2"}
    with pytest.raises(PeerError, match="no texts"):
        channels_of({"channel_ids": [1]})
