"""What `serve` says over HTTP: whether it lives, whether it takes calls, and its metrics."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from engine.errors import SettingsError
from engine.settings import Address
from engine.watch.metrics import CONTENT_TYPE


def web_app(
    ready: Callable[[], Mapping[str, Any]], metrics_of: Callable[[], bytes], more: Sequence[BaseRoute] = ()
) -> Starlette:
    """`/healthz` (the process lives), `/readyz` (it takes calls), `/metrics` (for Prometheus), and `more` pages."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        state = ready()
        return JSONResponse(dict(state), 200 if state["ready"] else 503)

    async def metrics(_: Request) -> Response:
        return Response(metrics_of(), media_type=CONTENT_TYPE)

    ours = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=[*ours, *more])


@contextlib.asynccontextmanager
async def serving_web(app: Starlette, address: Address) -> AsyncIterator[Address]:
    """Serves the pages while the body runs, and gives the address; SettingsError where the port is taken."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", server_header=False))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    try:
        listener = bound(address)
    except OSError as fault:
        raise SettingsError(
            f"port {address.port} for the web pages is taken: is another frontdesk running? "
            f"Stop it, or set `web:` to another address ({fault.strerror})"
        ) from fault
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield Address(address.host, listener.getsockname()[1])
    finally:
        server.should_exit = True
        await asyncio.wait({task}, timeout=5)
        listener.close()


def bound(address: Address) -> socket.socket:
    """A listening TCP socket; OSError where it cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.create_server((address.host, address.port), family=family, backlog=1024)
    listener.setblocking(False)
    return listener
