"""`frontdesk serve`: answers Asterisk's calls, and says over HTTP how it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click
from starlette.applications import Starlette

from agi.answering import answering
from agi.logs import log_to_stderr
from agi.safety import check_safety
from agi.supervisor import supervising
from agi.web import web_app, who_may_look
from engine.actions.store import open_store
from engine.settings import Address, Settings, load_settings
from engine.web import open_console, refusal, serving_web

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What signals tell: SIGTERM and SIGINT to stop, a second one to stop at once, SIGHUP to read flows again."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    reload: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        """A signal to stop has come."""
        (self.hurry if self.stop.is_set() else self.stop).set()


async def serve(settings: Settings, announce: Callable[[str], None], told: Told) -> None:
    """Answers calls until it is told to stop; then takes no more and lets those that run finish."""
    check_safety(settings)
    await (_serve_alone if settings.processes == 1 else _serve_by_many)(settings, announce, told)


async def _serve_alone(settings: Settings, announce: Callable[[str], None], told: Told) -> None:
    async with answering(settings, announce, told.reload) as here:
        desk, ready = here.desk, {"ready": True}

        def state() -> dict[str, object]:
            return {**ready, "calls": desk.running, "lines": sorted(desk.lines)}

        pages = web_app(state, desk.metrics.render, who_may_look(settings))
        async with _serving(pages, settings, announce) as web:
            _announce(settings, here.server.agi_port, str(here.server.audio_port), web, announce)
            await told.stop.wait()
            ready["ready"] = False
            announce(_stopping(desk.running, settings.drain))
            await here.finish(settings.drain, told.hurry)


async def _serve_by_many(settings: Settings, announce: Callable[[str], None], told: Told) -> None:
    async with (
        supervising(settings, announce) as here,
        _serving(web_app(here.ready, here.metrics, who_may_look(settings)), settings, announce) as web,
    ):
        _announce(settings, here.agi_port, f"{here.audio_ports[0]} to {here.audio_ports[-1]}", web, announce)
        reloading = asyncio.create_task(_pass_on(told.reload, here.reload))
        await told.stop.wait()
        reloading.cancel()
        announce(_stopping(here.calls, settings.drain))
        await here.finish(settings.drain, told.hurry)


@contextlib.asynccontextmanager
async def _serving(pages: Starlette, settings: Settings, announce: Callable[[str], None]) -> AsyncIterator[Address]:
    """Serves the pages of machines, and the console where it may be served, with a database connection of its own."""
    refused = refusal(settings)
    with open_store(settings.database, settings.recordings) as store:
        if refused is None:
            console = open_console(settings, store, lambda: datetime.now().astimezone())
            pages.mount("/", console)
            pages.state.stopping = console.state.stopping
        else:
            announce(f"console      off: {refused}")
        async with serving_web(pages, settings) as web:
            if refused is None:
                announce(f"console      {'https' if settings.console.certificate else 'http'}://{web}/")
            yield web


async def _pass_on(event: asyncio.Event, to: Callable[[], None]) -> None:
    while True:
        await event.wait()
        event.clear()
        to()


def _stopping(calls: int, drain: float) -> str:
    return f"stopping: {calls} calls may go on for {drain:g} s; a second signal ends them now"


def _announce(settings: Settings, agi: int, audio: str, web: Address, announce: Callable[[str], None]) -> None:
    ours = settings.asterisk
    announce(f"FastAGI      {ours.agi.host}:{agi}")
    announce(f"AudioSocket  {ours.audiosocket.host}:{audio}")
    announce(f"web          http://{web}/healthz")
    if settings.processes > 1:
        announce(f"processes    {settings.processes} answer calls")
    if settings.model is not None:
        announce(f"model        {settings.model.url} is asked for what is not understood without it")
    for line in settings.lines.values():
        numbers = ", ".join(line.numbers) or "no number: see `frontdesk dialplan`"
        announce(f"line         {line.name} ({numbers}) answers with {line.flow}{_in(line.language)}")


def _in(language: str | None) -> str:
    return f" in {language}" if language else ""


async def _until_told(settings: Settings, announce: Callable[[str], None]) -> None:
    told = Told()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.end)
    loop.add_signal_handler(signal.SIGHUP, told.reload.set)
    await serve(settings, announce, told)


@click.command("serve")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file; default ./frontdesk.yaml.")
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
def command(config: Path | None, verbose: bool) -> None:
    """Answer calls of Asterisk with the lines of a settings file.

    A flow whose files change is checked and then answers the next call; one with errors is refused. SIGHUP reads all
    flows again at once. SIGTERM takes no more calls and lets those that run finish; a second one ends them.

    \b
    frontdesk serve --config frontdesk.yaml
    """
    log_to_stderr(logging.INFO if verbose else logging.WARNING)
    asyncio.run(_until_told(load_settings(config), click.echo))
