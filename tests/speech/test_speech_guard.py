"""The watch on the detector: silence beyond doubt is no speech, and faint speech stays speech."""

from __future__ import annotations

import numpy as np
import pytest

from engine.speech.audio import to_bytes
from engine.speech.guard import HUSHED, SURELY_AFTER, Guarded

RATE = 8000


class Sure:
    def feed(self, samples: bytes) -> float:
        return 1.0


@pytest.mark.parametrize(("level", "heard"), [(0, 0.0), (HUSHED - 1, 0.0), (HUSHED, 1.0), (20000, 1.0)])
@pytest.mark.parametrize("frame", [80, 160, 333])
def test_the_detector_is_believed_where_there_is_any_sound(level: int, heard: float, frame: int) -> None:
    guarded = Guarded(Sure(), RATE)
    samples = to_bytes(np.full(frame, -level, dtype=np.int16))
    assert [guarded.feed(samples) for _ in range(40)][-1] == heard


def test_a_short_silence_changes_nothing() -> None:
    guarded = Guarded(Sure(), RATE)
    silence, sound = bytes(320), to_bytes(np.full(160, 999, dtype=np.int16))
    frames = round(SURELY_AFTER / 0.02) - 1
    heard = [guarded.feed(samples) for samples in ([silence] * frames + [sound]) * 3]
    assert set(heard) == {1.0}
