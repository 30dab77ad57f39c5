"""What the console works with, handed in by the door that opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from engine.actions.store import Store
from engine.console.again import Again
from engine.console.bench import Bench
from engine.console.followings import Followings
from engine.console.lines import Lines
from engine.console.passwords import Passwords
from engine.console.pictures import Pictures
from engine.console.rehearsing import Workbench
from engine.console.shelves import Shelves
from engine.console.speaker import Speaker
from engine.console.throttle import Throttle
from engine.settings import Settings

SESSION: Final = timedelta(hours=12)
"""A working day: after this time everybody logs in again."""
IDLE: Final = timedelta(hours=2)
"""A browser that nobody used for so long is logged out."""


STREAMS: Final = 60
"""Pages that are kept up to date at a time; each costs a look at the database twice a second."""


class Streams:
    """How many streams are open; used in the event loop alone."""

    def __init__(self, most: int = STREAMS) -> None:
        self._left = most
        self.closed = False
        """Whether the server stops."""

    def close(self) -> None:
        """The server stops: every stream ends within a look."""
        self.closed = True

    @property
    def full(self) -> bool:
        """Whether one more is one too many."""
        return self.closed or self._left <= 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """One is open while the body runs."""
        self._left -= 1
        try:
            yield
        finally:
            self._left += 1


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """`clock` gives aware moments; `secure` says that browsers come by HTTPS, so that cookies may go by it alone."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    lines: Lines
    calls: Followings
    again: Again
    secure: bool = False
    passwords: Passwords = field(default_factory=Passwords)
    throttle: Throttle = field(default_factory=Throttle)
    pictures: Pictures = field(default_factory=Pictures)
    streams: Streams = field(default_factory=Streams)
    speaking: Streams = field(default_factory=lambda: Streams(2))
    """Trials by voice at a time; each has an ear and a mouth of its own."""
    bench: Bench = field(default_factory=Bench)
    shelves: Shelves = field(kw_only=True)
    workbench: Workbench = field(kw_only=True)
    speaker: Speaker = field(kw_only=True)

    def close(self) -> None:
        """The server stops."""
        self.streams.close()
        self.speaking.close()
        self.bench.close()
        self.speaker.stop()

    @property
    def zone(self) -> str:
        """The zone of clocks that belong to no flow: that of the first line's flow."""
        return next((flow.timezone for flow in self.lines.flows().values()), "UTC")
