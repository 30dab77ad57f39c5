"""The AudioSocket server: the sound of calls that the control leg announced; all others are closed at once."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Final, TypeAlias, cast
from uuid import UUID, uuid4

from agi.gate import Gate
from agi.net.listening import opened, port_of
from agi.net.refusals import Refusals
from agi.wire.audiosocket import Audio, End, Error, Id, Key, Message, Parser, encode
from engine.errors import PeerError

log = logging.getLogger(__name__)

STALLED_AT: Final = 32768
"""Bytes that wait to be sent, two seconds of sound: the peer reads no more."""

Sink: TypeAlias = Callable[[Audio | Key | None], None]
"""Takes what arrives, in order; None once, at the end of the connection."""


class Leg:
    """One call's sound; never raises because the other side is gone."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def send(self, samples: bytes, rate: int = 8000) -> None:
        """Sends one frame at once, header and payload in one write; it is dropped where the connection is closing."""
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > STALLED_AT:
            log.warning("AudioSocket: the peer reads no more, its connection is closed")
            self._transport.abort()
            return
        self._transport.write(encode(Audio(samples, rate)))

    def release(self) -> None:
        """Gives the channel back to the session that lent it."""
        if not self._transport.is_closing():
            self._transport.write(encode(End()))
            self._transport.close()


    def refuse(self) -> None:
        """Ends the AudioSocket application of that channel with a failure, which its dialplan can tell from an end."""
        if not self._transport.is_closing():
            self._transport.write(encode(Error(b"")))
            self._transport.close()


class Ticket:
    """The announcement of one connection: its id, used once, and the leg once it is there."""

    def __init__(self, sink: Sink) -> None:
        self.id: UUID = uuid4()
        self.sink = sink
        self.leg: asyncio.Future[Leg] = asyncio.get_running_loop().create_future()


class AudioSocketServer:
    """Listens for Asterisk's AudioSocket connections; ids expire `sound_within` seconds after `expect`. Of one address
    at most `nameless` connections may be open that have not said their id. Without a `gate`, everybody may connect."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sound_within: float = 5.0,
        connections: int = 400,
        id_within: float = 2.0,
        nameless: int = 128,
        gate: Gate | None = None,
    ) -> None:
        self.port = port
        """The port that it listens on; where port 0 asked for any, the one that it got."""
        self.id_within = id_within
        self.refusals = Refusals()
        self._gate, self._most_nameless = gate, nameless
        self._nameless: dict[asyncio.Transport, str] = {}
        """Connections without an id so far, and where they come from."""
        self._host, self._port = host, port
        self._sound_within, self._limit = sound_within, connections
        self._tickets: dict[UUID, Ticket] = {}
        self._open: set[asyncio.Transport] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket | None = None) -> None:
        """Binds the port, or listens on a socket that is bound already; SettingsError where that is not possible."""
        loop = asyncio.get_running_loop()
        if listener is None:
            starting = loop.create_server(lambda: _Connection(self), self._host, self._port)
        else:
            starting = loop.create_server(lambda: _Connection(self), sock=listener)
        self._server = await opened(starting, "AudioSocket", self._host, self._port)
        self.port = port_of(self._server)

    def expect(self, sink: Sink, within: float | None = None) -> Ticket:
        """Announces one connection; `sink` gets what comes over it, its `leg` is cancelled if it does not come `within`
        seconds."""
        ticket = Ticket(sink)
        self._tickets[ticket.id] = ticket
        seconds = self._sound_within if within is None else within
        asyncio.get_running_loop().call_later(seconds, self._expire, ticket)
        return ticket

    def forget(self, ticket: Ticket) -> None:
        """Takes an announcement back."""
        self._expire(ticket)

    def stop(self) -> None:
        """Takes no new connections and closes those that are open."""
        if self._server is not None:
            self._server.close()
        for transport in tuple(self._open):
            transport.close()

    def admit(self, transport: asyncio.Transport) -> bool:
        """Counts a new connection; false for one that may not stay."""
        source = str((transport.get_extra_info("peername") or ("?",))[0])
        if self._gate is not None and not self._gate.lets_in(source):
            self.refusals.note(f"AudioSocket: {source} is not among the addresses of `asterisk.allow`")
            return False
        nameless = sum(1 for other in self._nameless.values() if other == source)
        if len(self._open) >= self._limit or nameless >= self._most_nameless:
            self.refusals.note(f"AudioSocket: too many connections, one more of {source} is closed")
            return False
        self._open.add(transport)
        self._nameless[transport] = source
        return True

    def discharge(self, transport: asyncio.Transport) -> None:
        """Forgets a connection that is closed."""
        self._open.discard(transport)
        self._nameless.pop(transport, None)

    def claim(self, identity: UUID, transport: asyncio.Transport) -> Ticket:
        """The ticket of an id, which is void from now on; PeerError for one that is unknown, used or expired."""
        self._nameless.pop(transport, None)
        ticket = self._tickets.pop(identity, None)
        if ticket is None or ticket.leg.done():
            raise PeerError(f"AudioSocket: id {identity} is unknown, used or expired: the connection is closed")
        return ticket

    def _expire(self, ticket: Ticket) -> None:
        if self._tickets.pop(ticket.id, None) is not None:
            ticket.leg.cancel()


class _Connection(asyncio.Protocol):
    """Bytes of one connection, on their way to the sink of its ticket."""

    def __init__(self, server: AudioSocketServer) -> None:
        self._server = server
        self._parser = Parser()
        self._sink: Sink | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio sets TCP_NODELAY on its stream sockets.
        self._transport = cast(asyncio.Transport, transport)
        self._deadline = asyncio.get_running_loop().call_later(self._server.id_within, self._transport.abort)
        if not self._server.admit(self._transport):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._parser.feed(data):
                self._take(message)
        except PeerError as fault:
            self._server.refusals.note(str(fault))
            self._transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        self._deadline.cancel()
        self._server.discharge(self._transport)
        sink, self._sink = self._sink, None
        if sink is not None:
            sink(None)

    def _take(self, message: Message) -> None:
        if isinstance(message, Id):
            if self._sink is not None:
                raise PeerError("AudioSocket: a second id on one connection")
            ticket = self._server.claim(message.id, self._transport)
            self._deadline.cancel()
            self._sink = ticket.sink
            ticket.leg.set_result(Leg(self._transport))
        elif self._sink is None:
            raise PeerError("AudioSocket: a connection did not begin with an id")
        elif isinstance(message, End):
            self._transport.close()
        elif isinstance(message, Error):
            log.warning("AudioSocket: Asterisk reports error %s", message.code.hex())
        else:
            self._sink(message)
