"""A watch on the detector of speech: what is silence beyond doubt is nobody's speech, whatever the detector says."""

from __future__ import annotations

from typing import Final

from engine.speech.audio import FRAME_SECONDS, to_array
from engine.speech.vad import Listening

HUSHED: Final = 33
"""Samples (of 32768) below which nobody speaks: -60 dB; a telephone line's own noise may be louder."""
SURELY_AFTER: Final = 0.2
"""Seconds of such silence after which the detector is not believed. It may lag behind the sound by less."""


class Guarded:
    """A detector's memory of one caller that cannot be stuck at speech on a silent line."""

    def __init__(self, listening: Listening, rate: int) -> None:
        self._listening = listening
        self._hushed = 0
        self._surely = round(SURELY_AFTER * rate)
        self._silent = bytes(2 * round(FRAME_SECONDS * rate))

    def feed(self, samples: bytes) -> float:
        """As the detector's, 0 where the line has been silent for long enough."""
        hushed = self._is_hushed(samples)
        if hushed and self._hushed >= self._surely:
            return 0.0  # the detector would not be believed, and is spared the work
        probability = self._listening.feed(samples)
        self._hushed = self._hushed + len(samples) // 2 if hushed else 0
        return 0.0 if self._hushed >= self._surely else probability

    def _is_hushed(self, samples: bytes) -> bool:
        if samples == self._silent:
            return True
        sound = to_array(samples)
        return not sound.size or (int(sound.max()) < HUSHED and int(sound.min()) > -HUSHED)
