"""How long to wait before something that failed is tried again: longer each time, and short again once it held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 30.0
HELD_FOR: Final = 60.0
"""Seconds after which what was started counts as sound."""


@dataclass(slots=True)
class Backoff:
    """Times in seconds of a clock that never jumps."""

    failures_ever: int = 0
    _in_a_row: int = 0
    _since: float | None = None

    def started(self, now: float) -> None:
        """It runs."""
        self._since = now

    def failed(self, now: float) -> float:
        """It failed; answers how long to wait."""
        held = self._since is not None and now - self._since >= HELD_FOR
        self._in_a_row = 0 if held else self._in_a_row
        self._since = None
        seconds = min(LONGEST, FIRST * 2.0**self._in_a_row)
        self._in_a_row = min(self._in_a_row + 1, 10)
        self.failures_ever += 1
        return seconds
