"""What a recogniser of speech is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

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
