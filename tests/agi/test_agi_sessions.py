"""The two servers over real sockets, with the test as Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from agi.net.audiosocket import AudioSocketServer, Ticket
from agi.net.fastagi import FastAgiServer, Session
from agi.wire.audiosocket import Audio, End, Id, Key, Message, Parser, encode
from engine.errors import PeerError, SettingsError

REQUEST = b"agi_network_script: trattoria\nagi_callerid: 200\n\n"
HOST = "127.0.0.1"
SOON = 5.0


class Peer:
    """The test as Asterisk, on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def reads(self) -> str:
        return (await asyncio.wait_for(self.reader.readline(), SOON)).decode().rstrip("\n")

    def says(self, text: str) -> None:
        self.writer.write(text.encode())

    async def is_closed(self) -> bool:
        try:
            return await asyncio.wait_for(self.reader.read(), SOON) == b""
        except ConnectionError:
            return True


async def connected(port: int) -> Peer:
    return Peer(*await asyncio.open_connection(HOST, port))


@asynccontextmanager
async def control(talk: Callable[[Session], Awaitable[None]], **options: float) -> AsyncIterator[int]:
    server = FastAgiServer(HOST, 0, talk, **options)  # type: ignore[arg-type]
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()


def holds_a_session(ours: Callable[[Session], Awaitable[object]], theirs: Callable[[Peer], Awaitable[None]]) -> object:
    """Runs one call: `ours` as the handler, `theirs` as Asterisk after its request; answers what `ours` returned."""

    async def call() -> object:
        result: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        async def talk(session: Session) -> None:
            try:
                result.set_result(await ours(session))
            except (PeerError, ValueError) as fault:
                result.set_exception(fault)

        async with control(talk, answer_within=0.3) as port:
            peer = await connected(port)
            peer.says(REQUEST.decode())
            await theirs(peer)
            return await asyncio.wait_for(result, SOON)

    return asyncio.run(call())


def test_session_runs_a_command() -> None:
    async def theirs(peer: Peer) -> None:
        assert await peer.reads() == 'GET VARIABLE "FD_NAME"'
        peer.says("200 result=1 (Ann)\n")

    assert holds_a_session(lambda session: session.get_variable("FD_NAME"), theirs) == "Ann"


def test_session_sees_a_hang_up_between_a_command_and_its_reply() -> None:
    async def ours(session: Session) -> object:
        reply = await session.execute("EXEC", "AudioSocket", "x")
        return reply.result, session.gone.is_set()

    async def theirs(peer: Peer) -> None:
        await peer.reads()
        peer.says("HANGUP\n200 result=-1\n")

    assert holds_a_session(ours, theirs) == ("-1", True)


def test_session_sees_a_hang_up_while_nothing_runs() -> None:
    async def ours(session: Session) -> object:
        return await session.gone.wait()

    async def theirs(peer: Peer) -> None:
        peer.says("HANGUP\n")

    assert holds_a_session(ours, theirs) is True


def test_session_hears_of_a_closed_connection_during_a_command() -> None:
    async def theirs(peer: Peer) -> None:
        await peer.reads()
        peer.writer.close()

    with pytest.raises(PeerError, match="closed the AGI connection during NOOP"):
        holds_a_session(lambda session: session.execute("NOOP"), theirs)


def test_session_gives_a_late_reply_to_nobody() -> None:
    async def ours(session: Session) -> object:
        with pytest.raises(PeerError, match="did not answer NOOP"):
            await session.execute("NOOP", within=0.05)
        return (await session.execute("CHANNEL STATUS")).result

    async def theirs(peer: Peer) -> None:
        assert await peer.reads() == "NOOP"
        await asyncio.sleep(0.1)
        peer.says("200 result=0\n")
        assert await peer.reads() == "CHANNEL STATUS"
        peer.says("200 result=6\n")

    assert holds_a_session(ours, theirs) == "6"


def test_session_sends_nothing_that_holds_a_second_command() -> None:
    async def ours(session: Session) -> object:
        with pytest.raises(ValueError, match="second command"):
            await session.set_variable("X", "a\nHANGUP")
        with pytest.raises(ValueError, match="not the name of a channel variable"):
            await session.set_variable('X" "Y', "a")
        return (await session.execute("NOOP")).ok

    async def theirs(peer: Peer) -> None:
        assert await peer.reads() == "NOOP"
        peer.says("200 result=0\n")

    assert holds_a_session(ours, theirs) is True


@pytest.mark.parametrize("words", ["", "GET / HTTP/1.1\n", "\n", "x" * 20000, "agi_a: b\n"])
def test_server_closes_what_is_no_call(words: str) -> None:
    async def never(_: Session) -> None:
        raise AssertionError("this was no call")

    async def main() -> bool:
        async with control(never, request_within=0.1) as port:
            peer = await connected(port)
            peer.says(words)
            return await peer.is_closed()

    assert asyncio.run(main())


