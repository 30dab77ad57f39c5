"""Every key of the schema does something: without it, a flow that has it is another flow, or is refused."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from jsonschema import Draft202012Validator

from engine.flow.reading import read_flow
from engine.flow.schema import schema
from engine.shipped import shipped
from engine.yaml.nodes import data
from engine.yaml.position import Report
from engine.yaml.reader import read_yaml

CASES = Path(__file__).parents[1]
FOLDERS = (
    CASES / "flow" / "cases" / "every_key",
    CASES / "dialogue" / "cases" / "many",
    CASES / "dialogue" / "cases" / "rules",
    CASES / "flow" / "cases" / "language_example",
    *sorted(path.parent for path in Path(str(shipped("flows"))).glob("*/flow.yaml")),
)
"""Small ones first: the first that has a key is read with and without it."""
IDLE = {"flow.flow", "subflow.flow", "flow.frontdesk", "subflow.frontdesk", "included.frontdesk"}
"""Names for people, and the version: they change no call."""


@dataclass(frozen=True)
class Use:
    """A key of the schema where a file has it."""

    folder: Path
    file: str
    path: tuple[str | int, ...]


@dataclass(frozen=True)
class Memory:
    """A flow's folder whose files are given as text."""

    files: dict[str, str]

    def read(self, name: str, most: int) -> bytes | None:
        found = self.files.get(name)
        return None if found is None else found.encode()[:most]

    def shown(self, name: str) -> str:
        return name


@cache
def files_of(folder: Path) -> dict[str, str]:
    names = [*folder.glob("*.yaml"), *folder.glob("personas/*.yaml")]
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in names}


def tree_of(text: str, name: str) -> Any:
    root = read_yaml(text, name, Report())
    assert root is not None, name
    return data(root)


def part_of(name: str, tree: dict[str, Any]) -> str | None:
    """The part of the schema that a file of a folder belongs to; None for personas."""
    if name.startswith("personas/"):
        return None
    if name == "flow.yaml":
        return "flow"
    if name.startswith("prompts."):
        return "prompt_file"
    if "steps" in tree:
        return "subflow"
    return "included" if "frontdesk" in tree else "resources"


def whole(part: str) -> dict[str, Any]:
    found: dict[str, Any] = schema() if part == "flow" else schema()["$defs"][part]
    return found


def resolved(node: dict[str, Any], owner: str) -> tuple[dict[str, Any], str]:
    name = node.get("$ref", "").removeprefix("#/$defs/")
    return (
        ({**schema()["$defs"][name], **{k: v for k, v in node.items() if k != "$ref"}}, name) if name else (node, owner)
    )


Steps: TypeAlias = tuple[str | int, ...]


def uses(found: Any, node: dict[str, Any], owner: str, path: Steps) -> Iterator[tuple[str, Steps]]:
    """Every key of the schema that stands in a file, with its place."""
    node, owner = resolved(node, owner)
    if "if" in node:
        test = Draft202012Validator({**node["if"], "$defs": schema()["$defs"]})
        branch = node.get("then" if test.is_valid(found) else "else")
        if branch:
            yield from uses(found, branch, owner, path)
    if isinstance(found, list) and "items" in node:
        for number, item in enumerate(found):
            yield from uses(item, node["items"], owner, (*path, number))
    if not isinstance(found, dict):
        return
    for key, below in node.get("dependentSchemas", {}).items():
        if key in found:
            yield from uses(found, below, owner, path)
    for key, value in found.items():
        known = node.get("properties", {}).get(key)
        if known is not None and known != {"not": {}}:
            yield f"{owner}.{key}", (*path, key)
        matching = [below for pattern, below in node.get("patternProperties", {}).items() if re.search(pattern, key)]
        below = known or (matching[0] if matching else node.get("additionalProperties"))
        if isinstance(below, dict):
            yield from uses(value, below, owner, (*path, key))


def keys_of(node: Any, owner: str) -> Iterator[str]:
    """Every key that the schema knows."""
    if isinstance(node, list):
        for item in node:
            yield from keys_of(item, owner)
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties" and "type" in node:
                yield from (f"{owner}.{name}" for name, below in value.items() if below != {"not": {}})
            if key != "$defs":
                yield from keys_of(value, owner)


@cache
def found() -> dict[str, Use]:
    """One place for each key."""
    places: dict[str, Use] = {}
    for folder in FOLDERS:
        for name, text in files_of(folder).items():
            tree = {} if name.startswith("personas/") else tree_of(text, name)
            part = part_of(name, tree)
            for key, path in uses(tree, whole(part), part, ()) if part else ():
                places.setdefault(key, Use(folder, name, path))
    return places


KEYS = sorted(
    {*keys_of(schema(), "flow"), *(key for name, one in schema()["$defs"].items() for key in keys_of(one, name))}
)


def seen(files: dict[str, str], language: str | None) -> str:
    """All that anybody can notice of a flow and its variants: what it is, without places, and what is wrong with it."""
    first = read_flow(Memory(files), "flow.yaml", language)
    variants = (read_flow(Memory(files), "flow.yaml", language, name) for name in first.variants)
    noticed = []
    for reading in (first, *variants):
        flow = reading.flow and replace(reading.flow, hash="")
        noticed.append((flow, [(one.code, one.message) for one in reading.findings]))
    return re.sub(r"Position\([^)]*\)|end_line=\d+", "", repr(noticed))


def test_every_key_stands_in_some_flow_of_the_tests() -> None:
    assert [key for key in KEYS if key not in found() and key not in IDLE] == []


@pytest.mark.parametrize("key", [key for key in KEYS if key not in IDLE])
def test_a_flow_is_another_without_the_key(key: str) -> None:
    use = found()[key]
    files = files_of(use.folder)
    tree = tree_of(files[use.file], use.file)
    less = copy.deepcopy(tree)
    parent = less
    for part in use.path[:-1]:
        parent = parent[part]
    del parent[use.path[-1]]
    language = next(iter(re.findall(r"prompts\.(.*)\.yaml", use.file)), None)
    assert seen({**files, use.file: written(less)}, language) != whole_flow(use.folder, use.file, language), use


@cache
def whole_flow(folder: Path, file: str, language: str | None) -> str:
    """What is seen of a flow one of whose files was written anew."""
    files = files_of(folder)
    return seen({**files, file: written(tree_of(files[file], file))}, language)


def written(tree: Any) -> str:
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))
