"""A process that answers the calls that the supervisor gives it; it ends when it is told to, or left alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from typing import Final

from agi.answering import Answering, Share, answering
from agi.channel import Announcement, Call, Came, Fault, Finish, Message, Reload, Status, receive, send
from agi.logs import log_to_stderr
from engine.errors import FrontdeskError, PeerError
from engine.settings import Settings

log = logging.getLogger(__name__)

BEAT: Final = 1.0
"""Seconds between two messages that say how we are."""


def work(settings: Settings, share: Share, channel: socket.socket, listener: socket.socket, level: int) -> None:
    """The main function of a worker process. Signals are the supervisor's business: those of a terminal, or of a
    service manager, reach every process of ours."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    log_to_stderr(level)
    asyncio.run(_Worker(settings, share, channel).run(listener))


class _Worker:
    def __init__(self, settings: Settings, share: Share, channel: socket.socket) -> None:
        self._settings, self._share, self._channel = settings, share, channel
        self._reload, self._stop, self._hurry = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._grace = settings.drain
        self._taken = 0
        self._here: Answering | None = None

    async def run(self, listener: socket.socket) -> None:
        """From the start to the end of the process."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._channel, self._read)
        beating = loop.create_task(self._beat())
        try:
            async with answering(
                self._settings, self._announce, self._reload, self._share, listener, self._came
            ) as here:
                self._here = here
                self._tell_status()
                await self._stop.wait()
                await here.finish(self._grace, self._hurry)
        except FrontdeskError as fault:
            self._tell(Fault(str(fault)))
        finally:
            beating.cancel()
            loop.remove_reader(self._channel)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    message = receive(self._channel)
                except PeerError as fault:
                    log.error("%s", fault)
                    continue
                if message is None:
                    log.error("the supervisor is gone: calls that run may finish, no more are taken")
                    asyncio.get_running_loop().remove_reader(self._channel)
                    self._stop.set()
                    return
                self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case Call(connection, head):
                self._taken += 1
                self._answer(connection, head)
            case Reload():
                self._reload.set()
            case Finish(grace):
                self._grace = grace
                (self._hurry if self._stop.is_set() else self._stop).set()
            case _:
                log.error("a message that is not for a worker: %r", message)

    def _answer(self, connection: socket.socket, head: bytes) -> None:
        try:
            if self._here is None or self._stop.is_set():
                raise PeerError("a call came to a process that takes none now")
            self._here.server.adopt(connection, head)
        except PeerError as fault:
            log.warning("%s", fault)
            connection.close()
        self._tell_status()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            self._tell_status()

    def _tell_status(self) -> None:
        here = self._here
        if here is None:
            self._tell(Status(False, 0, self._taken))
        else:
            self._tell(
                Status(not self._stop.is_set(), here.calls, self._taken, here.ari is not None and here.ari.there)
            )

    def _came(self, channel: str) -> None:
        """Over ARI; it counts among those that run before it counts no more among those that are to come."""
        self._tell_status()
        self._tell(Came(channel))

    def _announce(self, text: str) -> None:
        if self._share.first:
            self._tell(Announcement(text))
        else:
            log.info("%s", text)

    def _tell(self, message: Message) -> None:
        with contextlib.suppress(PeerError):  # without a supervisor there is nobody to tell; `_read` notices
            send(self._channel, message)
