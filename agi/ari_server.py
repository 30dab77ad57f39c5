"""Answers calls that the dialplan's Stasis() gives us, and awaits a handler for each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from types import TracebackType
from typing import Final, TypeAlias

from agi.ari_leftovers import SETTLED_AFTER, give_back
from agi.ari_line import AriLine
from agi.ari_settings import AriSettings
from agi.ari_sound import Ways, is_ours
from agi.net.ari import Ari
from agi.net.audiosocket import AudioSocketServer
from agi.settings import AsteriskSettings
from agi.wire import ari as wire
from agi.wire.ari import Channel, Entered, Event, Replaced
from engine.errors import FrontdeskError

log = logging.getLogger(__name__)

CLOSE_WITHIN: Final = 3.0

OnCall: TypeAlias = Callable[[AriLine, str, Sequence[str]], Awaitable[None]]
"""Gets the line (not answered yet), the first argument of Stasis (`trattoria`), and the other ones."""


class AriServer:
    """When `on_call` returns, the channel goes back to the dialplan with FD_OUTCOME set; when it raises, without, so
    that the dialplan's safety net rings a person. Asterisk may be away when it starts, and go away meanwhile: calls
    that were left in our application go on in the dialplan as soon as it is back, those of ours go on being ours."""

    def __init__(
        self,
        settings: AriSettings,
        asterisk: AsteriskSettings,
        sounds: AudioSocketServer,
        on_call: OnCall,
        announce: Callable[[str], None] = log.info,
        entered: Callable[[str], None] | None = None,
    ) -> None:
        self._announce, self._entered = announce, entered
        self._settings, self._asterisk, self._sounds, self._on_call = settings, asterisk, sounds, on_call
        self._ari = Ari(settings, self._event, self._connected)
        self._ways = Ways(self._ari, settings, sounds, self._audio_address)
        self._lines: dict[str, AriLine] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._others: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._connection: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to connect, and returns at once."""
        self._connection = asyncio.get_running_loop().create_task(self._ari.run())

    async def connected(self, within: float) -> bool:
        """Whether events come, after at most so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._ari.connected.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self, grace: float = 0.0) -> None:
        """Takes no new calls, lets those that run finish for `grace` seconds; the rest go to the safety net."""
        self._stopping = True
        if self._running and grace > 0:
            await asyncio.wait(self._running, timeout=grace)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=CLOSE_WITHIN)
        if self._others:
            await asyncio.wait(self._others, timeout=CLOSE_WITHIN)
        if self._connection is not None:
            self._connection.cancel()
            await asyncio.gather(self._connection, return_exceptions=True)
        await self._ari.close()

    async def __aenter__(self) -> AriServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def calls(self) -> int:
        """Calls at this moment."""
        return len(self._lines)

    @property
    def there(self) -> bool:
        """Whether events come at this moment."""
        return self._ari.connected.is_set()

    @property
    def way(self) -> str:
        """How the sound comes: websocket or audiosocket."""
        return self._ways.way

    def _event(self, event: Event) -> None:
        if isinstance(event, Replaced):
            return
        channel = event.channel.id if isinstance(event, Entered) else event.channel
        owner = self._ways.owners.of(channel)
        if owner is not None:
            owner(event)
        elif isinstance(event, Entered):
            self._enter(event)

    def _enter(self, event: Entered) -> None:
        channel = event.channel
        if is_ours(channel.id):  # made by a process before us, or given up while it was being made
            self._do(self._ari.tell(wire.hang_up(channel.id)))
        elif self._stopping or len(self._lines) >= self._settings.calls:
            log.warning("a call is turned away: %s", "we are stopping" if self._stopping else "there are too many")
            self._do(self._ari.tell(wire.go_on(channel.id)))
        else:
            line = self._lines[channel.id] = AriLine(channel, self._ways, self._asterisk)
            task = asyncio.get_running_loop().create_task(self._serve(line, channel, event.args))
            self._running.add(task)
            if self._entered is not None:
                self._entered(channel.id)
            task.add_done_callback(self._running.discard)

    def _do(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)
        return task

    async def _serve(self, line: AriLine, channel: Channel, args: Sequence[str]) -> None:
        """One call, to its end; whatever goes wrong in it is logged and stays in it."""
        path, *rest = args or ("",)
        try:
            await self._on_call(line, path.strip("/"), rest)
            await line.leave("done")
        except FrontdeskError as fault:
            log.warning("call %s ended: %s", channel.id, fault)
        except Exception:
            log.exception("call %s ended by a fault of ours", channel.id)
        finally:  # also where the server stops and this is cancelled
            await asyncio.shield(self._do(self._let_go(line)))

    async def _let_go(self, line: AriLine) -> None:
        await line.close()
        del self._lines[line.id]

    async def _connected(self) -> None:
        """Finds out what happened while no events came: who has hung up, and who came to nobody."""
        await self._ways.look()
        app = self._ari.app
        self._announce(f"ARI          {self._settings.base}: Stasis({app}) leads here, sound comes by {self.way}")
        before = tuple(self._lines.values())
        here = wire.channels_of(await self._ari.ask(wire.application(app)))
        for line in before:
            if line.id not in here:
                line.lost()
        await give_back(self._ari, app, lambda identity: self._ways.owners.of(identity) is not None, SETTLED_AFTER)

    def _audio_address(self) -> str:
        """Where Asterisk finds the AudioSocket server; bound to every address, the one by which we reach Asterisk."""
        if self._asterisk.audio_address:
            return self._asterisk.audio_address
        host = self._asterisk.audio_host
        if host in ("", "0.0.0.0", "::"):
            host = self._ari.local_host
        return f"[{host}]:{self._sounds.port}" if ":" in host else f"{host}:{self._sounds.port}"
