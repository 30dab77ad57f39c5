"""What a person hears before a call is theirs, and what they answer with a key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from engine.call.line import Whisper
from engine.speech.audio import FRAME_SECONDS, frame_bytes

TAKES: Final = "1"
AGAIN_AFTER: Final = 1.5
"""Seconds of silence before the words are said again."""


class Whispering:
    """One whisper on one leg: `send` plays 20 ms to the person at `rate`; whoever holds the leg reports `key` and
    `gone`."""

    def __init__(self, whisper: Whisper, rate: int, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._whisper, self._rate, self._send = whisper, rate, send
        self._answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def key(self, key: str) -> None:
        """The first key decides: 1 takes the call, any other does not."""
        self._settle(key == TAKES)

    def gone(self) -> None:
        """The person hung up, or the caller did."""
        self._settle(False)

    async def run(self) -> bool:
        """Plays until the person decides; whether the call is theirs."""
        playing = asyncio.get_running_loop().create_task(self._play())
        try:
            async with asyncio.timeout(self._whisper.within):
                return await self._answer
        except TimeoutError:
            return False
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    def _settle(self, taken: bool) -> None:
        if not self._answer.done():
            self._answer.set_result(taken)

    async def _play(self) -> None:
        size, loop = frame_bytes(self._rate), asyncio.get_running_loop()
        sound = self._whisper.samples + bytes(round(AGAIN_AFTER * self._rate) * 2)
        due = loop.time()
        while True:
            for at in range(0, len(sound), size):
                await self._send(sound[at : at + size].ljust(size, b"\0"))
                due += FRAME_SECONDS
                await asyncio.sleep(max(0.0, due - loop.time()))
