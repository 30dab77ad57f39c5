"""The flows of the lines as they lie on disk, read again when a file changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from engine.actions.archive import FlowRow
from engine.errors import FrontdeskError
from engine.flow.model import Flow
from engine.flow.reading import Reading
from engine.settings import LineSettings, read_line

FlowOf: TypeAlias = Callable[[FlowRow, str, str | None], Flow]
"""Gives a kept version of a flow in a language and a variant; AuthorError when this frontdesk no longer accepts it."""
Stamp: TypeAlias = tuple[tuple[str, int, int], ...]


class Lines:
    """The lines of the settings by name. Reading one may take a fifth of a second after a change, else nothing; it may
    be asked from any thread."""

    def __init__(self, lines: Mapping[str, LineSettings]) -> None:
        self.settings = lines
        self._lock = threading.Lock()
        self._read: dict[str, tuple[Stamp, Reading]] = {}
        self._good: dict[str, Flow] = {}
        """The last version of each line that could be read."""

    def reading(self, name: str) -> Reading:
        """The line's flow with all findings of its reading. Raises KeyError for an unknown line, FrontdeskError or
        OSError where there is nothing to read."""
        line = self.settings[name]
        stamp = stamp_of(line.flow.parent)
        with self._lock:
            kept = self._read.get(name)
            if kept is None or kept[0] != stamp:
                kept = self._read[name] = (stamp, read_line(line))
            if kept[1].flow is not None:
                self._good[name] = kept[1].flow
            return kept[1]

    def flow(self, name: str) -> Flow | None:
        """The line's flow as it could last be read; None where it never could."""
        try:
            reading = self.reading(name)
        except (FrontdeskError, OSError):
            return self._good.get(name)
        return reading.flow or self._good.get(name)

    def flows(self) -> dict[str, Flow]:
        """The flows of all lines that have one that can be read, by the line's name."""
        found = {name: self.flow(name) for name in self.settings}
        return {name: flow for name, flow in found.items() if flow is not None}


def stamp_of(folder: Path) -> Stamp:
    """What changes when a file of the flow does."""
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        about = path.stat()
        found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)
