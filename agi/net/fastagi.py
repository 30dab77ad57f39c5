"""The FastAGI server: one session for each call, commands with deadlines, a hang-up seen at any moment."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from agi.gate import Gate
from agi.net.lobby import Lobby
from agi.wire.fastagi import CallerGone, Parser, Reply, Request, command, written_command
from engine.errors import FrontdeskError, PeerError

log = logging.getLogger(__name__)

CLOSE_WITHIN: Final = 2.0
_CHUNK: Final = 65536
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}(\([A-Za-z0-9_,-]*\))?")

Handler: TypeAlias = Callable[["Session"], Awaitable[None]]


class Session:
    """One call's control connection. Commands run one at a time; a second one waits for its turn."""

    def __init__(self, request: Request, writer: asyncio.StreamWriter, answer_within: float) -> None:
        self.request = request
        self.gone = asyncio.Event()
        """Set as soon as the caller hung up or Asterisk closed the connection."""
        self._writer = writer
        self._answer_within = answer_within
        self._turn = asyncio.Lock()
        self._awaited: asyncio.Future[Reply | None] | None = None
        self._closed = False

    @property
    def local_host(self) -> str:
        """Our own address as Asterisk reached it."""
        return str(self._writer.get_extra_info("sockname")[0])

    async def execute(self, verb: str, *args: str | int | float, within: float | None = None) -> Reply:
        """Runs one command and gives its reply. PeerError when the connection is closed or no reply comes `within`
        seconds (which count from the call of this, a wait for its turn included); ValueError as `wire.command`."""
        return await self._execute(command(verb, *args), verb, self._answer_within if within is None else within)

    async def execute_line(self, line: str, within: float) -> Reply:
        """Runs a command that somebody else has written; errors as `execute`."""
        return await self._execute(written_command(line), line.partition('"')[0].strip()[:40], within)

    async def _execute(self, line: bytes, verb: str, seconds: float) -> Reply:
        try:
            async with asyncio.timeout(seconds), self._turn:
                if self._awaited is not None:  # a command that was given up: its reply comes first
                    await asyncio.wait({self._awaited})
                return await self._ask(line, verb)
        except TimeoutError:
            raise PeerError(f"Asterisk did not answer {verb} within {seconds:g} s") from None

    async def get_variable(self, name: str) -> str | None:
        """A channel variable, or None where it is not set; Asterisk cuts it at 1023 bytes."""
        reply = await self.execute("GET VARIABLE", _checked(name))
        return reply.value if reply.result == "1" else None

    async def set_variable(self, name: str, value: str) -> None:
        """Sets a channel variable; ValueError for a line break or NUL in it. Also works after a hang-up."""
        await self.execute("SET VARIABLE", _checked(name), value)

    async def hangup(self) -> None:
        """Asks Asterisk to hang the channel up; nothing happens where it is gone already."""
        if not self.gone.is_set():
            await self.execute("HANGUP")

    def feed(self, messages: list[Request | Reply | CallerGone]) -> None:
        """Takes what arrived."""
        for message in messages:
            if isinstance(message, CallerGone):
                self.gone.set()
            elif isinstance(message, Reply):
                self._settle(message)

    def lost(self) -> None:
        """The connection is closed: whoever waits for a reply hears of it."""
        self._closed = True
        self.gone.set()
        self._settle(None)

    async def _ask(self, line: bytes, verb: str) -> Reply:
        if self._closed:
            raise PeerError(f"Asterisk closed the AGI connection before {verb}")
        awaited: asyncio.Future[Reply | None] = asyncio.get_running_loop().create_future()
        self._awaited = awaited
        self._writer.write(line)
        reply = await asyncio.shield(awaited)
        if reply is None:
            raise PeerError(f"Asterisk closed the AGI connection during {verb}")
        return reply

    def _settle(self, reply: Reply | None) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None and not awaited.done():
            awaited.set_result(reply)


class FastAgiServer:
    """Runs `handler` for each call; over `sessions` at a time, connections are closed at once. It listens itself when
    it is started, and else takes the connections that it is given. `gate` decides who may open a call."""

    def __init__(
        self,
        host: str,
        port: int,
        handler: Handler,
        *,
        sessions: int = 200,
        answer_within: float = 10.0,
        request_within: float = 5.0,
        gate: Gate | None = None,
    ) -> None:
        self._handler, self._sessions, self._answer_within = handler, sessions, answer_within
        self._lobby = Lobby(host, port, self._arrived, gate=gate, request_within=request_within)
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Binds the port; SettingsError where that is not possible."""
        await self._lobby.start()

    @property
    def port(self) -> int:
        """The port that it listens on; where port 0 asked for any, the one that it got."""
        return self._lobby.port

    @property
    def running(self) -> int:
        """Sessions at this moment."""
        return len(self._running)

    async def stop(self, grace: float = 0.0) -> None:
        """Takes no new calls, lets those that run finish for `grace` seconds, then ends them."""
        self._lobby.stop()
        if self._running and grace > 0:
            await asyncio.wait(self._running, timeout=grace)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=CLOSE_WITHIN)

    def adopt(self, connection: socket.socket, head: bytes) -> None:
        """Serves a connection from which `head`, a whole request block and perhaps more, was read. PeerError, and the
        connection stays the giver's, where there are too many sessions."""
        if len(self._running) >= self._sessions:
            raise PeerError(f"a call is turned away: {self._sessions} sessions are the limit")
        task = asyncio.get_running_loop().create_task(self._serve(connection, head))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _arrived(self, connection: socket.socket, head: bytes, _: Request) -> None:
        self.adopt(connection, head)

    async def _serve(self, connection: socket.socket, head: bytes) -> None:
        """One call, from its request to its end; whatever goes wrong in it is logged and stays in it."""
        try:
            connection.setblocking(False)
            reader, writer = await asyncio.open_connection(sock=connection)
        except OSError as fault:
            log.info("a call was gone before it began: %s", fault)
            connection.close()
            return
        try:
            parser = Parser()
            request, *more = parser.feed(head)
            if not isinstance(request, Request):
                raise PeerError("a connection without an AGI request")
            session = Session(request, writer, self._answer_within)
            session.feed(more)
            listening = asyncio.get_running_loop().create_task(_listen(reader, parser, session))
            try:
                await self._handler(session)
            finally:
                listening.cancel()
                session.lost()
        except (FrontdeskError, ConnectionError) as fault:
            log.warning("a call ended: %s", fault)
        except Exception:
            log.exception("a call ended by a fault of ours")
        finally:
            writer.close()


async def _listen(reader: asyncio.StreamReader, parser: Parser, session: Session) -> None:
    try:
        while data := await reader.read(_CHUNK):
            session.feed(parser.feed(data))
    except (PeerError, ConnectionError) as fault:
        log.warning("AGI: %s", fault)
    finally:
        session.lost()


def _checked(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a channel variable")
    return name
