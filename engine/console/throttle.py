"""How often somebody may try to log in: after a few failures each further try has to wait, and longer each time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE: Final = 5
"""Failures that cost nothing: people mistype."""
FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(minutes=15)
FORGIVEN: Final = timedelta(hours=1)
"""After so long without a failure the count starts again."""
REMEMBERED: Final = 10_000


@dataclass(slots=True)
class _Tries:
    failures: int
    last: datetime


class Throttle:
    """Counts failures by key: an address, an account. The keys that were quiet longest are forgotten first."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait(self, keys: tuple[str, ...], now: datetime) -> timedelta:
        """How long these keys must still wait before the next try; zero when they may try now."""
        return max((self._wait(key, now) for key in keys), default=timedelta(0))

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """A try with each of these keys failed."""
        for key in keys:
            tries = self._tries.pop(key, None)
            failures = tries.failures if tries and now - tries.last < FORGIVEN else 0
            self._tries[key] = _Tries(failures + 1, now)
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """A try succeeded: this key starts anew."""
        self._tries.pop(key, None)

    def _wait(self, key: str, now: datetime) -> timedelta:
        tries = self._tries.get(key)
        if tries is None or tries.failures < FREE:
            return timedelta(0)
        pause = min(LONGEST, FIRST * float(2 ** min(tries.failures - FREE, 20)))
        return max(timedelta(0), tries.last + pause - now)
