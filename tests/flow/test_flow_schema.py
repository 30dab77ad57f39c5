"""The schema itself: sound, described to the last key, and true of the tables in the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from engine.flow.loader import read_path
from engine.flow.model import CONFIRM_POLICIES, ORDERED_TYPES, SLOT_TYPES
from engine.flow.schema import schema, step_kinds
from engine.kinds import LIST, RANGE
from engine.shipped import shipped

SETTINGS = yaml.safe_load((Path(__file__).parents[1] / "settings" / "cases.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["flow", "persona", "settings"])
def test_every_key_is_described(name: str) -> None:
    whole = json.loads((Path(str(shipped("schemas"))) / f"{name}.schema.json").read_text(encoding="utf-8"))
    bare = [path for path, key in keys(whole, name) if not description(key, whole)]
    assert bare == []


def description(key: dict[str, Any], whole: dict[str, Any]) -> str:
    """The words about a key: its own, or those of what it refers to."""
    name = key.get("$ref", "").removeprefix("#/$defs/")
    return str(key.get("description") or (whole["$defs"][name].get("description") if name else ""))


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


def test_inputs_and_results_may_be_of_every_type() -> None:
    inputs = schema()["$defs"]["subflow"]["properties"]["inputs"]["then"]["additionalProperties"]["enum"]
    results = schema()["$defs"]["tool"]["properties"]["outcomes"]["additionalProperties"]["additionalProperties"][
        "enum"
    ]
    lists = [f"{name}{LIST}" for name in SLOT_TYPES]
    assert set(inputs) == {
        *SLOT_TYPES, *lists, *(f"{name}{RANGE}" for name in ORDERED_TYPES),
    } - {"yes_no list", "text list"}  # fmt: skip
    assert set(results) == {*SLOT_TYPES, *lists}


def test_each_kind_of_step_has_a_definition() -> None:
    assert all(f"{kind}_step" in schema()["$defs"] for kind in step_kinds())


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `yes` and `19:30` are text, keys too."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for tag, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]+$", "-+0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))

SCHEMAS = Path(str(shipped("schemas")))
FILES = sorted(Path(str(shipped("flows"))).glob("*/**/*.yaml"))
FILES = [file for file in FILES if file.parent.name != "callers"]
REGISTRY: Registry[Any] = Registry().with_resources(
    [
        (file.as_uri(), Resource.from_contents(json.loads(file.read_text(encoding="utf-8"))))
        for file in SCHEMAS.iterdir()
    ]
)


def wrong(text: str, schema_file: Path) -> list[str]:
    """What an editor underlines that knows nothing but a schema."""
    validator = Draft202012Validator({"$ref": schema_file.resolve().as_uri()}, registry=REGISTRY)
    return [error.message for error in validator.iter_errors(yaml.load(text, Loader=Core))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_editor_finds_shipped_files_sound_by_the_schema_alone(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    line = text.splitlines()[0]
    assert line.startswith("# yaml-language-server: $schema="), "editors complete and explain keys by this line"
    named = file.parent / line.partition("=")[2]
    assert named.is_file()
    assert wrong(text, named) == []


@pytest.mark.parametrize("case", [case for case in SETTINGS if "gives" in case], ids=lambda case: case["name"])
def test_an_editor_finds_good_settings_sound_by_the_schema_alone(case: dict[str, Any]) -> None:
    assert wrong(case["text"], SCHEMAS / "settings.schema.json") == []


@pytest.mark.parametrize("file", sorted(SCHEMAS.iterdir()), ids=lambda file: file.stem)
def test_each_schema_is_a_schema_that_says_what_it_is_about(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    assert found["title"]
    assert found["description"]


def test_an_editor_sees_what_is_wrong_by_the_schema_alone() -> None:
    text = FILES[0].parent.joinpath("flow.yaml").read_text(encoding="utf-8").replace("timezone:", "timezon:")
    assert len(wrong(text, SCHEMAS / "flow.schema.json")) == 2
    assert wrong("frontdesk: 1\nsteps: {}", SCHEMAS / "subflow.schema.json")
    assert wrong("hear: {menu.book: []}", SCHEMAS / "prompts.schema.json")


def test_what_is_missing_is_all_told_with_what_it_is_for(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text("flow: x\nstart: a\nsteps: {a: {message: {ask: Speak.}, then: hangup}}\noperator: a\n", "utf-8")
    [found] = read_path(file).findings
    assert (found.code, str(found.at)) == ("missing-key", f"{file}:1:1")
    assert all(part in found.hint for part in ("`frontdesk: 1`: Lang", "`language`: The lang", "`timezone`: Where"))


def test_an_item_of_a_list_is_told_from_the_list(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    text = (SCHEMAS.parent / "tests/flow/cases/language_example/flow.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("ask: What time?", "ask: [{after: 1, text: And?}, What time?]"), "utf-8")
    messages = [found.message for found in read_path(file).findings if found.code == "type"]
    assert messages == ["item 2 of `ask` should be a table of `key: value`"]
