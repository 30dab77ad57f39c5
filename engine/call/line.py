"""What a live call needs from a telephone line, whoever provides it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of the caller: signed 16-bit little-endian mono samples at the line's rate."""

    samples: bytes


@dataclass(frozen=True, slots=True)
class Digit:
    """One key (0-9, *, #), reported when it is released."""

    key: str


Arrival: TypeAlias = Frame | Digit


@dataclass(frozen=True, slots=True)
class Whisper:
    """What a person hears before a call is theirs: `samples` (16-bit little-endian mono at the line's rate), said again
    after a pause. The key 1 takes the call; any other key, hanging up, or no key `within` seconds declines it."""

    samples: bytes
    within: float = 20.0


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

    async def cut(self) -> None:
        """Drops what was sent and still waits to be played, if anything does: we stop in the middle of our words."""

    async def transfer(self, to: str, context: Mapping[str, str], ring: float, whisper: Whisper | None = None) -> str:
        """Rings `to` (a number or dial string from the settings) for `ring` seconds; answers connected, busy,
        no_answer, declined or failed. After `connected` the conversation with the person is over when this returns.
        The caller hears ringing or music until the person has the call, also while a `whisper` is spoken to them;
        a person who does not take the call after it gives `declined`, and the call is ours again."""

    async def pass_on(self, to: str, context: Mapping[str, str]) -> str:
        """Gives the call to `to` for good (a blind transfer): `connected` once it is out of our hands, whatever becomes
        of it there; `failed` where it could not be given away, and then it is still ours."""

    async def hang_up(self) -> None:
        """Ends the call; safe to call twice."""


@runtime_checkable
class RunsScripts(Protocol):
    """A line over which AGI scripts can be run."""

    async def run_script(
        self, name: str, arguments: Sequence[str], wanted: Sequence[str], seconds: float
    ) -> Mapping[str, str] | None:
        """Runs the script of the settings with this name; it has the call alone. Answers those of the `wanted` channel
        variables that it set, or None where it failed, was too slow, or the caller is gone."""
