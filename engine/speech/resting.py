"""Which voices are left alone for a while because they failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FIRST_REST: Final = 15.0
LONGEST_REST: Final = 240.0


@dataclass(slots=True)
class _Rest:
    until: float
    seconds: float


class Resting:
    """By voice and language, since a voice may know one language and lack another. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rests: dict[tuple[str, str], _Rest] = {}

    def rests(self, voice: str, language: str) -> bool:
        """Whether it is not to be asked now. After its rest the next caller's sentence tries it."""
        rest = self._rests.get((voice, language))
        return rest is not None and self._clock() < rest.until

    def failed(self, voice: str, language: str) -> None:
        """It rests, each time twice as long as the time before."""
        rest = self._rests.get((voice, language))
        seconds = FIRST_REST if rest is None else min(LONGEST_REST, 2 * rest.seconds)
        self._rests[voice, language] = _Rest(self._clock() + seconds, seconds)

    def worked(self, voice: str, language: str) -> None:
        """It spoke: as new."""
        self._rests.pop((voice, language), None)
