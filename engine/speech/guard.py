"""A watch on the detector of speech by the level of the sound: it is not believed where that says otherwise.

A detector may be stuck either way. What is silent, or hardly changes its level for most of a second, is nobody's
speech: voices rise and fall by more than that with every syllable. And what stands clear of the line's own noise while
the detector hears nothing may be speech that it misses.
"""

from __future__ import annotations

from typing import Final

from engine.speech.audio import FRAME_SECONDS, SILENCE_DBFS, dbfs, to_array
from engine.speech.endpoint import SURE_SPEECH
from engine.speech.vad import Listening

HUSHED: Final = 33
"""Samples (of 32768) below which nobody speaks: -60 dB; a telephone line's own noise may be louder."""
SURELY_AFTER: Final = 0.2
"""Seconds of such silence after which the detector is not believed. It may lag behind the sound by less."""
STEADY_DB: Final = 4.0
"""What hum, tones and hiss vary by from frame to frame. In 25,000 frames of speech of many people no 0.7 s vary as
little."""
STEADY_AFTER: Final = 0.7
"""Seconds of such sound after which the detector is not believed."""
CLEAR_DBFS: Final = -45.0
CLEAR_DB: Final = 12.0
"""What may be speech is louder than `CLEAR_DBFS`, and by so much louder than the line's own noise."""
_NOISE_RISES: Final = 2.0
"""Decibels a second by which noise may seem to grow louder; it is known at once when it falls."""


class Guarded:
    """A detector's memory of one caller that cannot be stuck at speech on a line that is silent or hums."""

    def __init__(self, listening: Listening, rate: int) -> None:
        self._listening = listening
        self._rate = rate
        self._hushed = 0
        self._surely = round(SURELY_AFTER * rate)
        self._silent = bytes(2 * round(FRAME_SECONDS * rate))
        self._steady = 0
        """Samples for which the level has stayed between `_lowest` and `_highest`, in dBFS."""
        self._lowest = self._highest = SILENCE_DBFS
        self._noise = SILENCE_DBFS
        self.missed = False
        """Whether what was fed last may be speech by its level, though the detector hears none."""

    def feed(self, samples: bytes) -> float:
        """As the detector's, 0 where the line has been silent or steady for long enough."""
        hushed = self._is_hushed(samples)
        self.missed = False
        if hushed and self._hushed >= self._surely:
            self._noise, self._steady = SILENCE_DBFS, 0
            return 0.0  # the detector would not be believed, and is spared the work
        probability = self._listening.feed(samples)
        self._hushed = self._hushed + len(samples) // 2 if hushed else 0
        loudness = dbfs(samples)
        self._follow(loudness, len(samples) // 2)
        if self._hushed >= self._surely or self._steady >= STEADY_AFTER * self._rate:
            return 0.0
        clear = loudness >= max(CLEAR_DBFS, self._noise + CLEAR_DB)
        self.missed = clear and not probability >= SURE_SPEECH  # also where it is no number
        return probability

    def _follow(self, loudness: float, count: int) -> None:
        lowest, highest = min(self._lowest, loudness), max(self._highest, loudness)
        if highest - lowest < STEADY_DB:
            self._lowest, self._highest, self._steady = lowest, highest, self._steady + count
        else:
            self._lowest = self._highest = loudness
            self._steady = count
        self._noise = min(loudness, self._noise + _NOISE_RISES * count / self._rate)

    def _is_hushed(self, samples: bytes) -> bool:
        if samples == self._silent:
            return True
        sound = to_array(samples)
        return not sound.size or (int(sound.max()) < HUSHED and int(sound.min()) > -HUSHED)
