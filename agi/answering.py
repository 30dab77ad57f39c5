"""What one process does that answers calls: the desk with its lines, and the servers that Asterisk connects to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from agi.ari_line import AriLine
from agi.ari_server import AriServer
from agi.ari_settings import AriSettings, media_of
from agi.line import AsteriskLine
from agi.reload import Reloader
from agi.server import AsteriskServer
from agi.settings import AsteriskSettings
from engine.actions.store import open_store
from engine.call.desk import Busy, Desk, DeskSettings, NoSuchLine
from engine.check.report import check_reading
from engine.errors import AuthorError, Finding, SettingsError
from engine.flow.model import Flow
from engine.settings import Settings, read_line

log = logging.getLogger(__name__)

DAY: Final = 24 * 3600.0
SPARE: Final = 10
"""Sessions beyond the limit of calls, so that one call too many hears from the desk and not from a closed port."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which of several processes this one is, counted from 1; `sound` are the hashes of flows that were found sound,
    so that each process need not prove it again."""

    number: int = 1
    of: int = 1
    sound: frozenset[str] = frozenset()

    @property
    def first(self) -> bool:
        """Whether this one does what must be done once: clearing up, and telling of reloads."""
        return self.number == 1


@dataclass(frozen=True, slots=True)
class Answering:
    """A process that answers; `server.adopt` gives it a call that came in elsewhere, `ari` is there where calls come
    over ARI too."""

    desk: Desk
    server: AsteriskServer
    ari: AriServer | None = None

    @property
    def calls(self) -> int:
        """Calls at this moment, over every way in."""
        return self.server.calls + (self.ari.calls if self.ari is not None else 0)

    async def finish(self, grace: float, hurry: asyncio.Event) -> None:
        """Takes no more calls and lets those that run finish for `grace` seconds, or until `hurry` is set; the rest go
        to the dialplan's safety net."""
        stopping = asyncio.create_task(self._stop(grace))
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait({stopping, hurried}, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not stopping.done():
            await self._stop()
        await stopping

    async def _stop(self, grace: float = 0.0) -> None:
        """The sound of calls over ARI may come to the server, which therefore goes last."""
        both = (self.server.finish(grace), *((self.ari.stop(grace),) if self.ari is not None else ()))
        await asyncio.gather(*both)
        await self.server.stop()


def load_lines(settings: Settings, sound: Collection[str] = ()) -> dict[str, Flow]:
    """The flow of every line. Raises AuthorError with all findings where one has errors: it never starts a call. Flows
    with one of the `sound` hashes are not checked again."""
    if not settings.lines:
        raise SettingsError(
            "no line is set up: write `lines: {trattoria: {flow: trattoria, numbers: [100]}}` in frontdesk.yaml"
        )
    flows: dict[str, Flow] = {}
    errors: dict[Finding, None] = {}
    for name, line in settings.lines.items():
        reading = read_line(line)
        if reading.flow is not None and reading.flow.hash in sound:
            flows[name] = reading.flow
            continue
        report = check_reading(reading, time.perf_counter)
        if report.sound and reading.flow is not None:
            flows[name] = reading.flow
        errors.update(dict.fromkeys(found for found in report.findings if found.severity == "error"))
    if errors:
        raise AuthorError(tuple(errors))
    return flows


def asterisk_settings(settings: Settings, share: Share = Share()) -> AsteriskSettings:
    """What the Asterisk door needs; each process has an AudioSocket port of its own, one above the other."""
    ours = settings.asterisk
    port, address = ours.audiosocket.port, ours.audiosocket_address
    host, _, away = (address or "").rpartition(":")
    return AsteriskSettings(
        agi_host=ours.agi.host,
        agi_port=ours.agi.port,
        audio_host=ours.audiosocket.host,
        audio_port=port + share.number - 1 if port else 0,
        audio_address=f"{host}:{int(away) + share.number - 1}" if address else None,
        secret=ours.secret,
        allow=ours.allow,
        calls=settings.most_calls + SPARE,
        people_context=ours.people_context,
        hold=ours.hold,
        scripts=settings.outside.scripts,
    )


def desk_settings(settings: Settings, share: Share = Share()) -> DeskSettings:
    """What the desk needs; the processes of the recogniser are divided among those that answer."""
    listening = settings.speech.listening
    return DeskSettings(
        recordings=settings.recordings,
        people=settings.people,
        most_calls=settings.most_calls,
        longest_call=settings.longest_call,
        keep=settings.keep,
        listening=replace(listening, workers=-(-listening.workers // share.of)),
        voice=settings.speech.voice,
        voices=settings.speech.voices,
        xtts=settings.speech.xtts,
        cache=settings.speech.cache,
        model=settings.model,
        traces=settings.traces,
        outside=settings.outside,
    )


def ari_settings(settings: Settings, share: Share = Share()) -> AriSettings | None:
    """What the way in over ARI needs; None where it is not used. Each of several processes answers as an application of
    its own. SettingsError for what cannot be used."""
    ours = settings.asterisk.ari
    if ours is None:
        return None
    ari = AriSettings(
        ours.url,
        user=ours.user,
        password=ours.password,
        app=ours.app if share.of == 1 else f"{ours.app}-process-{share.number}",
        media=media_of(ours.media),
        rate=ours.rate,
        ca_file=ours.ca_file,
        calls=settings.most_calls + SPARE,
    )
    ari.check()
    return ari


def on_call(desk: Desk) -> Callable[[AsteriskLine | AriLine, str, Sequence[str]], Any]:
    """What happens with each call of Asterisk: the line that its path names answers it."""

    async def answer(line: AsteriskLine | AriLine, path: str, _: Sequence[str]) -> None:
        if path not in desk.lines:
            raise NoSuchLine(f"Asterisk asks for {path!r}; there is {', '.join(sorted(desk.lines))}")
        if desk.full:
            raise Busy("as many calls as this server takes are running")
        await line.answer()
        await desk.answer(line, path)

    return answer


def settle_memory() -> None:
    """Takes what lives as long as the process (flows, machines, modules) out of the sight of the garbage
    collector: a full collection would hold up every call, for a quarter of a second when it was measured."""
    gc.collect()
    gc.freeze()


@contextlib.asynccontextmanager
async def answering(
    settings: Settings,
    announce: Callable[[str], None],
    reload: asyncio.Event,
    share: Share = Share(),
    listener: socket.socket | None = None,
    came: Callable[[str], None] | None = None,
) -> AsyncIterator[Answering]:
    """Answers calls while the body runs. Flows are read again when their files change, and at once when `reload` is
    set. With a `listener` for AudioSocket it binds no port, and takes the calls that it is given;
    `came` is told of the channel of each that comes over ARI."""
    flows = load_lines(settings, share.sound)
    with open_store(settings.database, settings.recordings) as store:
        desk = Desk(desk_settings(settings, share), flows, store, lambda: datetime.now().astimezone())
        ours = asterisk_settings(settings, share)
        server = AsteriskServer(ours, on_call(desk))
        over = ari_settings(settings, share)
        say = announce if share.of == 1 else log.info  # of several processes, the supervisor says where calls lead
        ari = AriServer(over, ours, server.sounds, on_call(desk), say, came) if over is not None else None
        work: list[asyncio.Task[None]] = []
        try:
            await (server.start() if listener is None else server.start_sound(listener))
            await desk.warm()
            settle_memory()
            if ari is not None:
                await ari.start()
            work.append(asyncio.create_task(Reloader(settings.lines, desk, announce).watch(reload)))
            work.append(asyncio.create_task(desk.follow_orders()))
            if share.first:
                work.append(asyncio.create_task(_purge_daily(desk)))
            yield Answering(desk, server, ari)
        finally:
            for task in work:
                task.cancel()
            if ari is not None:
                await ari.stop()
            await server.stop()
            await desk.close()


async def _purge_daily(desk: Desk) -> None:
    while True:
        await desk.purge()
        await asyncio.sleep(DAY)
