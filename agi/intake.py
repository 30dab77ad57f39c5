"""What comes from the caller as one even stream: frames of 20 ms without holes, and keys."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from engine.call.line import Arrival, Digit, Frame

FRAME_SECONDS: Final = 0.02
HOLE_AFTER: Final = 0.1
"""Seconds without sound after which silence is put in: a muted telephone sends nothing at all."""
LONGEST_BACKLOG: Final = 1500
"""Arrivals that wait, 30 s of sound; the oldest go first where nobody takes them."""
KEYS: Final = frozenset("0123456789*#")


class Intake:
    """Filled from callbacks, read by one `async for`. Times are seconds of one clock, given by the caller of this."""

    def __init__(self, rate: int = 8000) -> None:
        self.frame_bytes = int(rate * FRAME_SECONDS) * 2
        self._waiting: deque[Arrival] = deque(maxlen=LONGEST_BACKLOG)
        self._rest = b""
        self._last: float | None = None
        self._ended = False
        self._news = asyncio.Event()

    def begin(self, now: float) -> None:
        """Sound is expected from now on, so that `fill` stands in for what does not come."""
        self._last = now

    def sound(self, samples: bytes, now: float) -> None:
        """Takes samples of any length."""
        self._last, rest = now, self._rest + samples
        whole = len(rest) - len(rest) % self.frame_bytes
        for at in range(0, whole, self.frame_bytes):
            self._put(Frame(rest[at : at + self.frame_bytes]))
        self._rest = rest[whole:]

    def key(self, key: str) -> None:
        """Takes a key; the letters A to D are no keys of ours."""
        if key in KEYS:
            self._put(Digit(key))

    def fill(self, now: float) -> None:
        """Puts silence where the line has been mute; to be called more often than it may be silent."""
        if self._last is None or now - self._last < HOLE_AFTER:
            return
        missing = int((now - self._last) / FRAME_SECONDS)
        for _ in range(min(missing, LONGEST_BACKLOG)):
            self._put(Frame(bytes(self.frame_bytes)))
        self._last += missing * FRAME_SECONDS

    def pause(self) -> None:
        """No sound is expected until `begin`, so nothing is put in."""
        self._last, self._rest = None, b""

    def end(self) -> None:
        """The caller is gone: the stream ends after what waits in it."""
        self._ended = True
        self._news.set()

    @property
    def ended(self) -> bool:
        """Whether `end` was called."""
        return self._ended

    async def stream(self) -> AsyncIterator[Arrival]:
        """Everything in order, until the end."""
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._ended:
                return
            self._news.clear()
            await self._news.wait()

    def _put(self, arrival: Arrival) -> None:
        if not self._ended:
            self._waiting.append(arrival)
            self._news.set()
