"""The table of what `frontdesk doctor` looks at, and what a look gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.settings import Settings

State: TypeAlias = Literal["ok", "warning", "error", "off"]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at. `text` says how it is; `advice` what to do where it is not well. `off` is what the
    settings do not use, or what cannot be seen from here."""

    what: str
    state: State
    text: str
    advice: str = ""


Look: TypeAlias = Callable[[Settings], Iterable[Row]]
LOOKS: dict[str, Look] = {}
"""Every part by its name, in the order in which it is shown."""


def look(part: str) -> Callable[[Look], Look]:
    """Registers a function under the name of the part that it looks at. It changes nothing, and takes seconds at most;
    whatever is wrong becomes a row."""

    def keep(function: Look) -> Look:
        LOOKS[part] = function
        return function

    return keep


def examine(settings: Settings) -> Iterator[tuple[str, Row]]:
    """All rows, part by part."""
    for part, function in LOOKS.items():
        for row in function(settings):
            yield part, row
