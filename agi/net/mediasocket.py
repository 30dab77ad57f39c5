"""The sound of one call over Asterisk's media websocket: we connect, Asterisk paces what we send."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from typing import Final, TypeAlias

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from agi.wire.audiosocket import Audio, Key
from agi.wire.mediasocket import LONGEST_SOUND, Drained, Fault, Full, Start, command, parse_sound, parse_text, sound
from engine.errors import PeerError

log = logging.getLogger(__name__)

SILENT_FRAMES: Final = 10
"""Frames of silence after which the next sound begins a new utterance: what still waits in the queue is silence too,
so it is dropped, and no delay of the past is carried on."""
CLOSE_WITHIN: Final = 0.5
DRAINED_WITHIN: Final = 0.4
"""Seconds for which we wait for the end of what waits to be played; it is hardly ever more than two frames."""

Sink: TypeAlias = Callable[[Audio | Key | None], None]
"""Takes what arrives, in order; None once, when the connection ended without us."""


class MediaSocket:
    """Made by `open_media`. Nothing here raises because the other side is gone."""

    def __init__(self, connection: ClientConnection, start: Start, sink: Sink) -> None:
        self.start = start
        self._connection, self._sink = connection, sink
        self._silence = bytes(start.frame_bytes)
        self._silent = SILENT_FRAMES
        self._drained = asyncio.Event()
        self._reading = asyncio.get_running_loop().create_task(self._read())

    async def send(self, samples: bytes) -> None:
        """Queues one frame. An utterance that begins after silence finds an empty queue."""
        if samples == self._silence:
            self._silent += 1
        else:
            if self._silent >= SILENT_FRAMES:
                await self.flush()
            self._silent = 0
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(sound(samples, self.start))

    async def flush(self) -> None:
        """Drops what waits to be played: the caller hears the last of it within 20 ms."""
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(command("FLUSH_MEDIA", self.start))

    async def drain(self) -> None:
        """Waits until everything that was sent has been played, for a moment at most."""
        self._drained.clear()
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(DRAINED_WITHIN):
                await self._connection.send(command("REPORT_QUEUE_DRAINED", self.start))
                await self._drained.wait()

    async def close(self) -> None:
        """Ends the connection, and with it the channel; the sink hears nothing of it."""
        self._sink = _nobody
        self._reading.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._connection.close()

    async def _read(self) -> None:
        try:
            async for message in self._connection:
                await self._take(message)
        except (PeerError, ConnectionClosed) as fault:
            log.warning("media websocket: %s", fault)
        self._drained.set()
        self._sink(None)

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._sink(parse_sound(message, self.start.rate))
            return
        match parse_text(message):
            case Key() as key:
                self._sink(key)
            case Drained():
                self._drained.set()
            case Full():
                log.warning("media websocket: %s has 18 s of sound waiting; it is dropped", self.start.channel)
                await self.flush()
            case Fault(text):
                log.warning("media websocket: Asterisk says %s", text)
            case _:
                pass


def _nobody(_: Audio | Key | None) -> None:
    pass


async def open_media(url: str, tls: ssl.SSLContext | None, rate: int, sink: Sink, within: float) -> MediaSocket:
    """Connects and waits for the first message. PeerError where that fails, or the sound has another rate."""
    try:
        async with asyncio.timeout(within):
            connection = await connect(
                url, subprotocols=[Subprotocol("media")], ssl=tls, proxy=None, compression=None,
                open_timeout=None, close_timeout=CLOSE_WITHIN, max_size=LONGEST_SOUND,
            )  # fmt: skip
            start = await _start(connection)
    except (OSError, TimeoutError, WebSocketException) as fault:
        raise PeerError(f"the media websocket did not open: {str(fault) or type(fault).__name__}") from fault
    if start.rate != rate:
        await connection.close()
        raise PeerError(f"the media websocket has {start.rate} samples a second, {rate} were asked for")
    return MediaSocket(connection, start, sink)


async def _start(connection: ClientConnection) -> Start:
    start = None
    try:
        first = await connection.recv()
        start = parse_text(first) if isinstance(first, str) else None
    finally:
        if not isinstance(start, Start):
            await connection.close()
    if not isinstance(start, Start):
        raise PeerError("the media websocket did not begin with MEDIA_START")
    return start
