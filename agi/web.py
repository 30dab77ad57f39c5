"""What `serve` says over HTTP: whether it lives, whether it takes calls, and its metrics."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from engine.settings import Address
from engine.watch.metrics import CONTENT_TYPE


def web_app(ready: Callable[[], Mapping[str, Any]], metrics_of: Callable[[], bytes]) -> Starlette:
    """`/healthz` (the process lives), `/readyz` (it takes calls), `/metrics` (for Prometheus)."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        state = ready()
        return JSONResponse(dict(state), 200 if state["ready"] else 503)

    async def metrics(_: Request) -> Response:
        return Response(metrics_of(), media_type=CONTENT_TYPE)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])


def bound(address: Address) -> socket.socket:
    """A listening TCP socket; OSError where it cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.create_server((address.host, address.port), family=family, backlog=1024)
    listener.setblocking(False)
    return listener
