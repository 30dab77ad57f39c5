"""A watch on our own voice: what comes back from the caller's telephone while we speak is nobody's speech."""

from __future__ import annotations

from collections import deque
from typing import Final

from engine.speech.audio import FRAME_SECONDS, SILENCE_DBFS, dbfs

RETURNS_WITHIN: Final = 0.4
"""Seconds in which our voice may come back: a mobile network there and back, and a room."""
FAINTER: Final = 24.0
"""Decibels below our own voice down to which sound counts as the caller's. Telephones send an echo back 30 dB down or
less; a caller's voice is as loud as ours, or 20 dB below it where somebody whispers."""


class OwnVoice:
    """Of one call. Both sides are told frame by frame."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=round(RETURNS_WITHIN / FRAME_SECONDS))

    def said(self, samples: bytes) -> None:
        """A frame that we sent."""
        self._levels.append(dbfs(samples) if any(samples) else SILENCE_DBFS)

    def explains(self, samples: bytes) -> bool:
        """Whether a frame of the caller is no louder than our echo may be."""
        loudest = max(self._levels, default=SILENCE_DBFS)
        return loudest > SILENCE_DBFS and dbfs(samples) < loudest - FAINTER
