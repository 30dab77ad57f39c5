"""The tone after which a caller speaks."""

from __future__ import annotations

import math

import numpy as np

from engine.speech.audio import to_bytes
from engine.speech.loudness import TARGET_DBFS


def tone(rate: int, hertz: float = 1000.0, seconds: float = 0.3) -> bytes:
    """A pure tone at the level of speech, with soft edges: 16-bit little-endian mono."""
    moments = np.arange(round(seconds * rate)) / rate
    edge = np.clip(np.minimum(moments, seconds - moments) / 0.01, 0.0, 1.0)
    peak = 32767 * math.sqrt(2) * 10 ** (TARGET_DBFS / 20)
    return to_bytes(np.rint(peak * edge * np.sin(2 * math.pi * hertz * moments)).astype(np.int16))
