"""Messages between us and a worker process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.speech.vendors.messages import LONGEST, Decoder, Kind, Message, encode

MESSAGES = st.builds(Message, st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=50))


@given(st.lists(MESSAGES, max_size=8), st.lists(st.integers(1, 20), min_size=1, max_size=50))
def test_messages_survive_any_cutting(messages: list[Message], sizes: list[int]) -> None:
    wire = b"".join(encode(message) for message in messages)
    decoder, found, start, turn = Decoder(), [], 0, 0
    while start < len(wire):
        size = sizes[turn % len(sizes)]
        found += list(decoder.feed(wire[start : start + size]))
        start, turn = start + size, turn + 1
    assert found == messages


def test_the_bytes_of_a_message() -> None:
    assert encode(Message(Kind.CHUNK, 7, b"ab")) == bytes.fromhex("00000007 04 00000007 6162")


@pytest.mark.parametrize("wire", [b"\0\0\0\0" + b"\4" * 5, b"\xff" * 9, (LONGEST + 1).to_bytes(4, "big") + b"\4" * 5])
def test_what_is_no_message_is_refused(wire: bytes) -> None:
    with pytest.raises(ValueError, match="a message of"):
        list(Decoder().feed(wire))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="99"):
        list(Decoder().feed(b"\0\0\0\5\x63\0\0\0\0"))


@given(st.binary(max_size=200))
def test_any_bytes_give_messages_or_an_error(data: bytes) -> None:
    decoder = Decoder()
    try:
        found = list(decoder.feed(data))
    except ValueError:
        return
    assert b"".join(encode(message) for message in found) == data[: sum(len(encode(message)) for message in found)]
