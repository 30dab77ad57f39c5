"""A key opens one call, of one line and channel, at about the time it was made."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.gate import Gate, networks
from agi.token import Tokens, keys, query
from agi.wire.fastagi import Request
from engine.errors import PeerError, SettingsError

NOW = 1_790_000_000
CHANNEL = "1790000000.12"


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def test_token_opens_once() -> None:
    tokens = Tokens("s", Clock())
    tokens.spend("trattoria", CHANNEL, query("s", "trattoria", CHANNEL, NOW))
    with pytest.raises(PeerError, match="used before"):
        tokens.spend("trattoria", CHANNEL, query("s", "trattoria", CHANNEL, NOW))
    tokens.spend("trattoria", CHANNEL, query("s", "trattoria", CHANNEL, NOW, count=2))


@pytest.mark.parametrize(
    ("path", "channel", "text", "because"),
    [
        ("clinic", CHANNEL, query("s", "trattoria", CHANNEL, NOW), "wrong key"),
        ("trattoria", "1790000000.13", query("s", "trattoria", CHANNEL, NOW), "wrong key"),
        ("trattoria", CHANNEL, query("other", "trattoria", CHANNEL, NOW), "wrong key"),
        ("trattoria", CHANNEL, "", "no key"),
        ("trattoria", CHANNEL, query("s", "trattoria", CHANNEL, NOW) + "0", "no key"),
        ("trattoria", CHANNEL, query("s", "trattoria", CHANNEL, NOW - 31), "31 s ago"),
        ("trattoria", CHANNEL, query("s", "trattoria", CHANNEL, NOW + 31), "-31 s ago"),
    ],
)
def test_token_is_refused(path: str, channel: str, text: str, because: str) -> None:
    with pytest.raises(PeerError, match=because):
        Tokens("s", Clock()).spend(path, channel, text)


@given(st.lists(st.integers(-200, 200), max_size=30))
def test_token_is_never_good_twice_however_time_goes(steps: list[int]) -> None:
    clock, taken = Clock(), set[str]()
    tokens = Tokens("s", clock)
    for step in steps:
        clock.now += step
        for at in (int(clock.now), int(clock.now) + 20, NOW):
            text = query("s", "p", CHANNEL, at)
            with suppress(PeerError):
                tokens.spend("p", CHANNEL, text)
                assert text not in taken
                taken.add(text)


def test_token_memory_is_bounded_by_time() -> None:
    clock = Clock()
    tokens = Tokens("s", clock)
    for number in range(2000):
        clock.now = float(NOW + number)
        tokens.spend("p", CHANNEL, query("s", "p", CHANNEL, NOW + number))
    assert len(tokens._spent) < 200


@given(st.text(max_size=80))
def test_token_of_nonsense_is_refused(text: str) -> None:
    with pytest.raises(PeerError):
        Tokens("s", Clock()).spend("p", CHANNEL, text)


def test_token_keys_are_one_block_and_do_not_show_the_secret() -> None:
    assert [len(key) for key in keys("for-tests")] == [64, 64]
    assert len(set(keys("for-tests")) | set(keys("for-test"))) == 4


@pytest.mark.parametrize(
    ("allowed", "address", "enters"),
    [
        (["127.0.0.0/8", "::1"], "127.0.0.1", True),
        (["127.0.0.0/8", "::1"], "::1", True),
        (["127.0.0.0/8"], "::ffff:127.0.0.1", True),
        (["10.0.0.0/24"], "10.0.1.1", False),
        (["10.0.0.5"], "10.0.0.5", True),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["10.0.0.5"], "?", False),
        ([], "127.0.0.1", False),
    ],
)
def test_gate_lets_in_listed_addresses_only(allowed: list[str], address: str, enters: bool) -> None:
    assert Gate(networks(allowed)).lets_in(address) is enters


@pytest.mark.parametrize("text", ["10.0.0", "10.0.0.1/8", "here", ""])
def test_gate_says_what_is_no_network(text: str) -> None:
    with pytest.raises(SettingsError, match=r"asterisk\.allow"):
        networks([text])


def test_gate_without_a_secret_admits_every_request() -> None:
    Gate(networks(["127.0.0.1"])).admit(Request({"uniqueid": "1"}, path="trattoria"))
