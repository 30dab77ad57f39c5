"""A relay between us and Asterisk whose connections can be cut, chosen by how they begin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

Chosen: TypeAlias = Callable[[bytes], bool]
"""Whether a connection is meant, by the first bytes that came over it."""


class Relay:
    """Passes everything on to `port` of this machine; `url` is where it is reached itself."""

    def __init__(self, port: int) -> None:
        self.url = ""
        self._port = port
        self._open: list[tuple[bytes, asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._shut: Chosen = lambda head: False

    def cut(self, chosen: Chosen) -> None:
        """Ends these connections; new ones may come."""
        for head, here, there in self._open:
            if chosen(head):
                here.close()
                there.close()

    def shut(self, chosen: Chosen) -> None:
        """Ends these connections, and takes none of their kind until `open`."""
        self._shut = chosen
        self.cut(chosen)

    def open(self) -> None:
        self._shut = lambda head: False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.read(4096)
        if not head or self._shut(head):
            writer.close()
            return
        beyond, away = await asyncio.open_connection("127.0.0.1", self._port)
        self._open.append((head, writer, away))
        away.write(head)
        await asyncio.gather(_pass_on(reader, away), _pass_on(beyond, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(4096):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def relay_to(port: int) -> AsyncIterator[Relay]:
    relay = Relay(port)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield relay
    finally:
        server.close()
        relay.cut(lambda head: True)
