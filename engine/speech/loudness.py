"""One level for everything that is said: the mean power of the speech is led to a target, and peaks are rounded off."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.speech.audio import to_array, to_bytes

TARGET_DBFS: Final = -20.0
"""Level of speech (root mean square while somebody speaks) at volume 1."""
RECIPE: Final = 1
"""Raised whenever the same sound would come out at another level; part of the cache's key."""

_FLOOR: Final = 10 ** (-50 / 20)
"""Blocks below this level are pauses and do not count."""
_BLOCK_SECONDS: Final = 0.01
_PRIOR_SECONDS: Final = 0.5
"""How much sound the level expected beforehand weighs as much as."""
_KNEE: Final = 0.7
_ROOM: Final = 0.25
_LARGEST_GAIN: Final = 10.0

_Floats = npt.NDArray[np.float64]


class Leveller:
    """Levels one stream. `expected` is the level (0 to 1) that the voice is known to have, so that the first chunk is
    right already; `level` is what it turned out to be."""

    def __init__(self, rate: int, volume: float = 1.0, expected: float | None = None) -> None:
        self._block = max(1, round(rate * _BLOCK_SECONDS))
        self._target = volume * 10 ** (TARGET_DBFS / 20)
        self._weight = _PRIOR_SECONDS * rate if expected is not None else 0.0
        self._power = self._weight * (expected or 0.0) ** 2
        self._gain: float | None = None

    @property
    def level(self) -> float | None:
        """Root mean square of the speech so far, 0 to 1; None before the first."""
        return float(np.sqrt(self._power / self._weight)) if self._weight else None

    def push(self, samples: bytes) -> bytes:
        """The same number of samples at the target's level; the gain moves without steps."""
        sound = to_array(samples).astype(np.float64) / 32768
        if not sound.size:
            return b""
        self._measure(sound)
        level = self.level
        gain = 1.0 if level is None else min(_LARGEST_GAIN, self._target / level)
        before = gain if self._gain is None else self._gain
        self._gain = gain
        return to_bytes(np.rint(_rounded(sound * np.linspace(before, gain, sound.size)) * 32767).astype(np.int16))

    def _measure(self, sound: _Floats) -> None:
        whole = sound.size // self._block * self._block
        blocks = np.square(sound[:whole]).reshape(-1, self._block).sum(axis=1) / self._block
        rest = np.square(sound[whole:])
        loud = blocks[blocks >= _FLOOR**2]
        self._power += float(loud.sum()) * self._block
        self._weight += loud.size * self._block
        if rest.size and float(rest.mean()) >= _FLOOR**2:
            self._power += float(rest.sum())
            self._weight += rest.size


def _rounded(sound: _Floats) -> _Floats:
    """Leaves what is below the knee alone and bends the rest so that nothing is clipped."""
    size = np.abs(sound)
    bent = _KNEE + _ROOM * np.tanh((size - _KNEE) / _ROOM)
    return np.where(size <= _KNEE, sound, np.sign(sound) * bent)
