"""What can be written at a place of a flow's file, from the schemas and from the names that the flow has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from engine.shipped import shipped

Schema: TypeAlias = Mapping[str, Any]
Kind: TypeAlias = Literal["key", "value", "name"]

_KEY: Final = re.compile(r"(?P<indent>\s*)(?P<dashes>(?:-\s+)*)(?P<key>[\w.-]+|\"[^\"]+\"):(?=\s|$)")
_DASH: Final = re.compile(r"(?P<indent>\s*)-(?:\s|$)")
_FLOW_KEY: Final = re.compile(r"([\w.-]+):\s")
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "target": ("steps",), "slot": ("slots",), "slots": ("slots",), "form": ("slots",), "depends_on": ("slots",),
    "open": ("calendars",), "calendar": ("calendars",), "resource": ("resources",), "call": ("tools",),
    "check": ("tools",), "look_up": ("tools",), "operator": ("steps",), "start": ("steps",), "then": ("steps",),
}  # fmt: skip
"""Keys whose values are names, and the sections that have these names."""
_ENDINGS: Final = ("end", "hangup")
MOST: Final = 80


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`about` is the schema's own description; `kind` is what an editor shows it as."""

    label: str
    kind: Kind
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Keys above the cursor, outermost first; a part of a list is `-`. `key` is the one whose value is written, None
    where a key is; `siblings` are the keys that stand there already."""

    path: tuple[str, ...]
    key: str | None
    siblings: tuple[str, ...]


def suggestions(file: str, text: str, line: int, column: int) -> list[Suggestion]:
    """What fits at a place (from 1, in code points), keys before values. Empty where nothing is known to fit."""
    place = _place(text, line, column)
    tables = _below((_schema_of(file),), place.path, place.siblings)
    if place.key is None:
        found = [one for one in _keys(tables) if one.label not in place.siblings]
        return found[:MOST]
    return list(_values(_below(tables, (place.key,), place.siblings), place, text))[:MOST]


def about(file: str, text: str, line: int, column: int) -> str:
    """What the schema says of the key at a place; empty where it says nothing."""
    written = text.split("\n")[line - 1] if 0 < line <= text.count("\n") + 1 else ""
    for match in _FLOW_KEY.finditer(f"{written} "):
        if match.start(1) < column <= match.end(1) + 1:
            place = _place(text, line, match.start(1) + 1)
            found = _keys(_below((_schema_of(file),), place.path, place.siblings))
            return next((one.about for one in found if one.label == match[1]), "")
    return ""


# where the cursor is


def _place(text: str, line: int, column: int) -> _Place:
    lines = text.split("\n")
    here = lines[line - 1][: column - 1] if 0 < line <= len(lines) else ""
    own = _KEY.match(here)
    depth = _depth(here)
    braces = _in_braces(here)
    if braces is not None:
        outer, key, siblings = braces
        return _Place((*_above(lines, line, depth), *outer), key, siblings)
    if own is not None and len(here) > own.end():
        above = (*_above(lines, line, depth), *("-" for _ in re.findall("-", own["dashes"])))
        return _Place(above, own["key"].strip('"'), _siblings(lines, line, depth))
    above = _above(lines, line, depth)
    if _DASH.match(here):
        return _Place((*above, "-"), None, ())
    return _Place(above, None, _siblings(lines, line, depth))


def _depth(written: str) -> int:
    return len(written) - len(written.lstrip(" "))


def _above(lines: Sequence[str], line: int, depth: int) -> tuple[str, ...]:
    """The keys that the line (from 1) is below of, by indentation."""
    found: list[str] = []
    for written in reversed(lines[: line - 1]):
        if not written.strip() or written.lstrip().startswith("#"):
            continue
        match, indent = _KEY.match(written), _depth(written)
        if match is not None and match["dashes"] and indent < depth <= indent + len(match["dashes"]):
            found.append("-")
            depth = indent
        elif match is not None and indent < depth:
            found.append(match["key"].strip('"'))
            depth = indent
        if depth == 0:
            break
    return tuple(reversed(found))


def _siblings(lines: Sequence[str], line: int, depth: int) -> tuple[str, ...]:
    """The other keys of the table that the line is a part of."""
    found: list[str] = []
    for way in (reversed(lines[: line - 1]), iter(lines[line:])):
        for written in way:
            if not written.strip() or written.lstrip().startswith("#"):
                continue
            if _depth(written) < depth:
                break
            match = _KEY.match(written)
            if match is not None and _depth(written) == depth:
                found.append(match["key"].strip('"'))
    return tuple(found)


def _in_braces(here: str) -> tuple[tuple[str, ...], str | None, tuple[str, ...]] | None:
    """Inside `key: {a: 1, b`: the keys down to the innermost brace, the key whose value is begun, and its neighbours;
    None outside of braces."""
    path: list[str] = []
    signs: list[str] = []
    seen: list[list[str]] = []
    last = ""
    key: str | None = None
    for token in re.finditer(r"[\w.-]+(?=:(?:\s|$))|[{}\[\],]|:(?=\s|$)|\"[^\"]*\"|#.*", here):
        sign = token[0]
        if sign in "{[":
            path.append(last or "-")
            signs.append(sign)
            seen.append([])
            key, last = None, ""
        elif sign in "}]" and path:
            last = path.pop()
            signs.pop()
            seen.pop()
        elif sign == ",":
            key, last = None, ""
        elif sign == ":":
            key = last
        elif sign[0] not in '"#':
            last = sign
            if seen:
                seen[-1].append(sign)
    if not path:
        return None
    if signs[-1] == "[":
        return tuple(path[:-1]), path[-1], ()
    return tuple(path), key, tuple(seen[-1])


# what fits there


@cache
def _load(name: str) -> Schema:
    loaded: Schema = json.loads((shipped("schemas") / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


def _schema_of(file: str) -> Schema:
    if file.startswith("personas/"):
        return _load("persona")
    if re.fullmatch(r"prompts\.[\w-]+\.yaml", file):
        return {"$ref": "#/$defs/prompt_file"}
    if file == "flow.yaml":
        return _load("flow")
    return {"anyOf": [{"$ref": "#/$defs/subflow"}, {"$ref": "#/$defs/included"}]}


def _open(schema: Any, siblings: Sequence[str], deep: int = 0) -> Iterator[Schema]:
    """A schema and everything that it is put together of. A part that depends on a key holds where that key is, or
    where none of them is yet."""
    if not isinstance(schema, Mapping) or deep > 12:
        return
    yield schema
    reference = str(schema.get("$ref", ""))
    if reference.startswith("#/$defs/"):
        named = {**_load("persona").get("$defs", {}), **_load("flow")["$defs"]}
        yield from _open(named.get(reference[8:], {}), siblings, deep + 1)
    elif reference.startswith("#/properties/"):
        yield from _open(_load("persona")["properties"].get(reference[13:], {}), siblings, deep + 1)
    for rule in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(rule, ()):
            yield from _open(part, siblings, deep + 1)
    depends: Mapping[str, Schema] = schema.get("dependentSchemas", {})
    chosen = [key for key in depends if key in siblings] or list(depends)
    for key in chosen:
        yield from _open(depends[key], siblings, deep + 1)
    if "then" in schema and not any(key in siblings for key in depends):
        yield from _open(schema["then"], siblings, deep + 1)


def _below(schemas: Sequence[Schema], path: Sequence[str], siblings: Sequence[str]) -> tuple[Schema, ...]:
    """What the schemas say of the place that a path leads to."""
    found = tuple(part for schema in schemas for part in _open(schema, siblings if not path else ()))
    for index, key in enumerate(path):
        near = siblings if index == len(path) - 1 else ()
        found = tuple(part for schema in found for inner in _into(schema, key) for part in _open(inner, near))
    return found


def _into(schema: Schema, key: str) -> Iterator[Schema]:
    if key == "-":
        if "items" in schema:
            yield schema["items"]
        return
    own = schema.get("properties", {}).get(key)
    if own is not None:
        yield own
        return
    for pattern, inner in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            yield inner
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield schema["additionalProperties"]


def _keys(tables: Sequence[Schema]) -> list[Suggestion]:
    found: dict[str, Suggestion] = {}
    for schema in tables:
        for key, inner in schema.get("properties", {}).items():
            if inner == {"not": {}} or (key in found and found[key].about):
                continue
            found[key] = Suggestion(key, "key", _described(inner))
    return list(found.values())


def _described(schema: Schema) -> str:
    return next((str(part["description"]) for part in _open(schema, ()) if part.get("description")), "")


def _values(schemas: Sequence[Schema], place: _Place, text: str) -> Iterator[Suggestion]:
    said: set[str] = set()
    items = [part for schema in schemas for part in _open(schema.get("items"), ())]
    for schema in (*schemas, *items):
        values = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]
        for value in values:
            if str(value) not in said:
                said.add(str(value))
                yield Suggestion(str(value), "value")
    target = _load("flow")["$defs"]["target"].get("description")
    leads = any(schema.get("description") == target for schema in schemas)
    sections = ("steps",) if leads else _NAMED.get(place.key or "", ())
    for section in sections:
        for name in (*names_in(text, section), *(_ENDINGS if leads else ())):
            if name not in said:
                said.add(name)
                yield Suggestion(name, "name", f"one of the flow's {section}" if name not in _ENDINGS else "")


def names_in(text: str, section: str) -> list[str]:
    """The names that a section of the file gives, in their order."""
    found: list[str] = []
    inside = False
    for written in text.split("\n"):
        match = _KEY.match(written)
        if match is None:
            continue
        if not match["indent"]:
            inside = match["key"] == section
        elif inside and len(match["indent"]) == 2 and not match["dashes"]:
            found.append(match["key"].strip('"'))
    return found
