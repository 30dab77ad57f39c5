"""What a detector of speech is."""

from __future__ import annotations

from typing import Protocol


class Listening(Protocol):
    """The detector's memory of one caller."""

    def feed(self, samples: bytes) -> float:
        """Takes the next samples (16-bit little-endian mono, any length) and gives the newest probability of speech,
        0 to 1; while too few samples have come for a new one, the last holds."""


class Detector(Protocol):
    """Made once per process and shared by all calls."""

    name: str

    def listening(self, rate: int) -> Listening:
        """A fresh memory for a caller at 8000 or 16000 samples a second."""