def test_server_turns_away_one_call_too_many_and_takes_the_next() -> None:
    async def main() -> None:
        async def talk(session: Session) -> None:
            await session.gone.wait()

        async with control(talk, sessions=1) as port:
            first, second = await connected(port), await connected(port)
            first.says(REQUEST.decode())
            second.says(REQUEST.decode())
            assert await second.is_closed()
            first.says("HANGUP\n")
            assert await first.is_closed()
            third = await connected(port)
            third.says(REQUEST.decode() + "HANGUP\n")
            assert await third.is_closed()

    asyncio.run(main())


def test_server_lets_calls_finish_when_it_stops() -> None:
    async def main() -> None:
        finished = asyncio.Event()

        async def talk(session: Session) -> None:
            await session.execute("NOOP")
            finished.set()

        server = FastAgiServer(HOST, 0, talk)
        await server.start()
        peer = await connected(server.port)
        peer.says(REQUEST.decode())
        await peer.reads()
        stopping = asyncio.create_task(server.stop(SOON))
        await asyncio.sleep(0)
        with pytest.raises(ConnectionError):
            await connected(server.port)
        peer.says("200 result=0\n")
        await stopping
        assert finished.is_set()

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["control", "sound"])
def test_port_that_is_taken_says_so(kind: str) -> None:
    async def never(_: Session) -> None:
        raise AssertionError

    def made(port: int) -> FastAgiServer | AudioSocketServer:
        return FastAgiServer(HOST, port, never) if kind == "control" else AudioSocketServer(HOST, port)

    async def main() -> None:
        first = made(0)
        await first.start()
        second = made(first.port)
        with pytest.raises(SettingsError, match=f"port {first.port} is taken: is another frontdesk running"):
            await second.start()

    asyncio.run(main())


def test_address_that_is_not_ours_says_so() -> None:
    with pytest.raises(SettingsError, match=r"AudioSocket cannot listen on 192\.0\.2\.1:9092"):
        asyncio.run(AudioSocketServer("192.0.2.1", 9092).start())


class Sound:
    """A sound server, a ticket, and what came for it."""

    def __init__(self, server: AudioSocketServer) -> None:
        self.server = server
        self.came: list[Message | None] = []
        self.ended = asyncio.Event()
        self.ticket: Ticket = server.expect(self._take)

    def _take(self, message: Audio | Key | None) -> None:
        self.came.append(message)
        if message is None:
            self.ended.set()

    async def join(self, *messages: Message) -> Peer:
        peer = await connected(self.server.port)
        peer.writer.write(b"".join(map(encode, messages)))
        return peer


@asynccontextmanager
async def sound(**options: float) -> AsyncIterator[Sound]:
    server = AudioSocketServer(HOST, 0, **options)  # type: ignore[arg-type]
    await server.start()
    try:
        yield Sound(server)
    finally:
        server.stop()


def test_sound_both_ways_until_the_channel_is_given_back() -> None:
    async def main() -> None:
        async with sound() as ours:
            peer = await ours.join(Id(ours.ticket.id), Audio(b"ab" * 160), Key("5"))
            leg = await asyncio.wait_for(ours.ticket.leg, SOON)
            leg.send(b"cd" * 160)
            leg.release()
            leg.send(b"cd" * 160)
            got = Parser().feed(await asyncio.wait_for(peer.reader.read(), SOON))
            assert got == [Audio(b"cd" * 160), End()]
            peer.writer.close()
            await asyncio.wait_for(ours.ended.wait(), SOON)
            assert ours.came == [Audio(b"ab" * 160), Key("5"), None]

    asyncio.run(main())


@pytest.mark.parametrize("case", ["unknown", "used", "expired", "no id", "silent", "two ids", "nonsense"])
def test_sound_of_nobodys_call_is_closed_at_once(case: str) -> None:
    async def main() -> bool:
        async with sound(sound_within=0.05 if case == "expired" else SOON, id_within=0.1) as ours:
            mine = Id(ours.ticket.id)
            if case == "used":
                await ours.join(mine)
                await asyncio.wait_for(ours.ticket.leg, SOON)
            if case == "expired":
                await asyncio.wait({ours.ticket.leg})
                assert ours.ticket.leg.cancelled()
            says: dict[str, tuple[Message, ...]] = {
                "unknown": (Id(uuid4()),),
                "no id": (Audio(b"ab"),),
                "silent": (),
                "two ids": (mine, mine),
            }
            peer = await ours.join(*says.get(case, (mine,)))
            if case == "nonsense":
                peer.says("GET / HTTP/1.1")
            return await peer.is_closed()

    assert asyncio.run(main())


def test_sound_for_a_peer_that_does_not_read_is_given_up() -> None:
    async def main() -> None:
        async with sound() as ours:
            await ours.join(Id(ours.ticket.id))
            leg = await asyncio.wait_for(ours.ticket.leg, SOON)
            while not ours.ended.is_set():
                leg.send(bytes(7680))
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(main(), 4 * SOON))
