"""What `serve` says over HTTP: whether it lives, whether it takes calls, and its metrics."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agi.gate import is_loopback
from engine.settings import Address, Settings
from engine.watch.metrics import CONTENT_TYPE

UNKNOWN: Final = """\
Metrics are given to other machines with a token alone: write `metrics: {token_file: metrics.token}` in frontdesk.yaml,
and let Prometheus send it (`authorization: {credentials_file: ...}`).
"""


def web_app(
    ready: Callable[[], Mapping[str, Any]], metrics_of: Callable[[], bytes], allowed: Callable[[Request], bool]
) -> Starlette:
    """`/healthz` (the process lives), `/readyz` (it takes calls), `/metrics` (for Prometheus). Whoever is not `allowed`
    learns only whether it lives and takes calls."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        state = ready()
        shown = dict(state) if allowed(request) else {"ready": state["ready"]}
        return JSONResponse(shown, 200 if state["ready"] else 503)

    async def metrics(request: Request) -> Response:
        if not allowed(request):
            return PlainTextResponse(UNKNOWN, 401, {"WWW-Authenticate": "Bearer"})
        return Response(metrics_of(), media_type=CONTENT_TYPE)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])


def who_may_look(settings: Settings) -> Callable[[Request], bool]:
    """Everybody where only this machine can ask; else whoever sends the token of `metrics`."""
    if is_loopback(settings.web.host):
        return lambda _: True
    expected = f"Bearer {settings.metrics_token}".encode()

    def knows(request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return bool(settings.metrics_token) and hmac.compare_digest(given, expected)

    return knows


def bound(address: Address) -> socket.socket:
    """A listening TCP socket; OSError where it cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.create_server((address.host, address.port), family=family, backlog=1024)
    # asyncio does this only for sockets that name TCP as their protocol.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    return listener
