"""What strangers try at our ports, on loopback and bounded: they get nothing, and callers do not notice."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from agi.gate import Gate, networks
from agi.net.audiosocket import AudioSocketServer
from agi.net.fastagi import FastAgiServer, Session
from agi.net.lobby import LONGEST_HEAD, MOST_FROM_ONE
from agi.token import Tokens, query
from agi.wire.audiosocket import Audio, Id, Key, encode

HOST = "127.0.0.1"
SOON = 5.0
NOW = 1_790_000_000
CHANNEL = "1790000000.7"


def head(text: str, channel: str = CHANNEL, more: str = "") -> bytes:
    return f"agi_network_script: trattoria?{text}\nagi_uniqueid: {channel}\n{more}\n".encode()


class Answered:
    """A FastAGI server behind its gate, and the calls that came through."""

    def __init__(self) -> None:
        self.calls: list[Session] = []
        self.hold = asyncio.Event()
        self.came = asyncio.Event()
        gate = Gate(networks(["127.0.0.1"]), Tokens("s", lambda: float(NOW)))
        self.server = FastAgiServer(HOST, 0, self._call, gate=gate, request_within=0.3)

    async def _call(self, session: Session) -> None:
        self.calls.append(session)
        self.came.set()
        await self.hold.wait()


@asynccontextmanager
async def answered() -> AsyncIterator[Answered]:
    here = Answered()
    await here.server.start()
    try:
        yield here
    finally:
        here.hold.set()
        await here.server.stop(1.0)


async def says(port: int, data: bytes, host: str = HOST) -> bytes:
    """Everything that comes back before the connection is closed."""
    reader, writer = await asyncio.open_connection(HOST, port, local_addr=(host, 0))
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), SOON)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def test_a_key_that_was_seen_on_the_wire_opens_nothing_again() -> None:
    async def main() -> None:
        async with answered() as here:
            request = head(query("s", "trattoria", CHANNEL, NOW))
            _, writer = await asyncio.open_connection(HOST, here.server.port)
            writer.write(request)
            await asyncio.wait_for(here.came.wait(), SOON)
            for _ in range(20):
                assert await says(here.server.port, request) == b""
            assert len(here.calls) == 1
            writer.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "data",
    [
        head(""),
        head("key=" + "0" * 40),
        head(query("s", "trattoria", "another", NOW)),
        head(query("s", "trattoria", CHANNEL, NOW), more="agi_x: " + "y" * 9000 + "\n"),
        head(query("s", "trattoria", CHANNEL, NOW), more="agi_x: y\n" * 300),
        b"agi_x: y\n" * (LONGEST_HEAD // 8),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
        b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["no key", "made up", "of another call", "long line", "many lines", "no end", "TLS", "HTTP"],
)
def test_what_is_no_call_of_ours_is_closed_without_a_word(data: bytes) -> None:
    async def main() -> None:
        async with answered() as here:
            assert await says(here.server.port, data) == b""
            assert not here.calls

    asyncio.run(main())


def test_another_address_is_closed_at_once() -> None:
    async def main() -> None:
        async with answered() as here:
            assert await says(here.server.port, head(query("s", "trattoria", CHANNEL, NOW)), host="127.0.0.2") == b""
            assert not here.calls

    asyncio.run(main())


def test_slow_and_silent_connections_are_closed_and_a_call_comes_through_among_them() -> None:
    """As many half-open and slow connections as one address may have, and more; they all go after the deadline."""

    async def main() -> None:
        async with answered() as here:
            slow = [await asyncio.open_connection(HOST, here.server.port) for _ in range(MOST_FROM_ONE - 1)]
            for _, writer in slow[::2]:
                writer.write(b"agi_network_script: tratt")
            _, caller = await asyncio.open_connection(HOST, here.server.port)
            caller.write(head(query("s", "trattoria", CHANNEL, NOW)))
            await asyncio.wait_for(here.came.wait(), SOON)
            ended = await asyncio.wait_for(asyncio.gather(*(r.read() for r, _ in slow), return_exceptions=True), SOON)
            assert len(ended) == len(slow)
            assert len(here.calls) == 1
            assert not here.calls[0].gone.is_set()
            for _, writer in slow:
                writer.close()
            caller.close()

    asyncio.run(main())


def test_a_flood_from_one_address_is_cut_off_and_leaves_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with answered() as here:
            with caplog.at_level(logging.WARNING):
                flood = [await asyncio.open_connection(HOST, here.server.port) for _ in range(3 * MOST_FROM_ONE)]
                ended = asyncio.gather(*(reader.read() for reader, _ in flood), return_exceptions=True)
                await asyncio.wait_for(ended, SOON)
            lobby = here.server._lobby
            assert not lobby._waiting
            assert not lobby._from
            assert lobby.refusals.count >= 2 * MOST_FROM_ONE
            assert len(caplog.records) < 10, "a flood of peers is a flood of lines"
            for _, writer in flood:
                writer.close()

    asyncio.run(main())


def test_ids_of_sound_are_good_once_and_nameless_connections_are_bounded() -> None:
    async def main() -> None:
        server = AudioSocketServer(HOST, 0, nameless=10, id_within=0.3)
        await server.start()
        came: list[Audio | Key | None] = []
        ticket = server.expect(came.append)
        nameless = [await asyncio.open_connection(HOST, server.port) for _ in range(30)]
        reader, writer = await asyncio.open_connection(HOST, server.port)
        assert await asyncio.wait_for(reader.read(), SOON) == b"", "one nameless connection too many was kept"
        ended = asyncio.gather(*(other.read() for other, _ in nameless), return_exceptions=True)
        await asyncio.wait_for(ended, SOON)
        sound = encode(Id(ticket.id)) + encode(Audio(b"ab" * 160))
        _, first = await asyncio.open_connection(HOST, server.port)
        first.write(sound)
        await asyncio.wait_for(ticket.leg, SOON)
        for stranger in (encode(Id(ticket.id)), encode(Id(uuid4())), sound):
            assert await says(server.port, stranger) == b""
        assert [message for message in came if message is not None] == [Audio(b"ab" * 160)]
        for each in (writer, first, *(other for _, other in nameless)):
            each.close()
        server.stop()

    asyncio.run(main())


def test_a_reset_in_the_middle_of_a_request_leaves_nothing_behind() -> None:
    async def main() -> None:
        async with answered() as here:
            for _ in range(30):
                peer = socket.create_connection((HOST, here.server.port))
                peer.send(b"agi_network_script: tratt")
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                peer.close()
            async with asyncio.timeout(SOON):
                while here.server._lobby._waiting:
                    await asyncio.sleep(0.01)
            assert not here.server._lobby._from

    asyncio.run(main())
