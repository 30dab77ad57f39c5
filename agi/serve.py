"""`frontdesk serve`: answers Asterisk's calls, and says over HTTP how it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agi.line import AsteriskLine
from agi.reload import Reloader
from agi.server import AsteriskServer
from agi.settings import AsteriskSettings
from engine.actions.store import open_store
from engine.call.desk import Busy, Desk, DeskSettings, NoSuchLine
from engine.check.report import check_reading
from engine.errors import AuthorError, Finding, SettingsError
from engine.flow.model import Flow
from engine.settings import Address, Settings, load_settings, read_line
from engine.watch.metrics import CONTENT_TYPE

log = logging.getLogger(__name__)

DAY = 24 * 3600.0


def load_lines(settings: Settings) -> dict[str, Flow]:
    """The flow of every line. Raises AuthorError with all findings where one has errors: it never starts a call."""
    if not settings.lines:
        raise SettingsError(
            "no line is set up: write `lines: {trattoria: {flow: trattoria, numbers: [100]}}` in frontdesk.yaml"
        )
    flows: dict[str, Flow] = {}
    errors: dict[Finding, None] = {}
    for name, line in settings.lines.items():
        reading = read_line(line)
        report = check_reading(reading, time.perf_counter)
        if report.sound and reading.flow is not None:
            flows[name] = reading.flow
        errors.update(dict.fromkeys(found for found in report.findings if found.severity == "error"))
    if errors:
        raise AuthorError(tuple(errors))
    return flows


def asterisk_settings(settings: Settings) -> AsteriskSettings:
    ours = settings.asterisk
    return AsteriskSettings(
        agi_host=ours.agi.host,
        agi_port=ours.agi.port,
        audio_host=ours.audiosocket.host,
        audio_port=ours.audiosocket.port,
        audio_address=ours.audiosocket_address,
        secret=ours.secret,
        calls=settings.most_calls + 10,
        people_context=ours.people_context,
    )


def desk_settings(settings: Settings) -> DeskSettings:
    return DeskSettings(
        recordings=settings.recordings,
        people=settings.people,
        ring=settings.asterisk.ring,
        most_calls=settings.most_calls,
        keep_days=settings.keep_days,
        listening=settings.speech.listening,
        voice=settings.speech.voice,
        voices=settings.speech.voices,
        cache=settings.speech.cache,
        model=settings.model,
        traces=settings.traces,
    )


def on_call(desk: Desk) -> Callable[[AsteriskLine, str, Sequence[str]], Any]:
    """What happens with each call of Asterisk: the line that its path names answers it."""

    async def answer(line: AsteriskLine, path: str, _: Sequence[str]) -> None:
        if path not in desk.lines:
            raise NoSuchLine(f"Asterisk asks for {path!r}; there is {', '.join(sorted(desk.lines))}")
        if desk.full:
            raise Busy("as many calls as this server takes are running")
        await line.answer()
        await desk.answer(line, path)

    return answer


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


@contextlib.asynccontextmanager
async def serving_web(app: Starlette, address: Address) -> AsyncIterator[Address]:
    """Serves the pages while the body runs, and gives the address; SettingsError where the port is taken."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    try:
        listener = _bind(address)
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


def _bind(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.create_server((address.host, address.port), family=family)
    listener.setblocking(False)
    return listener


async def serve(
    settings: Settings, announce: Callable[[str], None], stop: asyncio.Event, reload: asyncio.Event
) -> None:
    """Answers calls until `stop` is set; then takes no more and lets those that run finish. Flows are read again when
    their files change, and at once when `reload` is set."""
    flows = load_lines(settings)
    with open_store(settings.database, settings.recordings) as store:
        desk = Desk(desk_settings(settings), flows, store, lambda: datetime.now().astimezone())
        server = AsteriskServer(asterisk_settings(settings), on_call(desk))
        try:
            await server.start()
            await desk.warm()
            ready = {"ready": True}
            app = web_app(lambda: {**ready, "calls": desk.running, "lines": sorted(desk.lines)}, desk.metrics.render)
            async with serving_web(app, settings.web) as web:
                _announce(settings, server, web, announce)
                watching = asyncio.create_task(Reloader(settings.lines, desk, announce).watch(reload))
                purging = asyncio.create_task(_purge_daily(desk))
                await stop.wait()
                ready["ready"] = False
                announce(f"stopping: {desk.running} calls may go on for {settings.drain:g} s")
                watching.cancel()
                purging.cancel()
                await server.stop(settings.drain)
        finally:
            await desk.close()


def _announce(settings: Settings, server: AsteriskServer, web: Address, announce: Callable[[str], None]) -> None:
    ours = settings.asterisk
    announce(f"FastAGI      {ours.agi.host}:{server.agi_port}")
    announce(f"AudioSocket  {ours.audiosocket.host}:{server.audio_port}")
    announce(f"web          http://{web}/healthz")
    if settings.model is not None:
        announce(f"model        {settings.model.url} is asked for what is not understood without it")
    for line in settings.lines.values():
        numbers = ", ".join(line.numbers) or "no number: see `frontdesk dialplan`"
        announce(f"line         {line.name} ({numbers}) answers with {line.flow}{_in(line.language)}")


def _in(language: str | None) -> str:
    return f" in {language}" if language else ""


async def _purge_daily(desk: Desk) -> None:
    while True:
        await desk.purge()
        await asyncio.sleep(DAY)


async def _until_told(settings: Settings, announce: Callable[[str], None]) -> None:
    stop, reload = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    await serve(settings, announce, stop, reload)


@click.command("serve")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file; default ./frontdesk.yaml.")
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
def command(config: Path | None, verbose: bool) -> None:
    """Answer calls of Asterisk with the lines of a settings file.

    A flow whose files change is checked and then answers the next call; one with errors is refused. SIGHUP reads all
    flows again at once.

    \b
    frontdesk serve --config frontdesk.yaml
    """
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_until_told(load_settings(config), click.echo))
