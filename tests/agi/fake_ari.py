"""A fake of Asterisk's web server with ARI: notes what it is asked, and sends the events that it is given."""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from agi.ari_settings import AriSettings

SOON = 5.0
LEFT = {"channel_ids": ["9.9", "9.9;2", "frontdesk-sound-" + "0" * 24], "bridge_ids": ["frontdesk-bridge-" + "0" * 24]}


@dataclass
class FakeAsterisk:
    """Knows frontdesk by `password`; notes what it is asked, and ends connections of events when told to."""

    password: str = "right"
    asked: list[str] = field(default_factory=list)
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of the last request for each path."""
    connections: int = 0
    port: int = 0
    end: asyncio.Event = field(default_factory=asyncio.Event)
    send: Callable[[str], Awaitable[None]] | None = None
    """Gives an event to whoever is connected."""

    def app(self) -> Starlette:
        async def rest(request: Request) -> Response:
            self.asked.append(f"{request.method} {request.url.path}")
            self.parameters[request.url.path] = dict(request.query_params)
            if request.headers.get("authorization") != self._login:
                return Response(status_code=401)
            if "/asterisk/modules/" in request.url.path:
                return JSONResponse({"message": "not found"}, 404)
            return JSONResponse(LEFT if request.method == "GET" else {})

        async def events(connection: WebSocket) -> None:
            if connection.headers.get("authorization") != self._login:
                await connection.close()
                return
            await connection.accept()
            self.connections += 1
            self.send = connection.send_text
            await connection.send_text("this is no event")
            self.end.clear()
            await self.end.wait()
            await connection.close()

        anything = Route("/ari/{path:path}", rest, methods=["GET", "POST", "PUT", "DELETE"])
        return Starlette(routes=[WebSocketRoute("/ari/events", events), anything])

    @property
    def _login(self) -> str:
        return "Basic " + b64encode(f"frontdesk:{self.password}".encode()).decode()


@asynccontextmanager
async def fake_asterisk(certificate: Path | None = None) -> AsyncIterator[FakeAsterisk]:
    fake, listener = FakeAsterisk(), socket.create_server(("127.0.0.1", 0))
    tls = {"ssl_certfile": certificate, "ssl_keyfile": certificate.with_suffix(".key")} if certificate else {}
    config = uvicorn.Config(fake.app(), log_level="critical", lifespan="off", ws="websockets-sansio", **tls)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    fake.port = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield fake
    finally:
        fake.end.set()
        server.should_exit = True
        await asyncio.wait({serving}, timeout=SOON)
        listener.close()


def settings_of(fake: FakeAsterisk, scheme: str = "http") -> AriSettings:
    return AriSettings(f"{scheme}://127.0.0.1:{fake.port}", password="right", answer_within=2.0)


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something is so; fails after a while."""
    async with asyncio.timeout(SOON):
        while not holds():
            await asyncio.sleep(0.01)
