"""Reloads the flows of lines when their files change; one with errors is refused, and running calls keep theirs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from agi.proving import sound_elsewhere
from engine.call.desk import Desk
from engine.check.changes import changes
from engine.errors import AuthorError, FrontdeskError
from engine.flow.loader import variants_of
from engine.flow.model import Flow
from engine.persona.persona import Persona, persona_beside
from engine.settings import LineSettings

log = logging.getLogger(__name__)

EVERY: Final = 2.0
"""Seconds between two looks at the files."""
_SHOWN: Final = 20
"""Changes and faults that are announced one by one."""

Fingerprint: TypeAlias = tuple[tuple[str, int, int], ...]


class Reloader:
    """Watches the files of each line's flow, and puts a new version in its place once it has been found sound."""

    def __init__(
        self,
        lines: Mapping[str, LineSettings],
        desk: Desk,
        announce: Callable[[str], None],
        prove: Callable[[LineSettings], Awaitable[Flow]] = sound_elsewhere,
    ) -> None:
        self._lines, self._desk, self._announce, self._prove = lines, desk, announce, prove
        self._seen = {name: fingerprint(line.flow) for name, line in lines.items()}

    async def watch(self, told: asyncio.Event, every: float = EVERY) -> None:
        """Looks every so many seconds, and at once when told to; ends when it is cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), every)
            always = told.is_set()
            told.clear()
            await self.look(always)

    async def look(self, always: bool = False) -> None:
        """Reloads the lines whose files are not as they were (or all)."""
        for name, line in self._lines.items():
            now = await asyncio.to_thread(fingerprint, line.flow)
            if now != self._seen[name] or always:
                self._seen[name] = now
                try:
                    await self._reload(name, line)
                except AuthorError as fault:
                    self._refuse(name, [str(finding) for finding in fault.findings])
                except (FrontdeskError, OSError) as fault:
                    self._refuse(name, [str(fault)])

    async def _reload(self, name: str, line: LineSettings) -> None:
        flow = await self._prove(line)
        running = self._desk.lines[name]
        old = running.compiled.flow
        if flow.hash == old.hash and _personas(flow) == [one.persona for one in (running, *running.variants.values())]:
            return
        await self._desk.replace(name, flow)
        found = [str(change) for change in changes(old, flow)]
        said = f"{len(found)} differences for callers" if len(found) != 1 else "1 difference for callers"
        self._announce(f"line {name}: version {old.hash[:8]} is now {flow.hash[:8]}, with {said}")
        self._tell(found)

    def _refuse(self, name: str, faults: list[str]) -> None:
        version = self._desk.lines[name].compiled.flow.hash[:8]
        self._announce(f"line {name}: the new version is refused, and calls go on with {version}")
        self._tell(faults)

    def _tell(self, lines: list[str]) -> None:
        for line in lines[:_SHOWN]:
            self._announce(f"  {line}")
        if len(lines) > _SHOWN:
            self._announce(f"  and {len(lines) - _SHOWN} more: see frontdesk check")


def _personas(flow: Flow) -> list[Persona]:
    """Who speaks in a flow, and in each of its variants."""
    flows = (flow, *(variants_of(flow) if flow.variants else ()))
    return [persona_beside(one.path, one.persona) for one in flows]


def fingerprint(path: Path) -> Fingerprint:
    """Names, times and sizes of the YAML files that a flow may consist of: those in its folder, two levels deep."""
    folder = path if path.is_dir() else path.parent
    return tuple(sorted(_stamps(folder)))


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    for pattern in ("*.yaml", "*/*.yaml", "*/*/*.yaml"):
        for file in folder.glob(pattern):
            with contextlib.suppress(OSError):  # gone since it was listed
                stat = file.stat()
                yield str(file), stat.st_mtime_ns, stat.st_size
