"""The sound of one caller, and what was seen of its frames: when each came, and which were late."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import cast

import numpy as np

FRAME = 0.02
SIZE = 320
HEADER = b"\x10\x01\x40"
SILENT = HEADER + bytes(SIZE)
NOISE = 60
"""Of 32768, about -55 dB: what telephone lines have. It is no digital silence, so the detector is spared nothing."""
NOISES = [
    HEADER + np.random.default_rng(seed).normal(0, NOISE, SIZE // 2).astype("<i2").tobytes() for seed in range(64)
]
LATE = 0.04
ANSWERS_AFTER = 35
"""Frames of silence, after words of ours, before the caller speaks."""
BINS = (0.021, 0.022, 0.024, 0.026, 0.03, 0.035, 0.04, 0.06, 0.1, 0.2, 0.5, 1.0, 1e9)


@dataclass
class Seen:
    """What arrived while it was measured."""

    counts: list[int] = field(default_factory=lambda: [0] * len(BINS))
    frames: int = 0
    late: int = 0
    longest: float = 0.0
    calls: int = 0
    lost: int = 0
    """Calls that ended without FD_OUTCOME: the dialplan's safety net would ring a person."""
    refused: int = 0
    measuring: bool = False
    own_late: int = 0
    """Turns of our own clock that came more than 10 ms late: then the figures are ours, not the server's."""
    turns: int = 0

    def gap(self, seconds: float) -> None:
        if not self.measuring:
            return
        self.frames += 1
        if seconds > 0.0205:
            for place, edge in enumerate(BINS):
                if seconds <= edge:
                    self.counts[place] += 1
                    break
            if seconds > LATE:
                self.late += 1
            if seconds > self.longest:
                self.longest = seconds


class Sound(asyncio.Protocol):
    """The AudioSocket connection of one call."""

    def __init__(self, identity: bytes, seen: Seen, clips: list[list[bytes]], ended: asyncio.Event) -> None:
        self.identity, self.seen, self.clips, self.ended = identity, seen, clips, ended
        self.rest = b""
        self.last = 0.0
        self.heard = False
        self.quiet = 0
        self.words: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(b"\x01\x00\x10" + self.identity)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self.ended.set()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if self.rest:
            data = self.rest + data
        at, length = 0, len(data)
        while length - at >= 3:
            size = (data[at + 1] << 8) + data[at + 2]
            if length - at < 3 + size:
                break
            if data[at] == 0x10:
                self._frame(data[at : at + 3 + size], now)
            elif data[at] == 0x00 and self.transport is not None:
                self.transport.close()
            at += 3 + size
        self.rest = data[at:]

    def _frame(self, frame: bytes, now: float) -> None:
        if self.last:
            self.seen.gap(now - self.last)
        self.last = now
        if frame != SILENT:
            self.heard, self.quiet = True, 0
        elif self.heard and not self.words:
            self.quiet += 1
            if self.quiet >= ANSWERS_AFTER:
                self.heard, self.quiet = False, 0
                self.words = list(random.choice(self.clips))

    def tick(self) -> None:
        if self.transport is not None:
            self.transport.write(self.words.pop() if self.words else random.choice(NOISES))
