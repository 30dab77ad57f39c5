"""When to stop asking a server that fails, and when to try again; it knows no clock but the times it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAILURES: Final = 3
"""Failures one after the other that open the breaker."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0


@dataclass(slots=True)
class Breaker:
    """Closed: questions go through. Open: none do, until a probe that is not made for any caller succeeds."""

    failures: int = 0
    is_open: bool = False
    pause: float = FIRST_PAUSE
    """Seconds to wait before the next probe; doubles with each that fails, up to half a minute."""

    def succeeded(self) -> None:
        """An answer came: closed, as new."""
        self.failures, self.is_open, self.pause = 0, False, FIRST_PAUSE

    def failed(self) -> bool:
        """No answer came. Whether the breaker opened by it; a probe that fails makes the pause longer."""
        if self.is_open:
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
            return False
        self.failures += 1
        self.is_open = self.failures >= FAILURES
        return self.is_open

    def trip(self) -> bool:
        """Nothing is to be expected for now: opens at once. Whether it was closed before."""
        was_closed, self.is_open = not self.is_open, True
        return was_closed
