"""Both sides of a call in one file: the caller on the left, we on the right, in step with each other."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np

MOST_APART: Final = 0.2
"""Seconds that one side may be ahead before the other is filled with silence."""


class CallRecording:
    """A stereo WAV file that grows with the call. Frames of both sides may come in any order."""

    def __init__(self, path: Path, rate: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = wave.open(str(path), "wb")  # noqa: SIM115 - open for the length of a call
        self._file.setnchannels(2)
        self._file.setsampwidth(2)
        self._file.setframerate(rate)
        self._apart = int(rate * MOST_APART) * 2
        self._caller = bytearray()
        self._ours = bytearray()
        self._open = True

    def caller(self, samples: bytes) -> None:
        """What the caller said, 16-bit little-endian mono."""
        self._caller += samples
        self._write(self._ours, self._caller)

    def ours(self, samples: bytes) -> None:
        """What we played to the caller."""
        self._ours += samples
        self._write(self._caller, self._ours)

    def _write(self, behind: bytearray, ahead: bytearray) -> None:
        if not self._open:
            return
        if len(ahead) - len(behind) > self._apart:
            behind += bytes(len(ahead) - len(behind))
        length = min(len(self._caller), len(self._ours)) & ~1
        if not length:
            return
        sides = np.empty(length, dtype="<i2")  # as many samples as one side has bytes
        sides[0::2] = np.frombuffer(bytes(self._caller[:length]), dtype="<i2")
        sides[1::2] = np.frombuffer(bytes(self._ours[:length]), dtype="<i2")
        self._file.writeframes(sides.tobytes())
        del self._caller[:length], self._ours[:length]

    def close(self) -> None:
        """Writes what is left and the file's header; safe to call twice."""
        if self._open:
            longest = max(len(self._caller), len(self._ours))
            self._caller += bytes(longest - len(self._caller))
            self._ours += bytes(longest - len(self._ours))
            self._write(self._caller, self._ours)
            self._open = False
            self._file.close()
