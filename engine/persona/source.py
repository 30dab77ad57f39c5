"""A persona's YAML as plain data that knows its places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from engine.errors import AuthorError, Finding, Position

Path: TypeAlias = tuple[str, ...]

LONGEST: Final = 64_000
DEEPEST: Final = 8
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Source:
    """The data of one file; `places` has the position of every key, by the path of keys to it."""

    file: str
    data: Any
    lines: tuple[str, ...]
    places: Mapping[Path, Position] = field(default_factory=dict)

    def finding(self, code: str, message: str, path: Path, hint: str = "", severity: str = "error") -> Finding:
        """A finding at the nearest place that the path leads to."""
        at = next((self.places[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self.places), None)
        at = at or Position(self.file)
        line = self.lines[at.line - 1] if at.line <= len(self.lines) else ""
        width = len(path[-1]) if path and at == self.places.get(path) else 1
        level: Any = severity
        return Finding(code, level, message, at, hint, line, width)


def read_source(text: str, file: str) -> Source:
    """Reads YAML made of mappings, numbers and texts. Raises AuthorError for anything else: lists, anchors, tags,
    keys given twice, more than a persona could need."""
    lines = tuple(text.splitlines())
    if len(text) > LONGEST:
        raise AuthorError((Finding("persona.size", "error", "this file is too long for a persona", Position(file)),))
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise AuthorError(
                (Finding("persona.yaml", "error", "anchors and aliases are not used here", Position(file)),)
            )
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise AuthorError((_yaml_finding(error, file, lines),)) from error
    places: dict[Path, Position] = {}
    findings: list[Finding] = []
    data = {} if root is None else _data(root, (), Source(file, None, lines, places), places, findings)
    if findings:
        raise AuthorError(tuple(findings))
    return Source(file, data, lines, places)


def _yaml_finding(error: Exception, file: str, lines: tuple[str, ...]) -> Finding:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error) or "this is nested too deeply"
    at = Position(file) if mark is None else Position(file, mark.line + 1, mark.column + 1)
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    return Finding("persona.yaml", "error", f"this cannot be read as YAML: {problem}", at, "", line)


def _data(node: yaml.Node, path: Path, source: Source, places: dict[Path, Position], findings: list[Finding]) -> Any:
    if isinstance(node, yaml.ScalarNode):
        plain = node.style is None
        if plain and _NUMBER.fullmatch(node.value):
            return float(node.value) if "." in node.value else int(node.value)
        return None if plain and node.value in ("", "~", "null") else node.value
    if not isinstance(node, yaml.MappingNode) or len(path) > DEEPEST:
        findings.append(source.finding("persona.yaml", "a persona has keys and values only, no lists", path))
        return None
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        places[*path, name] = Position(source.file, key.start_mark.line + 1, key.start_mark.column + 1)
        if name in found:
            findings.append(source.finding("persona.twice", f"`{name}` is given twice", (*path, name)))
        found[name] = _data(value, (*path, name), source, places, findings)
    return found
