"""What the console shows of a call that is run again: how a replay went, and the call as a test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Parting:
    """The event from which on a call goes another way: its number, what it was, where the call stood, what it led to
    then and now side by side (`same` where the two are), and what differs in detail."""

    number: int
    event: str
    position: str
    beside: tuple[tuple[str, str, bool], ...]
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How a call went again. `worded` are prompts that are worded in another way: name, then, now."""

    events: int
    same: int
    worded: tuple[tuple[str, str, str], ...]
    lesser: tuple[str, ...]
    parting: Parting | None
    masked: bool
    """Whether values had to be made up, since the log masks them."""

    @property
    def as_it_went(self) -> bool:
        return self.parting is None and not self.worded and not self.lesser


@dataclass(frozen=True, slots=True)
class Test:
    """A call as a talk file, without what is private. `folder` is where talks of its flow lie; None where no line has
    this flow. `faults` tell why it does not run as the call went."""

    text: str
    folder: Path | None
    faults: tuple[str, ...]


class Again(Protocol):
    """Runs calls of the log again. Everything blocks; FrontdeskError says why it cannot be done."""

    def replay(self, call_id: str, flow: Path | None) -> Replayed:
        """Runs a call on the flow as it lies on disk, or with None on the version that took it."""
        ...

    def test(self, call_id: str, flow: Path | None) -> Test:
        """A call as a test of the flow as it lies on disk, or with None of the version that took it."""
        ...
