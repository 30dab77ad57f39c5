"""Both sides of a call in one file: the caller on the left, we on the right, in step with each other."""

from __future__ import annotations

import asyncio
import logging
import wave
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from engine.call.disk import Disk

log = logging.getLogger(__name__)
MOST_APART: Final = 0.2
"""Seconds that one side may be ahead before the other is filled with silence."""
PIECE_SECONDS: Final = 1.0
"""Sound that goes to the disk at a time."""
WAV_HEADER: Final = 44
"""Bytes before the first sample of the files that `wave` writes."""
SAMPLE: Final = 4
"""Bytes of one sample of both sides."""
MOST_WAITING: Final = 60
"""Pieces that may wait for a slow disk; then the recording ends there."""


class CallRecording:
    """A stereo WAV file that grows with the call. Frames of both sides may come in any order. With a `disk` nothing
    here waits for the file, and one that cannot be written ends the recording and not the call; without one, whoever
    records waits, and gets the OSError."""

    def __init__(self, path: Path, rate: int, disk: Disk | None = None) -> None:
        self.path = path
        self._rate = rate
        self._disk = disk
        self._apart = int(rate * MOST_APART) * 2
        self._piece = int(rate * PIECE_SECONDS) * 2
        self._began = 0
        """Sample at which what is not on its way to the disk yet begins."""
        self.quiet = False
        """Whether both sides are silent from now on; the length stays what it is."""
        self._caller = bytearray()
        self._ours = bytearray()
        self._open = True
        self._waiting = 0
        self._disk_file: BinaryIO | None = None
        self._file: wave.Wave_write | None = None
        self._last: asyncio.Future[None] | None = None
        self._do(self._create)

    def caller(self, samples: bytes) -> None:
        """What the caller said, 16-bit little-endian mono."""
        self._add(self._caller, self._ours, samples)

    def ours(self, samples: bytes) -> None:
        """What we played to the caller."""
        self._add(self._ours, self._caller, samples)

    @property
    def position(self) -> float:
        """Seconds that are kept of the side that is further."""
        return (self._began + max(len(self._caller), len(self._ours)) // 2) / self._rate

    def blank(self, start: float, end: float) -> None:
        """Makes both sides silent between two positions, also what is on disk already."""
        first, last = (max(0, round(at * self._rate)) for at in (start, end))
        for side in (self._caller, self._ours):
            here, there = ((min(max(0, at - self._began) * 2, len(side))) for at in (first, last))
            side[here:there] = bytes(there - here)
        kept = min(last, self._began) - first
        if kept > 0 and self._open:
            self._do(lambda: self._overwrite(first, kept))

    @property
    def written(self) -> asyncio.Future[None] | None:
        """With a disk: ends when all that was given to it so far is written."""
        return self._last

    def close(self) -> None:
        """Writes what is left and the file's header; safe to call twice."""
        if self._open:
            longest = max(len(self._caller), len(self._ours))
            self._caller += bytes(longest - len(self._caller))
            self._ours += bytes(longest - len(self._ours))
            self._write()
            self._open = False
            self._do(self._finish)

    def _add(self, side: bytearray, other: bytearray, samples: bytes) -> None:
        if not self._open:
            return
        side += bytes(len(samples)) if self.quiet else samples
        if len(side) - len(other) > self._apart:
            other += bytes(len(side) - len(other))
        if min(len(side), len(other)) >= self._piece:
            self._write()

    def _write(self) -> None:
        length = min(len(self._caller), len(self._ours)) & ~1
        if not length:
            return
        sides = np.empty(length, dtype="<i2")  # as many samples as one side has bytes
        sides[0::2] = np.frombuffer(bytes(self._caller[:length]), dtype="<i2")
        sides[1::2] = np.frombuffer(bytes(self._ours[:length]), dtype="<i2")
        del self._caller[:length], self._ours[:length]
        self._began += length // 2
        piece = sides.tobytes()
        self._do(lambda: self._append(piece))

    def _do(self, work: Callable[[], None]) -> None:
        if self._disk is None:
            work()
            return
        if self._waiting >= MOST_WAITING and self._open:
            self._give_up(f"the disk is {MOST_WAITING} s behind")
            return
        self._waiting += 1
        self._last = self._disk.write(work)
        self._last.add_done_callback(self._done)

    def _done(self, work: asyncio.Future[None]) -> None:
        self._waiting -= 1
        if not work.cancelled() and work.exception() is not None:
            self._give_up(str(work.exception()))

    def _give_up(self, why: str) -> None:
        if self._open:
            self._open = False
            log.warning("the recording %s ends here: %s", self.path, why)

    # on the disk's thread, in this order

    def _create(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._disk_file = self.path.open("wb")
        self._file = wave.open(self._disk_file, "wb")  # noqa: SIM115 - open for the length of a call
        self._file.setnchannels(2)
        self._file.setsampwidth(2)
        self._file.setframerate(self._rate)

    def _append(self, piece: bytes) -> None:
        if self._file is not None:
            self._file.writeframes(piece)

    def _overwrite(self, first: int, samples: int) -> None:
        if self._file is not None and self._disk_file is not None:
            here = self._disk_file.tell()
            self._disk_file.seek(WAV_HEADER + first * SAMPLE)
            self._disk_file.write(bytes(samples * SAMPLE))
            self._disk_file.seek(here)

    def _finish(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._disk_file is not None:
            self._disk_file.close()
