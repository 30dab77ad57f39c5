"""What several processes need between them: settings that are safe to serve, messages, waits, ports, memory."""

from __future__ import annotations

import gc
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agi.answering import Share, asterisk_settings, desk_settings, settle_memory
from agi.backoff import HELD_FOR, LONGEST, Backoff
from agi.channel import Announcement, Call, Came, Fault, Finish, Message, Reload, Status, pair, receive, send
from agi.safety import check_safety
from engine.errors import PeerError, SettingsError
from engine.settings import Address, Settings, load_settings

CASES = yaml.safe_load((Path(__file__).parent / "dialogues/safety.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_settings_are_served_only_where_they_are_safe(case: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.yaml"
    file.write_text(case["settings"])
    file.chmod(int(case.get("mode", "600"), 8))
    settings = load_settings(file, {})
    if "because" not in case:
        check_safety(settings)
        return
    with pytest.raises(SettingsError) as refused:
        check_safety(settings)
    assert case["because"] in str(refused.value)


def test_allowed_addresses_come_from_the_environment_too(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.yaml"
    file.write_text("database: x.db\n")
    settings = load_settings(file, {"FRONTDESK_ASTERISK_ALLOW": "10.0.0.5, 10.1.0.0/16"})
    assert settings.asterisk.allow == ("10.0.0.5", "10.1.0.0/16")


@given(
    st.one_of(
        st.just(Reload()),
        st.floats(0, 1e6).map(Finish),
        st.builds(Status, st.booleans(), st.integers(0, 10**6), st.integers(0, 10**6), st.booleans()),
        st.text(max_size=150).map(Came),
        st.text(max_size=2000).map(Announcement),
        st.text(max_size=2000).map(Fault),
    )
)
def test_messages_come_as_they_were_sent(message: Message) -> None:
    ours, theirs = pair()
    try:
        send(ours, message)
        assert receive(theirs) == message
        with pytest.raises(BlockingIOError):
            receive(theirs)
    finally:
        ours.close()
        theirs.close()


def test_a_text_without_end_is_cut() -> None:
    ours, theirs = pair()
    send(ours, Fault("\U0001f600" * 100_000))
    message = receive(theirs)
    assert isinstance(message, Fault)
    assert 1000 < len(message.text) < 100_000
    ours.close()
    theirs.close()


def test_a_call_travels_with_its_connection() -> None:
    ours, theirs = pair()
    caller, connection = socket.socketpair()
    send(ours, Call(connection, b"agi_request: x\n" * 4000))
    connection.close()
    call = receive(theirs)
    assert isinstance(call, Call)
    assert len(call.head) == 60000
    call.connection.sendall(b"hello")
    assert caller.recv(10) == b"hello"
    for each in (ours, theirs, caller, call.connection):
        each.close()


def test_a_process_that_reads_nothing_or_is_gone_is_noticed_at_once() -> None:
    ours, theirs = pair()
    with pytest.raises(PeerError, match="does not listen"):
        all(send(ours, Announcement("x" * 1000)) is None for _ in range(100_000))
    theirs.close()
    with pytest.raises(PeerError):
        send(ours, Reload())
    assert receive(ours) is None
    ours.close()


def test_waits_grow_and_are_short_again_once_it_held() -> None:
    backoff = Backoff()
    waits = []
    for _ in range(9):
        backoff.started(0.0)
        waits.append(backoff.failed(1.0))
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST
    backoff.started(100.0)
    assert backoff.failed(100.0 + HELD_FOR) == 0.5
    assert backoff.failures_ever == 10


def test_each_process_has_a_sound_port_and_its_share_of_the_recognisers() -> None:
    ours = Settings().asterisk
    settings = replace(
        Settings(), asterisk=replace(ours, audiosocket=Address("0.0.0.0", 9092), audiosocket_address="pbx:9000")
    )
    shares = [Share(number, 3) for number in (1, 2, 3)]
    assert [asterisk_settings(settings, share).audio_port for share in shares] == [9092, 9093, 9094]
    assert [asterisk_settings(settings, share).audio_address for share in shares] == [
        "pbx:9000",
        "pbx:9001",
        "pbx:9002",
    ]
    assert desk_settings(settings, shares[0]).listening.workers == 1
    assert [share.first for share in shares] == [True, False, False]


def test_what_lives_on_is_no_work_for_the_garbage_collector() -> None:
    before = gc.get_freeze_count()
    try:
        settle_memory()
        assert gc.get_freeze_count() > before + 10_000
        assert len(gc.get_objects()) < 5_000
    finally:
        gc.unfreeze()
