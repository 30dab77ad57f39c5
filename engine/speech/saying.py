"""What is being said: the sound of each prompt as it arrives, and the ledger of what was really sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Played:
    """One prompt in the ledger: samples sent, and how many it has in all (None while it was still being rendered)."""

    sent: int
    total: int | None

    @property
    def whole(self) -> bool:
        return self.sent == self.total


@dataclass(frozen=True, slots=True)
class Said:
    """How a `Say` ended. `began` is the clock's time of its first audible frame, `ended` that of its last frame (None
    where there was none); `why` tells what failed."""

    say: int
    end: Literal["whole", "hushed", "failed"]
    prompts: tuple[Played, ...]
    began: float | None = None
    ended: float | None = None
    why: str = ""

    @property
    def heard_until(self) -> int:
        """How many prompts, from the first on, were played whole."""
        whole = [prompt.whole for prompt in self.prompts]
        return whole.index(False) if False in whole else len(whole)


@dataclass(slots=True)
class Line:
    """The sound of one prompt. `lead` is the silence before it, in bytes; it does not count as the prompt's."""

    lead: int = 0
    sound: bytearray = field(default_factory=bytearray)
    complete: bool = False
    taken: int = 0
    """Bytes of `lead` and `sound` that were played."""

    @property
    def left(self) -> int:
        return self.lead + len(self.sound) - self.taken

    def peek(self, size: int) -> bytes:
        """The next bytes, without taking them."""
        quiet = bytes(max(0, min(size, self.lead - self.taken)))
        start = max(0, self.taken - self.lead)
        return quiet + bytes(self.sound[start : start + size - len(quiet)])

    def take(self, size: int) -> bytes:
        piece = self.peek(size)
        self.taken += len(piece)
        return piece

    @property
    def played(self) -> Played:
        total = len(self.sound) // 2 if self.complete else None
        return Played(max(0, self.taken - self.lead) // 2, total)


@dataclass(slots=True)
class Saying:
    """One `Say` on its way out."""

    say: int
    lines: list[Line]
    done: asyncio.Future[Said]
    feeder: asyncio.Task[None] | None = None
    starved: int = 0
    """Frames in a row for which no sound was there."""
    began: float | None = None
    ended: float | None = None
    failure: str = ""

    def take(self, size: int) -> bytes | None:
        """Up to `size` bytes, less only at the end or where a rendering has to be waited for; None to wait."""
        frame = b""
        for line in self.lines:
            need = size - len(frame)
            if not need:
                break
            if not line.complete and line.left < need and not self.failure:
                return frame or None
            frame += line.take(need)
            if not line.complete:
                break
        return frame

    def peek(self, size: int) -> bytes:
        """What would be played next."""
        line = next((line for line in self.lines if line.left or not line.complete), None)
        return line.peek(size) if line is not None else b""

    @property
    def finished(self) -> bool:
        """Whether all was played, or all that there is before the failure."""
        unplayed = next((line for line in self.lines if line.left or not line.complete), None)
        return unplayed is None or (bool(self.failure) and not unplayed.left)

    def said(self, end: Literal["whole", "hushed", "failed"]) -> Said:
        prompts = tuple(line.played for line in self.lines)
        return Said(self.say, end, prompts, self.began, self.ended, self.failure)

    def close(self, end: Literal["whole", "hushed", "failed"]) -> Said:
        """Ends it and tells whoever waits."""
        if self.feeder is not None:
            self.feeder.cancel()
        said = self.said(end)
        if not self.done.done():
            self.done.set_result(said)
        return said
