"""A YAML file as a tree in which every part knows its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from engine.yaml.position import Place


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar: `text` as it was written, `value` as YAML 1.2 reads it (int, bool, str, or None when empty).

    `plain` is false for anything in quotes or a text block."""

    place: Place
    text: str
    value: int | bool | str | None
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    place: Place
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values in the order of the file; a key given twice is here once."""

    place: Place
    keys: dict[str, Leaf]
    values: dict[str, Node]
    braces: bool = False

    def get(self, key: str) -> Node | None:
        return self.values.get(key)

    def items(self) -> Iterator[tuple[str, Node]]:
        return iter(self.values.items())

    def __contains__(self, key: str) -> bool:
        return key in self.values


Node: TypeAlias = Leaf | Items | Table
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,8})\.[0-9]{1,9}")


def data(node: Node, decimals: bool = False) -> Any:
    """The tree as plain lists, dicts and scalars; keys are always text. With `decimals` what is written like `1.5` is a
    number, too."""
    match node:
        case Leaf():
            return float(node.text) if decimals and node.plain and _DECIMAL.fullmatch(node.text) else node.value
        case Items():
            return [data(item, decimals) for item in node.nodes]
        case Table():
            return {key: data(value, decimals) for key, value in node.items()}


def step_into(node: Node, part: object) -> Node | None:
    """The value below a key or an index, or None."""
    if isinstance(node, Table) and isinstance(part, str):
        return node.get(part)
    if isinstance(node, Items) and isinstance(part, int) and 0 <= part < len(node.nodes):
        return node.nodes[part]
    return None


def place_of(node: Node, path: Sequence[object], key: bool = False) -> Place:
    """Where the value at `path` stands (or its key), or else the deepest part of the path that exists."""
    place = node.place
    for index, part in enumerate(path):
        below = step_into(node, part)
        if below is None:
            return place
        last = index == len(path) - 1
        if isinstance(node, Table) and isinstance(part, str) and ((key and last) or isinstance(below, Table | Items)):
            place = node.keys[part].place
        else:
            place = below.place
        node = below
    return place
