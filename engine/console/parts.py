"""What the console works with, handed in by the door that opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from engine.actions.store import Store
from engine.console.lines import Lines
from engine.console.passwords import Passwords
from engine.console.throttle import Throttle
from engine.settings import Settings

SESSION: Final = timedelta(hours=12)
"""A working day: after this time everybody logs in again."""
IDLE: Final = timedelta(hours=2)
"""A browser that nobody used for so long is logged out."""


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """`clock` gives aware moments; `secure` says that browsers come by HTTPS, so that cookies may go by it alone."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    lines: Lines
    secure: bool = False
    passwords: Passwords = field(default_factory=Passwords)
    throttle: Throttle = field(default_factory=Throttle)

    @property
    def zone(self) -> str:
        """The zone of clocks that belong to no flow: that of the first line's flow."""
        return next((flow.timezone for flow in self.lines.flows().values()), "UTC")
