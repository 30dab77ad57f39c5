"""What a live call needs from a telephone line, whoever provides it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of the caller: signed 16-bit little-endian mono samples at the line's rate."""

    samples: bytes


@dataclass(frozen=True, slots=True)
class Digit:
    """One key (0-9, *, #), reported when it is released."""

    key: str


Arrival: TypeAlias = Frame | Digit


class Line(Protocol):
    """One call. `arrivals` ends when the caller is gone; nothing here raises because a caller hung up."""

    id: str
    caller: str | None
    called: str | None
    rate: int
    """Samples a second, 8000 or 16000."""

    def arrivals(self) -> AsyncIterator[Arrival]:
        """What comes from the caller, in order, one frame each 20 ms."""

    async def send(self, samples: bytes) -> None:
        """Plays 20 ms to the caller at once; the caller of this paces. Ignored when the caller is gone."""

    async def transfer(self, to: str, context: Mapping[str, str], ring: float) -> str:
        """Rings `to` (a number or dial string from the settings) for `ring` seconds; answers connected, busy,
        no_answer, declined or failed. After `connected` the conversation with the person is over when this returns."""

    async def hang_up(self) -> None:
        """Ends the call; safe to call twice."""
