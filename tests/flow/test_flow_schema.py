"""The schema itself: sound, described to the last key, and true of the tables in the code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from engine.flow.model import CONFIRM_POLICIES, SLOT_TYPES
from engine.flow.schema import schema, step_kinds


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_every_key_is_described() -> None:
    bare = [path for path, key in keys(schema(), "flow") if not description(key)]
    assert bare == []


def description(key: dict[str, Any]) -> str:
    """The words about a key: its own, or those of what it refers to."""
    name = key.get("$ref", "").removeprefix("#/$defs/")
    return str(key.get("description") or (schema()["$defs"][name].get("description") if name else ""))


def keys(part: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that the schema knows, with the path to it."""
    if isinstance(part, list):
        for item in part:
            yield from keys(item, path)
    if not isinstance(part, dict):
        return
    for name, value in part.items():
        if name in ("properties", "patternProperties") and "type" in part:
            yield from ((f"{path}.{key}", below) for key, below in value.items())
        if name != "enum":
            yield from keys(value, f"{path}.{name}")


def test_every_definition_is_used() -> None:
    text = str(schema())
    parts = {"subflow", "included", "prompt_file", "resources"}
    unused = [name for name in schema()["$defs"] if f"#/$defs/{name}'" not in text and name not in parts]
    assert unused == []


def test_the_slot_types_are_those_of_the_model() -> None:
    assert tuple(schema()["$defs"]["slot"]["properties"]["type"]["enum"]) == SLOT_TYPES
    assert tuple(schema()["$defs"]["slot"]["properties"]["confirm"]["enum"]) == CONFIRM_POLICIES


def test_each_kind_of_step_has_a_definition() -> None:
    assert all(f"{kind}_step" in schema()["$defs"] for kind in step_kinds())
