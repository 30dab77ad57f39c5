"""The flows of the lines as people of the console know them: by name, each with its folder and its lines."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.console.shelf import Shelf
from engine.console.texts import writing
from engine.errors import SettingsError
from engine.settings import LineSettings, Settings
from engine.shipped import shipped


@dataclass(frozen=True, slots=True)
class Work:
    """One flow. `main` is the name of its flow file, `lines` are those that it answers. A `shipped` one is read only:
    it belongs to frontdesk, and the next update would undo changes."""

    name: str
    shelf: Shelf
    main: str
    lines: tuple[LineSettings, ...]
    shipped: bool
    waits: bool = False
    """Whether the lines still run the shipped flow, until frontdesk is started again."""


class Shelves:
    """The flows by name, in the order of the lines."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shelves: dict[Path, Shelf] = {}

    def all(self) -> Mapping[str, Work]:
        """Every flow that a line runs; a copy beside the settings file stands for the shipped one that it was made
        of."""
        lines: dict[Path, list[LineSettings]] = {}
        for line in self._settings.lines.values():
            lines.setdefault(line.flow, []).append(line)
        found: dict[str, Work] = {}
        for path, some in lines.items():
            name = re.sub(r"[^\w-]+", "-", path.parent.name).strip("-") or "flow"
            while name in found:
                name += "-2"
            found[name] = self._work(name, path, tuple(some))
        return found

    def _work(self, name: str, path: Path, lines: tuple[LineSettings, ...]) -> Work:
        ours = path.is_relative_to(Path(str(shipped("flows"))).resolve())
        own = self._own(path)
        waits = ours and (own / path.name).is_file()
        home = own if waits else path.parent
        shelf = self._shelves.setdefault(home, Shelf(home, self._settings.path))
        return Work(name, shelf, path.name, lines, shipped=ours and not waits, waits=waits)

    def _own(self, path: Path) -> Path:
        """Where one's own copy of a shipped flow lies: the settings find it there by the same name."""
        settings = self._settings.path
        return (settings.parent if settings is not None else Path.cwd()) / path.parent.name

    def adopt(self, work: Work) -> Path:
        """Copies a shipped flow beside the settings file, with its talks. Raises SettingsError where that cannot be
        done."""
        to = self._own(work.lines[0].flow)
        if to.exists():
            raise SettingsError(f"there is a {to} already that holds no {work.main}; move it away first")
        with writing(to.parent):
            shutil.copytree(work.shelf.home, to, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        return to
