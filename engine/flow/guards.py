"""The condition language: closed, typed and total; no text is ever run as code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.flow.calendar import Calendar


class View(Protocol):
    """What a condition may look at."""

    @property
    def now(self) -> datetime: ...

    def value(self, name: str) -> object | None:
        """The value of a slot, of a tool's result or of a built-in (`caller`, `part_of_day`); None where unset."""

    def calendar(self, name: str) -> Calendar:
        """A calendar of the flow."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition; `text` is what the author wrote."""

    text: str

    def holds(self, view: View) -> bool:
        raise NotImplementedError
