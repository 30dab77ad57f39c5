"""Where calls arrive: reads each AGI request with a limit and a deadline, and gives the connection to whoever answers.

It holds a connection for the milliseconds until its request is complete, so that one process can keep watch over who
comes in, and another can hold the call.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Callable
from typing import Final, TypeAlias, cast

from agi.gate import Gate
from agi.net.listening import opened, port_of
from agi.net.refusals import Refusals
from agi.wire.fastagi import Parser, Request
from engine.errors import PeerError

LONGEST_HEAD: Final = 65536
"""Bytes of a request block; Asterisk sends about one kilobyte."""
MOST_WAITING: Final = 256
"""Connections at a time whose request is not complete."""
MOST_FROM_ONE: Final = 128
"""The same from one address; the burst of calls of one Asterisk is smaller."""

Deliver: TypeAlias = Callable[[socket.socket, bytes, Request], None]
"""Takes a connection with the bytes that were read from it. It owns the socket from then on; PeerError refuses the
call, and the lobby closes it."""


class Lobby:
    """Listens for FastAGI. Without a `gate` everybody may come in (of use in tests)."""

    def __init__(
        self, host: str, port: int, deliver: Deliver, *, gate: Gate | None = None, request_within: float = 5.0
    ) -> None:
        self.port = port
        """The port that it listens on; where port 0 asked for any, the one that it got."""
        self.refusals = Refusals()
        self._host, self._deliver, self._gate = host, deliver, gate
        self._within = request_within
        self._waiting: dict[asyncio.Transport, str] = {}
        self._from: Counter[str] = Counter()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Binds the port; SettingsError where that is not possible."""
        loop = asyncio.get_running_loop()
        starting = loop.create_server(lambda: _Visitor(self, self._within), self._host, self.port, backlog=1024)
        self._server = await opened(starting, "FastAGI", self._host, self.port)
        self.port = port_of(self._server)

    def stop(self) -> None:
        """Takes no more connections, and closes those whose request is not complete."""
        if self._server is not None:
            self._server.close()
        for transport in tuple(self._waiting):
            transport.abort()

    # what a visitor asks

    def enters(self, transport: asyncio.Transport) -> bool:
        """Counts a new connection; false for one that may not stay."""
        source = str((transport.get_extra_info("peername") or ("?",))[0])
        if self._gate is not None and not self._gate.lets_in(source):
            self.refusals.note(f"FastAGI: {source} is not among the addresses of `asterisk.allow`")
            return False
        if len(self._waiting) >= MOST_WAITING or self._from[source] >= MOST_FROM_ONE:
            self.refusals.note(f"FastAGI: too many connections of {source} have not said what they want")
            return False
        self._waiting[transport] = source
        self._from[source] += 1
        return True

    def leaves(self, transport: asyncio.Transport) -> None:
        """The connection is gone, or somebody else's."""
        source = self._waiting.pop(transport, None)
        if source is not None:
            self._from[source] -= 1
            if not self._from[source]:
                del self._from[source]

    def hand_over(self, transport: asyncio.Transport, head: bytes, request: Request) -> None:
        """Gives the connection on, or closes it."""
        self.leaves(transport)
        theirs: socket.socket | None = None
        try:
            if self._gate is not None:
                self._gate.admit(request)
            theirs = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
            self._deliver(theirs, head, request)
        except (PeerError, OSError) as fault:
            self.refusals.note(str(fault))
            if theirs is not None:
                theirs.close()
        finally:
            transport.abort()  # closes our end of it alone: the other process, or the other handle, has its own


class _Visitor(asyncio.Protocol):
    """One connection until its request is complete."""

    def __init__(self, lobby: Lobby, within: float) -> None:
        self._lobby, self._within = lobby, within
        self._parser, self._head = Parser(), bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._deadline = asyncio.get_running_loop().call_later(self._within, self._late)
        if not self._lobby.enters(self._transport):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._head += data
        try:
            if len(self._head) > LONGEST_HEAD:
                raise PeerError(f"the AGI peer sent a request block of more than {LONGEST_HEAD} bytes")
            request = next((found for found in self._parser.feed(data) if isinstance(found, Request)), None)
        except PeerError as fault:
            self._lobby.refusals.note(str(fault))
            self._transport.abort()
            return
        if request is not None:
            self._deadline.cancel()
            self._transport.pause_reading()
            self._lobby.hand_over(self._transport, bytes(self._head), request)

    def connection_lost(self, _: Exception | None) -> None:
        self._deadline.cancel()
        self._lobby.leaves(self._transport)

    def _late(self) -> None:
        self._lobby.refusals.note(f"a connection sent no AGI request within {self._within:g} s")
        self._transport.abort()
