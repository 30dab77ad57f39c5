"""The web address of a server: the console with all that it needs of other rooms, and who may reach it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import uvicorn
from starlette.applications import Starlette

from engine.actions.archive import FlowRow
from engine.actions.store import Store
from engine.console.app import console
from engine.console.followings import Followings
from engine.console.lines import Lines
from engine.console.parts import ConsoleParts
from engine.console.shelves import Shelves
from engine.console.speaker import Speaker
from engine.errors import SettingsError
from engine.flow.model import Flow
from engine.retelling import Retelling
from engine.settings import Address, Settings
from engine.simulate.kept import flow_of
from engine.workbench import WORKBENCH


def open_console(settings: Settings, store: Store, clock: Callable[[], datetime]) -> Starlette:
    """The console of a server. `clock` gives aware moments. Raises SettingsError where it may not be served at the
    address of the settings."""
    refused = refusal(settings)
    if refused is not None:
        raise SettingsError(refused)
    return console(console_parts(settings, store, clock))


def console_parts(settings: Settings, store: Store, clock: Callable[[], datetime]) -> ConsoleParts:
    """What the console works with."""
    secure = settings.console.certificate is not None or settings.console.behind_proxy is not None
    lines, shelves = Lines(settings.lines), Shelves(settings)
    return ConsoleParts(
        settings,
        store,
        clock,
        lines,
        Followings(store, _flow_of),
        Retelling(store),
        secure,
        shelves=shelves,
        workbench=WORKBENCH,
        speaker=Speaker(settings.speech),
    )


def _flow_of(version: FlowRow, language: str, variant: str | None) -> Flow:
    flow, _ = flow_of(version, language, variant)
    return flow


def refusal(settings: Settings) -> str | None:
    """Why the console may not be served at this address, and what to do; None where it may: on this machine alone, or
    by HTTPS. Passwords and what callers said never go over a network in the clear."""
    ours = settings.console
    if _is_loopback(settings.web.host) or ours.certificate is not None or ours.behind_proxy is not None:
        return None
    return (
        f"the console is not served at {settings.web}, where others could read along: set `web: 127.0.0.1:"
        f"{settings.web.port}`, or give it HTTPS by `console: {{certificate: ..., key: ...}}`, or name the HTTPS proxy "
        "before it by `console: {behind_proxy: ADDRESS}`"
    )


class _Server(uvicorn.Server):
    """Tells the application before it waits for what is still open."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._stopping is not None:
            self._stopping()
        await super().shutdown(sockets)


def web_server(app: Starlette, settings: Settings) -> uvicorn.Server:
    """A server for an application at the web address, by HTTPS where the settings have a certificate. Who a visitor is,
    is taken from headers of the settings' proxy alone. When it begins to stop, it calls the application's
    `state.stopping`, if there is one."""
    ours = settings.console
    config = uvicorn.Config(
        app,
        log_level="warning",
        lifespan="off",
        server_header=False,
        proxy_headers=ours.behind_proxy is not None,
        forwarded_allow_ips=ours.behind_proxy or "",
        ssl_certfile=ours.certificate,
        ssl_keyfile=ours.key,
        timeout_graceful_shutdown=2,
        ws_max_size=1_000_000,
        h11_max_incomplete_event_size=65_536,
    )
    return _Server(config, getattr(app.state, "stopping", None))


@contextlib.asynccontextmanager
async def serving_web(app: Starlette, settings: Settings) -> AsyncIterator[Address]:
    """Serves an application at the web address while the body runs, and gives the address; SettingsError where the
    port is taken."""
    server = web_server(app, settings)
    # Signals are for whoever runs the body: uvicorn would take SIGTERM for itself, and send it once more at its end.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    with web_socket(settings) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Address(settings.web.host, listener.getsockname()[1])
        finally:
            server.should_exit = True
            await asyncio.wait({task}, timeout=5)


def web_socket(settings: Settings) -> socket.socket:
    """Listens at the web address; raises SettingsError where the port is taken."""
    address = settings.web
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listener = socket.create_server((address.host, address.port), family=family, backlog=1024)
    except OSError as fault:
        raise SettingsError(
            f"port {address.port} for the web pages is taken: is another frontdesk running? "
            f"Stop it, or set `web:` to another address ({fault.strerror})"
        ) from fault
    # asyncio does this for sockets alone that name TCP as their protocol; without it each answer comes 40 ms late.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    return listener


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
