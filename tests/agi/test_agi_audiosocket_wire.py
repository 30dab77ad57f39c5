"""AudioSocket on the wire: recorded bytes, every way to cut them, and whatever else may come."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agi.wire.audiosocket import KEYS, KIND_OF_RATE, Audio, End, Error, Id, Key, Message, Parser, encode
from engine.errors import PeerError

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "dialogues/audiosocket.yaml").read_text())

samples = st.binary(min_size=1, max_size=400).map(lambda half: half * 2)
messages = st.one_of(
    st.uuids().map(Id),
    st.builds(Audio, samples, st.sampled_from(sorted(KIND_OF_RATE))),
    st.sampled_from(KEYS).map(Key),
    st.binary(max_size=4).map(Error),
    st.just(End()),
)


def told(message: Message) -> object:
    """A message in the words of the case file."""
    match message:
        case Id(identity):
            return {"id": str(identity)}
        case Audio(sound, rate):
            return {"audio": len(sound), "rate": rate}
        case Key(key):
            return {"key": key}
        case Error(code):
            return {"error": code.hex()}
        case End():
            return "end"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_audiosocket_bytes(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["bytes"]) + bytes(case.get("zeros", 0))
    if "refused" in case:
        with pytest.raises(PeerError, match=case["refused"]):
            Parser().feed(data)
    else:
        assert [told(message) for message in Parser().feed(data)] == case["messages"]


@given(st.lists(messages, max_size=8), st.data())
def test_audiosocket_comes_back_however_it_is_cut(sent: list[Message], data: st.DataObject) -> None:
    whole = b"".join(map(encode, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    parser, got, start = Parser(), [], 0
    for cut in [*cuts, len(whole)]:
        got += parser.feed(whole[start:cut])
        start = cut
    assert got == sent


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_audiosocket_survives_anything(chunks: list[bytes]) -> None:
    parser = Parser()
    try:
        for chunk in chunks:
            parser.feed(chunk)
    except PeerError:
        pass


@pytest.mark.parametrize("message", [Audio(b""), Audio(b"abc"), Audio(bytes(8000)), Audio(b"ab", 11025), Key("12")])
def test_audiosocket_refuses_to_send(message: Message) -> None:
    with pytest.raises(ValueError, match=r"frame|kind|key"):
        encode(message)


def test_audiosocket_id_is_the_uuid_as_asterisk_writes_it() -> None:
    identity = UUID("1d28e541-fbdd-49e2-b111-50d666b97152")
    assert encode(Id(identity)) == b"\x01\x00\x10" + identity.bytes
