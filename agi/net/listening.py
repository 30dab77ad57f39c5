"""Opens a TCP port, or says plainly why it cannot."""

from __future__ import annotations

import errno
from asyncio import Server
from collections.abc import Awaitable

from engine.errors import SettingsError


async def opened(server: Awaitable[Server], what: str, host: str, port: int) -> Server:
    """Awaits a server that is being made; SettingsError names the port and what to do."""
    try:
        return await server
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"port {port} is taken: is another frontdesk running? Stop it, or set another port for {what}"
            ) from fault
        raise SettingsError(f"{what} cannot listen on {host}:{port}: {fault.strerror or fault}") from fault


def port_of(server: Server) -> int:
    """The port that a server listens on; of use where port 0 asked for any."""
    return int(server.sockets[0].getsockname()[1])
