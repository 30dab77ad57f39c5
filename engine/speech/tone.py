"""Tones: the one after which a caller speaks, and the one that tells a caller who waits that we are there."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from engine.speech.audio import to_bytes
from engine.speech.loudness import TARGET_DBFS

COMFORT_DBFS: Final = -34.0


def comfort(rate: int) -> bytes:
    """What tells a caller who waits that the line is alive: low, short and soft."""
    return tone(rate, hertz=440.0, seconds=0.12, level=COMFORT_DBFS)


def tone(rate: int, hertz: float = 1000.0, seconds: float = 0.3, level: float = TARGET_DBFS) -> bytes:
    """A pure tone with soft edges, at the level of speech unless another is given: 16-bit little-endian mono."""
    moments = np.arange(round(seconds * rate)) / rate
    edge = np.clip(np.minimum(moments, seconds - moments) / 0.01, 0.0, 1.0)
    peak = 32767 * math.sqrt(2) * 10 ** (level / 20)
    return to_bytes(np.rint(peak * edge * np.sin(2 * math.pi * hertz * moments)).astype(np.int16))
