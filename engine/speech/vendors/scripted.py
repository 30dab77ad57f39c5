"""A fake recogniser for tests: it does not listen, it answers from a list."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from engine.effects import Expecting
from engine.speech.stt import Transcript


class Scripted:
    """A `Recogniser` that gives the next line of its script, whatever is said, and nothing when the script is over.
    `asked` keeps what each answer was expected to be, for a test to look at."""

    name = "scripted"
    open = True

    def __init__(self, lines: Iterable[str | Transcript]) -> None:
        self._lines = deque(lines)
        self.asked: list[Expecting] = []

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        self.asked.append(expecting)
        line = self._lines.popleft() if self._lines else ""
        return line if isinstance(line, Transcript) else Transcript(line, 1.0 if line else 0.0)

    async def warm(self, questions: Iterable[Expecting]) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to end."""
