"""A telephone line over a websocket: 20 ms frames of 16 kHz sound from the browser's microphone, and ours back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from engine.call.line import Arrival, Digit, Frame, Whisper
from engine.speech.audio import frame_bytes

RATE: Final = 16000
BEHIND: Final = 250
"""Frames that may wait: 5 s. A browser that sends more loses the oldest."""


class BrowserLine:
    """An `engine.call.line.Line`. `send_sound` and `tell` give sound and JSON data to the browser and return at once;
    `transfers` is how calls to people turn out, since nobody is rung in a trial."""

    rate = RATE

    def __init__(
        self,
        name: str,
        caller: str | None,
        send_sound: Callable[[bytes], None],
        tell: Callable[[Mapping[str, Any]], None],
        transfers: str = "connected",
    ) -> None:
        self.id = name
        self.caller = caller
        self.called: str | None = None
        self._send_sound, self._tell, self._transfers = send_sound, tell, transfers
        self._arrived: asyncio.Queue[Arrival | None] = asyncio.Queue()
        self._part = bytearray()

    # from the browser

    def sound(self, samples: bytes) -> None:
        """16-bit little-endian mono samples, of any length."""
        self._part += samples[: BEHIND * frame_bytes(RATE)]
        size = frame_bytes(RATE)
        while len(self._part) >= size:
            while self._arrived.qsize() >= BEHIND:
                self._arrived.get_nowait()
            self._arrived.put_nowait(Frame(bytes(self._part[:size])))
            del self._part[:size]

    def key(self, key: str) -> None:
        self._arrived.put_nowait(Digit(key))

    def gone(self) -> None:
        """The browser hung up, or is no longer there."""
        self._arrived.put_nowait(None)

    # for the call

    async def arrivals(self) -> AsyncIterator[Arrival]:
        while (arrival := await self._arrived.get()) is not None:
            yield arrival

    async def send(self, samples: bytes) -> None:
        self._send_sound(samples)

    async def cut(self) -> None:
        self._tell({"cut": True})

    async def transfer(self, to: str, context: Mapping[str, str], ring: float, whisper: Whisper | None = None) -> str:
        return self._transfers

    async def pass_on(self, to: str, context: Mapping[str, str]) -> str:
        return self._transfers

    async def hang_up(self) -> None:
        self.gone()
