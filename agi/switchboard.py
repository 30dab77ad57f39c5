"""Shares the calls that Stasis() gives us among processes: each goes to the ARI application of one of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine
from typing import Final

from agi.ari_leftovers import SETTLED_AFTER, give_back
from agi.ari_settings import AriSettings
from agi.ari_sound import is_ours
from agi.net.ari import NOT_FOUND, Ari, Refused
from agi.wire import ari as wire
from agi.wire.ari import Entered, Event
from engine.errors import PeerError

log = logging.getLogger(__name__)

COMES_WITHIN: Final = 3.0
"""Seconds within which a call comes to the process that it is moved to; Asterisk reports no move that failed."""
CLOSE_WITHIN: Final = 3.0


class Switchboard:
    """Holds the application of the settings, and no call: one is moved within milliseconds, and what is not turns up in
    the dialplan's safety net. It connects only while a process can be reached over ARI, so that until then Stasis()
    fails, and the dialplan goes on with FastAGI.

    `place` names the application that is to answer a channel, and counts the call there; PeerError turns it away.
    `missed` is told of a channel that did not come there."""

    def __init__(
        self,
        settings: AriSettings,
        place: Callable[[str], str],
        missed: Callable[[str], None],
        announce: Callable[[str], None],
    ) -> None:
        self._settings, self._place, self._on_missed, self._announce = settings, place, missed, announce
        self._ari = Ari(settings, self._event, self._connected, self._wait)
        self._able = asyncio.Event()
        self._coming: dict[str, asyncio.TimerHandle] = {}
        self._moving: set[str] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._connection: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connects as soon as a process can be reached, and goes on to."""
        self._connection = asyncio.get_running_loop().create_task(self._run())

    def reach(self, able: bool) -> None:
        """Whether any process can be reached over ARI at this moment."""
        (self._able.set if able else self._able.clear)()

    @property
    def connected(self) -> bool:
        """Whether Stasis() leads here."""
        return self._ari.connected.is_set()

    def arrived(self, channel: str) -> None:
        """A call has come to the process that it was moved to."""
        timer = self._coming.pop(channel, None)
        if timer is not None:
            timer.cancel()

    def lost(self, app: str, channels: Collection[str]) -> None:
        """The process that answers as `app` is gone: its calls, and those on their way to it, go to the safety net."""
        for channel in channels:
            self.arrived(channel)
        self._do(self._give_back(app, channels))

    def close(self) -> None:
        """Takes no more calls."""
        if self._connection is not None:
            self._connection.cancel()

    async def stop(self) -> None:
        """The same, and ends what goes on."""
        self.close()
        for timer in self._coming.values():
            timer.cancel()
        if self._connection is not None:
            await asyncio.gather(self._connection, return_exceptions=True)
        if self._work:
            await asyncio.wait(self._work, timeout=CLOSE_WITHIN)
        await self._ari.close()

    async def _run(self) -> None:
        await self._able.wait()
        await self._ari.run()

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._able.wait()

    def _event(self, event: Event) -> None:
        if isinstance(event, Entered):
            self._do(self._pass_on(event))

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _pass_on(self, event: Entered) -> None:
        channel = event.channel.id
        if is_ours(channel):  # made by a frontdesk before us
            await self._ari.tell(wire.hang_up(channel))
            return
        self._moving.add(channel)
        try:
            app = self._place(channel)
            self._coming[channel] = asyncio.get_running_loop().call_later(COMES_WITHIN, self._miss, channel)
            await self._ari.ask(wire.move(channel, app, event.args))
        except PeerError as fault:
            if not isinstance(fault, Refused) or fault.status != NOT_FOUND:  # hung up meanwhile
                log.warning("%s", fault)
            self.arrived(channel)
            self._on_missed(channel)
            await self._ari.tell(wire.go_on(channel))
        finally:
            self._moving.discard(channel)

    def _miss(self, channel: str) -> None:
        log.warning("channel %s did not come to its process: it goes to the safety net", channel)
        del self._coming[channel]
        self._on_missed(channel)
        self._do(self._ari.tell(wire.go_on(channel)))

    async def _give_back(self, app: str, channels: Collection[str]) -> None:
        await self._ari.tell(*map(wire.go_on, channels))
        try:
            await give_back(self._ari, app)
        except PeerError as fault:
            log.warning("%s", fault)

    async def _connected(self) -> None:
        self._announce(f"ARI          {self._settings.base}: Stasis({self._ari.app}) leads to all processes")
        await give_back(self._ari, self._ari.app, self._knows, SETTLED_AFTER)

    def _knows(self, channel: str) -> bool:
        return channel in self._moving or channel in self._coming
