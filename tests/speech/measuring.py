"""What is measured in the sound of a voice."""

from __future__ import annotations

import numpy as np

from engine.speech.audio import to_array


def seconds(samples: bytes, rate: int = 8000) -> float:
    return len(samples) / 2 / rate


def longest_pause(samples: bytes, rate: int = 8000) -> float:
    """Seconds of the longest stretch without sound."""
    loud = np.flatnonzero(np.abs(to_array(samples).astype(int)) > 60)
    return float(np.diff(loud).max()) / rate


def pitch_of(samples: bytes, rate: int = 16000) -> float:
    """The middle fundamental frequency of the voiced parts, by autocorrelation."""
    sound, found = to_array(samples).astype(float), []
    for start in range(0, len(sound) - 800, 400):
        part = sound[start : start + 800]
        if np.abs(part).max() > 2000:
            echo = np.correlate(part, part, "full")[799:]
            found.append(rate / (40 + echo[40:320].argmax()))
    return float(np.median(found))
