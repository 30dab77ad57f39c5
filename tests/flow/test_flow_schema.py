"""The schema itself: sound, described to the last key, and true of the tables in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from jsonschema import Draft202012Validator

from engine.flow.model import CONFIRM_POLICIES, SLOT_TYPES
from engine.flow.schema import schema, step_kinds
from engine.flow.shipped import shipped


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


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `yes` and `19:30` are text, keys too."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for tag, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))

FLOWS = sorted(Path(str(shipped("flows"))).glob("*/*.yaml"))


@pytest.mark.parametrize("file", FLOWS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_editor_finds_shipped_flows_sound_by_the_schema_alone(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if file.name == "flow.yaml":
        line = text.splitlines()[0]
        assert line.startswith("# yaml-language-server: $schema=")
        assert (file.parent / line.partition("=")[2]).resolve().name == "flow.schema.json"
        assert (file.parent / line.partition("=")[2]).is_file()
    part = {} if file.name == "flow.yaml" else {"$ref": "#/$defs/subflow"}
    whole = schema() if not part else {**part, "$defs": schema()["$defs"]}
    errors = [error.message for error in Draft202012Validator(whole).iter_errors(yaml.load(text, Loader=Core))]
    assert errors == []


def test_an_editor_sees_what_is_wrong_by_the_schema_alone() -> None:
    text = FLOWS[0].parent.joinpath("flow.yaml").read_text(encoding="utf-8").replace("timezone:", "timezon:")
    errors = list(Draft202012Validator(schema()).iter_errors(yaml.load(text, Loader=Core)))
    assert len(errors) == 2
