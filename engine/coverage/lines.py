"""Where in an author's files the thing stands that an item is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.coverage.items import ANYWHERE, Item
from engine.flow.reading import Reading
from engine.yaml.nodes import step_into
from engine.yaml.position import Place


@dataclass(frozen=True, slots=True, order=True)
class Lines:
    """Lines of a file, both ends included."""

    file: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.file}:{self.first}" + (f"-{self.last}" if self.last > self.first else "")


def lines_of(reading: Reading, item: Item) -> Lines:
    """The closest that the item can be placed: the way or reason itself, else the whole step or slot."""
    section, name = _owner(reading, item)
    entry = reading.entries.get((section, name))
    if entry is None:
        return Lines(reading.path, 1, 1)
    leaf, node = entry
    for path in _paths(item):
        found = node
        for part in path:
            below = step_into(found, part)
            if below is None:
                break
            found = below
        else:
            return _lines(reading.place(section, name, *path), found.place.end_line)
    return _lines(leaf.place, node.place.end_line)


def _lines(place: Place, last: int) -> Lines:
    return Lines(place.file, place.line, max(place.line, last))


def _owner(reading: Reading, item: Item) -> tuple[str, str]:
    """The section and name of what the item belongs to."""
    if item.kind in ("rejection", "answer"):
        return ("slots" if item.kind == "rejection" else "answers"), item.place
    if item.place == ANYWHERE:
        return "anywhere", item.what.partition(" ")[0]
    step = item.place.partition("/")[0]
    for section in ("steps", "slots", "answers"):
        for name in (step, step.partition(".")[0]):
            if (section, name) in reading.entries:
                return section, name
    return "flow", ""


def _paths(item: Item) -> Iterator[tuple[str, ...]]:
    """The keys under which it may stand, the closest first."""
    way = item.what.partition(" ")[0]
    match item.kind:
        case "outcome":
            yield from (("on", item.what), ("check", "on", item.what))
        case "transfer":
            yield ("on", item.what)
        case "rejection":
            yield from (("reject", item.what), ("rules", item.what))
        case "transition":
            yield from (("listen", way), (way,))
            if way == "else":
                yield ("else",)
