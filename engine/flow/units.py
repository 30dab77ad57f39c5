"""Reads the files of a flow and unfolds `use:`: one unit for the flow, one for each step that uses another file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol, TypeAlias

from engine.flow.model import BUILT_IN_TARGETS
from engine.flow.schema import Faults, Part, check_schema, check_version
from engine.flow.writing import Unit, word
from engine.yaml.nodes import Items, Leaf, Node, Table
from engine.yaml.position import Place, Report, did_you_mean, listed
from engine.yaml.reader import LARGEST, decode, read_yaml

_MOST_UNITS = 200


class Folder(Protocol):
    """The folder that a flow lives in; nothing outside it can be read."""

    def read(self, name: str, most: int) -> bytes | None:
        """Up to `most` bytes of a file, named relative to the folder; None when there is no such file inside it."""

    def shown(self, name: str) -> str:
        """How findings call a file of the folder."""


@dataclass(slots=True)
class Files:
    """The files read so far, by their name in the folder; `contents` serves the hash of the flow."""

    folder: Folder
    report: Report
    trees: dict[tuple[str, Part], tuple[Table, Faults] | None] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def tree(self, name: str, part: Part, asked: Place | None = None) -> tuple[Table, Faults] | None:
        """A file held against its part of the schema; None when it cannot be read, which has been reported."""
        if (name, part) not in self.trees:
            self.trees[name, part] = self._read(name, part, asked)
        return self.trees[name, part]

    def has(self, name: str) -> bool:
        """Whether the folder holds such a file."""
        return self.folder.read(name, 0) is not None

    def _read(self, name: str, part: Part, asked: Place | None) -> tuple[Table, Faults] | None:
        content = self.folder.read(name, LARGEST + 1)
        shown = self.folder.shown(name)
        if content is None:
            place = asked or Place(shown)
            hint = "Files that a flow names stand in its own folder."
            self.report.error("no-file", place, f"there is no file {name} beside the flow", hint)
            return None
        self.contents[name] = content
        text = decode(content, shown, self.report)
        root = read_yaml(text, shown, self.report) if text is not None else None
        if root is None or not check_version(root, self.report):
            return None
        return root, check_schema(root, part, self.report)


_Link: TypeAlias = tuple[Unit, Table, Unit]
"""A used file, the step that uses it, and the file of that step."""


def read_units(files: Files, main: str) -> list[Unit]:
    """The unit of the flow, those of the files that it includes, then those of its used flows; empty when the flow
    itself cannot be read."""
    read = files.tree(main, "flow")
    if read is None:
        return []
    root = Unit(main, *read)
    units = [root, *_included(root, files)]
    links: list[_Link] = []
    _unfold(root, files, units, links, (main,))
    for below, node, unit in reversed(links):
        _connect(below, node, unit, files.report)
    return units


def _included(root: Unit, files: Files) -> Iterator[Unit]:
    """Files that belong to the flow as if they stood in it: they may lead to its steps and name all that it names."""
    node = root.table.get("include")
    for item in node.nodes if isinstance(node, Items) and not root.faults.touch("include") else ():
        name = _inside(root.file, word(item))
        if name is None or name == root.file:
            message = (
                f"{word(item)} is the flow itself" if name else f"{word(item)} lies outside the folder of the flow"
            )
            files.report.error("include", item.place, message, "An included file stands beside the flow.")
            continue
        read = files.tree(name, "included", item.place)
        if read is not None:
            yield Unit(name, *read, steps=root.steps, exits=root.exits)


def _unfold(unit: Unit, files: Files, units: list[Unit], links: list[_Link], chain: tuple[str, ...]) -> None:
    """Names the steps of a unit, reading the files that they use first: such a step leads to its file's first step.

    `links` gets every use, inner ones first: an exit may lead to an exit of the file around it, which is wired before.
    """
    for local, node in unit.section("steps").items():
        unit.steps[local] = unit.prefix + local
        if isinstance(node, Table) and "use" in node and not unit.faults.touch("steps", local):
            below = _use(unit, local, node, files, units, links, chain)
            if below is not None:
                links.append((below, node, unit))
                unit.steps[local] = below.steps.get(word(below.table.get("start")), unit.prefix + local)


def _use(
    unit: Unit, local: str, step: Table, files: Files, units: list[Unit], links: list[_Link], chain: tuple[str, ...]
) -> Unit | None:
    node = step.get("use")
    assert isinstance(node, Leaf)
    name = _inside(unit.file, node.text)
    if name is None or name in chain:
        message = f"{node.text} is used by itself" if name else f"{node.text} lies outside the folder of the flow"
        files.report.error("use", node.place, message, "A used flow stands beside the flow and does not use itself.")
        return None
    read = files.tree(name, "subflow", node.place)
    if read is None or len(units) >= _MOST_UNITS:
        return None
    table, faults = read
    _check_version(name, table, node, step, files.report)
    own = {section: _own(table, section) for section in ("slots", "tools")}
    below = Unit(name, table, faults, f"{unit.prefix}{local}.")
    below.slots = frozenset([*own["slots"], *_listed(table, "inputs")])
    below.tools = frozenset([*own["tools"], *_listed(table, "shared_tools")])
    units.append(below)
    _unfold(below, files, units, links, (*chain, name))
    return below


def _check_version(name: str, table: Table, node: Leaf, step: Table, report: Report) -> None:
    """A step that says for which version of a file it was written holds for that version alone."""
    due, given = step.get("version"), table.get("version")
    if not isinstance(due, Leaf):
        if isinstance(given, Leaf):
            message = f"{name} is version {given.text}, and this step does not say for which it was written"
            report.warning("module-version", node.place, message, f"Write `version: {given.text}` beside `use`.")
    elif not isinstance(given, Leaf):
        report.error("module-version", due.place, f"{name} has no `version`", "Write one there, or remove this.")
    elif due.value != given.value:
        message = f"{name} is version {given.text}; this step was written for {due.text}"
        hint = f"Look at what changed there (inputs, exits, steps), then write `version: {given.text}`."
        report.error("module-version", due.place, message, hint)


def _connect(below: Unit, step: Table, unit: Unit, report: Report) -> None:
    """Wires the exits of a used flow to steps of the flow that uses it, exactly."""
    exits, given = _listed(below.table, "exits"), step.get("exits")
    if not isinstance(given, Table):
        return
    for name, key in given.keys.items():
        if name not in exits:
            report.error("unknown-outcome", key.place, f"{below.file} has no exit `{name}`", did_you_mean(name, exits))
    missing = [name for name in exits if name not in given]
    if missing:
        place = step.keys["exits"].place
        report.error(
            "unwired-outcome", place, f"{below.file} can also leave by {listed(missing)}", "Write where each leads."
        )
    for name in exits:
        below.exits[name] = _outer(given.get(name), unit, report)


def _outer(node: Node | None, unit: Unit, report: Report) -> str:
    name = word(node, "hangup")
    if name in unit.steps or name in BUILT_IN_TARGETS or name in _listed(unit.table, "exits"):
        return unit.exits.get(name) or unit.steps.get(name, name)
    if node is not None:
        hint = did_you_mean(name, [*unit.steps, *BUILT_IN_TARGETS])
        report.error("unknown-step", node.place, f"there is no step `{name}`", hint)
    return name


def _inside(file: str, name: str) -> str | None:
    """The file that is meant by a name in another file, if it stays in the folder."""
    path = PurePosixPath(file).parent / name
    plain = not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
    return str(path) if plain and name.strip() else None


def _own(table: Table, section: str) -> tuple[str, ...]:
    node = table.get(section)
    return tuple(node.values) if isinstance(node, Table) else ()


def _listed(table: Table, key: str) -> tuple[str, ...]:
    """Names that stand in a list, or as the keys of a table."""
    node = table.get(key)
    if isinstance(node, Table):
        return tuple(node.values)
    return tuple(word(item) for item in node.nodes) if isinstance(node, Items) else ()
