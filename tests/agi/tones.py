"""Sound for tests: 16-bit 8 kHz samples made, measured, and packed as G.711 mu-law."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
LOUD = 400.0
"""Root mean square from which 20 ms count as sound."""
Samples = NDArray[np.int16]


def _decoding() -> Samples:
    codes = ~np.arange(256) & 0xFF
    magnitude = (((codes & 0x0F) << 3) + 0x84 << ((codes & 0x70) >> 4)) - 0x84
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _encoding() -> NDArray[np.uint8]:
    samples = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(samples), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    sign = np.where(samples < 0, 0x80, 0)
    return (~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF).astype(np.uint8)


_DECODED, _ENCODED = _decoding(), _encoding()


def to_ulaw(samples: Samples) -> bytes:
    """One byte a sample."""
    return _ENCODED[samples.view(np.uint16)].tobytes()


def from_ulaw(data: bytes) -> Samples:
    """One sample a byte."""
    return _DECODED[np.frombuffer(data, np.uint8)]


def tone(hertz: float, seconds: float, amplitude: int = 9000) -> Samples:
    """A pure tone."""
    at = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def level(samples: Samples) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64))))) if len(samples) else 0.0


def pitch(samples: Samples) -> float:
    """The strongest frequency in hertz, or 0 where it is silent."""
    if level(samples) < LOUD:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * RATE / len(samples)


def seconds_of(samples: Samples, hertz: float, within: float = 60.0) -> float:
    """For how long a tone of about `hertz` is in the samples, by steps of 20 ms."""
    step = RATE // 50
    steps = [samples[at : at + step] for at in range(0, len(samples) - step + 1, step)]
    return sum(abs(pitch(part) - hertz) <= within for part in steps) * 0.02


def read_wav(path: Path | str) -> Samples:
    """An 8 kHz 16-bit mono file; ValueError for another."""
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getsampwidth(), file.getnchannels()) != (RATE, 2, 1):
            raise ValueError(f"{path} is not 8 kHz 16-bit mono")
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def write_wav(path: Path | str, samples: Samples) -> None:
    """Writes an 8 kHz 16-bit mono file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
