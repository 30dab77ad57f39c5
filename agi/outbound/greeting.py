"""Who answered a call that we made, a person or a machine: by how long they speak at first, and by a beep; pure.

People say a word or two and wait; machines speak for long without a pause, and end with a beep. Positions are frames of
20 ms since the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

FRAME_SECONDS: Final = 0.02
LONGEST_HELLO: Final = 2.4
"""Seconds of speech after which it is a machine's greeting."""
AFTER_HELLO: Final = 0.7
"""Seconds of silence after a few words in which a person waits for us."""
SILENT: Final = 3.5
"""Seconds after which somebody who says nothing is taken for a person: they hear us speak first."""
SPEECH: Final = 0.5
"""Probability from which a frame is speech."""
MACHINE_ENDS: Final = 2.0
"""Seconds of silence after a greeting that count as its end where no beep comes."""
LONGEST_GREETING: Final = 40.0
BEEP_FRAMES: Final = 6
"""Frames of one pitch, one after the other, that are a beep; no voice holds a pure tone for so long."""
SAME_PITCH: Final = 30.0
_LOWEST, _HIGHEST, _PURE, _LOUD = 350.0, 2500.0, 0.8, 300.0

Who: TypeAlias = Literal["person", "machine"]


def pitch_of(samples: bytes, rate: int) -> float | None:
    """The pitch in hertz of 20 ms that hold one pure tone; None for anything else (16-bit little-endian mono)."""
    wave = np.frombuffer(samples, dtype="<i2").astype(np.float64)
    if not len(wave) or float(np.sqrt(np.mean(wave**2))) < _LOUD:
        return None
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    peak = int(np.argmax(power))
    pitch = peak * rate / len(wave)
    around = power[max(0, peak - 2) : peak + 3].sum()
    return pitch if _LOWEST <= pitch <= _HIGHEST and around >= _PURE * power.sum() else None


@dataclass(slots=True)
class Beep:
    """Hears a beep that has ended."""

    _pitch: float = 0.0
    _frames: int = 0

    def feed(self, pitch: float | None) -> bool:
        """Takes the pitch of the next frame; True where a beep ended just before it."""
        if pitch is not None and (not self._frames or abs(pitch - self._pitch) <= SAME_PITCH):
            self._pitch, self._frames = pitch, self._frames + 1
            return False
        ended = self._frames >= BEEP_FRAMES
        self._pitch, self._frames = pitch or 0.0, 0 if pitch is None else 1
        return ended

    @property
    def sounds(self) -> bool:
        """Whether a beep goes on."""
        return self._frames >= BEEP_FRAMES


@dataclass(slots=True)
class Greeting:
    """Decides while the first words are spoken."""

    _beep: Beep
    _frames: int = 0
    _spoken: int = 0
    _pause: int = 0

    @classmethod
    def begin(cls) -> Greeting:
        return cls(Beep())

    def feed(self, speech: float, pitch: float | None) -> Who | None:
        """Takes the next frame (its probability of speech, and its pitch where it is a pure tone); who it is, once that
        is clear."""
        self._frames += 1
        self._beep.feed(pitch)
        if self._beep.sounds:
            return "machine"
        if speech >= SPEECH:
            self._spoken += 1 + (self._pause if self._spoken else 0)
            self._pause = 0
            return "machine" if self._spoken * FRAME_SECONDS > LONGEST_HELLO else None
        self._pause += 1
        if self._spoken:
            return "person" if self._pause * FRAME_SECONDS >= AFTER_HELLO else None
        return "person" if self._frames * FRAME_SECONDS >= SILENT else None


@dataclass(slots=True)
class MachineListens:
    """Finds the moment at which a machine begins to record."""

    _beep: Beep
    _frames: int = 0
    _pause: int = 0

    @classmethod
    def begin(cls) -> MachineListens:
        return cls(Beep())

    def feed(self, speech: float, pitch: float | None) -> bool:
        """Takes the next frame as `Greeting.feed`; True once the beep is over, or the greeting without one."""
        self._frames += 1
        if self._beep.feed(pitch):
            return True
        self._pause = 0 if speech >= SPEECH or self._beep.sounds else self._pause + 1
        return self._pause * FRAME_SECONDS >= MACHINE_ENDS or self._frames * FRAME_SECONDS >= LONGEST_GREETING
