"""Says in the log whom we refuse, without letting a flood of peers become a flood of lines."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two lines."""


class Refusals:
    """At most one line a second; it says how many others went unsaid since the last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = -EVERY
        self._unsaid = 0
        self.count = 0
        """All of them."""

    def note(self, why: str) -> None:
        """A peer was refused. Text of the peer's must come escaped (`!r`)."""
        self.count += 1
        now = self._clock()
        if now - self._last < EVERY:
            self._unsaid += 1
            return
        self._last, unsaid, self._unsaid = now, self._unsaid, 0
        log.warning("%s%s", why, f" (and {unsaid} other refusals before)" if unsaid else "")
