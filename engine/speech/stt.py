"""What a recogniser of speech is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from engine.effects import Expecting


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard: `text` (empty when nothing was, or only words outside the grammar), `confidence` from 0 to 1,
    and other readings, best first."""

    text: str
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    milliseconds: float = 0.0


class Recogniser(Protocol):
    """Made once per process. `open` says whether it knows words beyond small grammars."""

    name: str
    open: bool

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        """Decodes one segment (16-bit little-endian mono). Runs outside the event loop; cancellable."""

    async def warm(self, questions: Iterable[Expecting]) -> None:
        """Makes ready for these questions, so that the first callers do not wait."""

    async def close(self) -> None:
        """Ends worker processes."""


class Following(Protocol):
    """One utterance that is read while it is said."""

    def feed(self, samples: bytes) -> None:
        """The next sound of it; returns at once."""

    async def words(self) -> Transcript:
        """All that was said up to now; more may follow. `milliseconds` counts from the question. Cancellable."""

    def close(self) -> None:
        """Nothing more will be asked."""


@runtime_checkable
class Follower(Protocol):
    """A recogniser that works while the caller speaks, so that little is left to do when they pause."""

    def follow(self, rate: int, expecting: Expecting) -> Following:
        """Begins with an utterance."""


class Whole:
    """A `Following` by a recogniser that reads whole segments only."""

    def __init__(self, recogniser: Recogniser, rate: int, expecting: Expecting) -> None:
        self._recogniser = recogniser
        self._rate = rate
        self._expecting = expecting
        self._samples = bytearray()

    def feed(self, samples: bytes) -> None:
        self._samples += samples

    async def words(self) -> Transcript:
        return await self._recogniser.recognise(bytes(self._samples), self._rate, self._expecting)

    def close(self) -> None:
        """Nothing is held."""


def following(recogniser: Recogniser, rate: int, expecting: Expecting) -> Following:
    """An utterance in the hands of a recogniser, of either kind."""
    if isinstance(recogniser, Follower):
        return recogniser.follow(rate, expecting)
    return Whole(recogniser, rate, expecting)
