"""The settings file as a tree of plain values: checked against its schema, overridden by the environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from engine.errors import AuthorError, SettingsError
from engine.shipped import shipped
from engine.yaml.nodes import Table, data, place_of
from engine.yaml.position import Report, did_you_mean
from engine.yaml.reader import decode, read_yaml

PREFIX: Final = "FRONTDESK_"


def read_root(file: Path, what: str, check: Callable[[Table, Report], None], report: Report) -> Table:
    """The table that a file of YAML holds, once `check` has found no fault in it; `what` names the file in errors.
    Raises AuthorError with every fault, SettingsError where it cannot be read."""
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise SettingsError(f"cannot read the {what} {file}: {fault.strerror or fault}") from fault
    text = decode(content, str(file), report)
    root = read_yaml(text, str(file), report) if text is not None else None
    if root is not None:
        check(root, report)
    if root is None or report.has_errors:
        raise AuthorError(tuple(report.found))
    return root


def read_tree(file: Path) -> dict[str, Any]:
    """What stands in the settings file; raises as `read_root` does."""
    tree: dict[str, Any] = data(read_root(file, "settings", _check, Report()))
    return tree


def override(tree: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Puts what the environment says into the tree: `FRONTDESK_<SECTION>_<KEY>`, and FRONTDESK_DB for the database."""
    for keys, variable in _variables():
        if variable in environment:
            _put(tree, keys, environment[variable])
    if "FRONTDESK_DB" in environment:
        tree["database"] = environment["FRONTDESK_DB"]


@cache
def _schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shipped("schemas") / "settings.schema.json").read_text(encoding="utf-8"))
    return loaded


def _check(root: Table, report: Report) -> None:
    for error in Draft202012Validator(_schema()).iter_errors(data(root)):
        path = list(error.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for key in sorted(set(error.instance) - set(known)):
                place = place_of(root, [*path, key], key=True)
                report.error("unknown-key", place, f"`{key}` is no setting", did_you_mean(key, known))
        else:
            hint = str(error.schema.get("description", ""))
            report.error("settings-value", place_of(root, path), error.message, hint)


def _variables() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every single value of the schema with the variable that overrides it."""
    for key, schema in _schema()["properties"].items():
        if "properties" in schema:
            yield from ((keys, PREFIX + "_".join(keys).upper()) for keys in _values(schema, (key,)))
        elif schema.get("type") == "string":
            yield (key,), f"{PREFIX}{key}".upper()


def _values(table: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where the single values of a table and of the tables in it stand."""
    for key, schema in table["properties"].items():
        if "properties" in schema:
            yield from _values(schema, (*keys, key))
        else:
            yield (*keys, key)


def _put(tree: dict[str, Any], keys: tuple[str, ...], value: str) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
    tree[keys[-1]] = value
