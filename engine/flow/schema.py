"""Holds a tree against schemas/flow.schema.json, and says what is wrong in the words of authors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from engine.shipped import shipped
from engine.yaml.nodes import Leaf, Node, Table, data, place_of
from engine.yaml.position import Place, Report, did_you_mean, listed, nearest

Part: TypeAlias = Literal["flow", "subflow", "included", "prompt_file", "resources"]
Path: TypeAlias = tuple[str | int, ...]

_KIND_OF_VALUE: Final = {
    "object": "a table of `key: value`", "array": "a list", "string": "text", "integer": "a whole number",
}  # fmt: skip
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "daily")


@dataclass(slots=True)
class Faults:
    """Paths of a tree that do not fit the schema. A fault of the whole file says nothing about its parts."""

    paths: set[Path] = field(default_factory=set)
    above: set[Path] = field(default_factory=set)

    def add(self, path: Path) -> None:
        self.paths.add(path)
        self.above.update(path[:length] for length in range(1, len(path) + 1))

    def cover(self, path: Path) -> bool:
        """Whether something at or above this path is at fault."""
        return any(path[:length] in self.paths for length in range(1, len(path) + 1))

    def touch(self, *path: str | int) -> bool:
        """Whether something at, above or below this path is at fault."""
        return path in self.above or self.cover(path)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """One error of `jsonschema`: the rule of the schema that was broken, its value, by what, and where."""

    rule: str
    value: Any
    instance: Any
    schema: dict[str, Any]
    path: Path
    in_key: bool
    message: str


def _wrong(error: ValidationError) -> _Wrong:
    found: Any = error
    schema = found.schema if isinstance(found.schema, dict) else {}
    in_key = "propertyNames" in found.absolute_schema_path
    path = tuple(found.absolute_path)
    return _Wrong(str(found.validator), found.validator_value, found.instance, schema, path, in_key, found.message)


@cache
def schema() -> dict[str, Any]:
    """The schema of flows, as shipped."""
    loaded: dict[str, Any] = json.loads((shipped("schemas") / "flow.schema.json").read_text(encoding="utf-8"))
    return loaded


@cache
def step_kinds() -> tuple[str, ...]:
    """The keys that say what a step does; `say` comes last, because other kinds may have it too."""
    return (*schema()["$defs"]["step"]["dependentSchemas"], "say")


@cache
def _validator(part: Part) -> Draft202012Validator:
    whole = schema()
    if part == "flow":
        return Draft202012Validator(whole)
    return Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]})


def check_version(root: Table, report: Report) -> bool:
    """Whether the file is written in the version of the language that this frontdesk reads; another one is all that
    is reported, because the rest of the file may mean something else."""
    written = root.get("frontdesk")
    due = schema()["properties"]["frontdesk"]["const"]
    if not isinstance(written, Leaf) or not isinstance(written.value, int) or written.value in (True, due):
        return True
    message = f"the file is written in version {written.value} of the language; this frontdesk reads version {due}"
    hint = f"Update frontdesk, or write `frontdesk: {due}` and check again."
    report.error("version", written.place, message, hint)
    return False


def check_schema(root: Table, part: Part, report: Report) -> Faults:
    """Reports everything in `root` that the schema does not allow, each fault once."""
    faults = Faults()
    _check_kinds(root, faults, report)
    odd_steps = Faults(set(faults.paths))
    errors = (_wrong(error) for error in _validator(part).iter_errors(data(root)))
    wrong = [error for error in errors if not _is_nothing(error.instance)]
    unknown = {error.path: _unknown_keys(error) for error in wrong if error.rule == "additionalProperties"}
    for error in wrong:
        if odd_steps.cover(error.path):
            continue
        faults.add((*error.path, str(error.instance)) if error.in_key else error.path)
        _report(error, root, unknown.get(error.path, []), report)
    _mark_nothing(root, (), faults)
    return faults


def _is_nothing(value: object) -> bool:
    """Whether the reader has said already that a value is missing here (`{party_size}` is a table without values)."""
    return value is None or (isinstance(value, dict) and bool(value) and not any(value.values()))


def _mark_nothing(node: Node, path: Path, faults: Faults) -> None:
    """Values that are missing were reported by the reader; what they belong to cannot be built."""
    match node:
        case Leaf(value=None):
            faults.add(path)
        case Table():
            for key, value in node.items():
                _mark_nothing(value, (*path, key), faults)
        case _:
            for index, item in enumerate(getattr(node, "nodes", ())):
                _mark_nothing(item, (*path, index), faults)


def _check_kinds(root: Table, faults: Faults, report: Report) -> None:
    """A step is of exactly one kind; otherwise nothing else about it can be judged."""
    steps = root.get("steps")
    if not isinstance(steps, Table):
        return
    for name, step in steps.items():
        if not isinstance(step, Table):
            continue
        kinds = [key for key in step_kinds()[:-1] if key in step]
        if len(kinds) > 1:
            place = max((step.keys[key].place for key in kinds), key=lambda place: (place.line, place.column))
            report.error("two-kinds", place, f"step `{name}` is of two kinds: {listed(kinds)}", "Make two steps of it.")
        elif kinds or "say" in step:
            continue
        else:
            _no_kind(name, step, steps.keys[name].place, report)
        faults.add(("steps", name))


def _no_kind(name: str, step: Table, place: Place, report: Report) -> None:
    for key, leaf in step.keys.items():
        guess = nearest(key, step_kinds())
        if guess is not None:
            report.error("unknown-key", leaf.place, f"`{key}` is no key of a step", f"Did you mean `{guess}`?")
            return
    report.error("step-kind", place, f"step `{name}` does nothing", f"It needs one of {listed(step_kinds())}.")


def _unknown_keys(error: _Wrong) -> list[str]:
    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    return [key for key in error.instance if key not in known and not any(re.search(p, key) for p in patterns)]


def _report(error: _Wrong, root: Table, unknown: Sequence[str], report: Report) -> None:
    path, rule = error.path, error.rule
    if error.in_key:
        hint = "Use small letters, digits and underscores, beginning with a letter."
        report.error(
            "name", place_of(root, (*path, str(error.instance)), key=True), f"`{error.instance}` is no name", hint
        )
    elif rule == "additionalProperties":
        _report_unknown(error, root, report)
    elif rule in ("required", "dependentRequired"):
        _report_missing(error, root, unknown, report)
    else:
        say = _SENTENCES.get(rule, _other)
        code, message, hint = say(error)
        report.error(code, place_of(root, path), f"{_named(path)}{message}", hint)


def _report_unknown(error: _Wrong, root: Table, report: Report) -> None:
    path = error.path
    known: Iterable[str] = [key for key, value in error.schema.get("properties", {}).items() if value != {"not": {}}]
    if any("mon" in pattern for pattern in error.schema.get("patternProperties", {})):
        known = (*_DAYS, *known)
    for key in _unknown_keys(error):
        place = place_of(root, (*path, key), key=True)
        where = f"in `{_dotted(path)}`" if path else "of a flow"
        report.error(
            "unknown-key", place, f"there is no key `{key}` {where}", did_you_mean(key, known, _or_remove(known))
        )


def _or_remove(known: Iterable[str]) -> str:
    names = sorted(known)
    return f"Remove it; there is {listed(names)}." if 0 < len(names) <= 12 else "Remove it."


def _report_missing(error: _Wrong, root: Table, unknown: Sequence[str], report: Report) -> None:
    path = error.path
    required = error.schema.get("required", ())
    if error.rule == "dependentRequired":
        needs = error.schema["dependentRequired"]
        required = [name for key, names in needs.items() if key in error.instance for name in names]
    missing = [key for key in required if key not in error.instance]
    missing = [key for key in missing if not any(nearest(word, [key]) for word in unknown)]
    if missing:
        place = place_of(root, path, key=True)
        subject = f"`{_dotted(path)}`" if path else "the flow"
        report.error("missing-key", place, f"{subject} needs {listed(missing)}", _described(error, missing))


def _described(error: _Wrong, keys: Iterable[str]) -> str:
    """What each key is for, or the one value that it can have."""
    said: list[str] = []
    for key in keys:
        about = error.schema.get("properties", {}).get(key, {})
        name = str(about.get("$ref", "")).removeprefix("#/$defs/")
        description = about.get("description") or schema()["$defs"].get(name, {}).get("description")
        value = f"`{key}: {about['const']}`" if "const" in about else f"`{key}`"
        said.append(f"{value}: {description.rstrip('.')}." if description else f"Add {value}.")
    return " ".join(said)


def _dotted(path: Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _named(path: Path) -> str:
    words = [part for part in path if isinstance(part, str)]
    which = f"item {path[-1] + 1} of " if path and isinstance(path[-1], int) else ""
    return f"{which}`{words[-1]}` " if words else ""


Said: TypeAlias = tuple[str, str, str]


def _type(error: _Wrong) -> Said:
    due = _KIND_OF_VALUE.get(str(error.value), "something else")
    value, hint = error.instance, ""
    if error.value == "string":
        hint = "Put the text in quotes." if isinstance(value, int | dict) else "Write one text."
    elif error.value == "array":
        hint = "Write it as [one, two], or each on a line of its own after a dash."
    else:
        hint = "Write a number." if error.value == "integer" else "Write `key: value` on the lines below, indented."
    return "type", f"should be {due}", hint


def _enum(error: _Wrong) -> Said:
    known = [value for value in error.value if isinstance(value, str)]
    if "yes" in known:
        return "value", "should be yes or no" if "no" in known else "can only be yes", "Write yes or no."
    if isinstance(error.instance, dict | list):
        return "type", "should be one word", f"It is one of {listed(known)}."
    return (
        "value",
        f"cannot be `{error.instance}`",
        did_you_mean(str(error.instance), known, f"It is one of {listed(known)}."),
    )


def _pattern(error: _Wrong) -> Said:
    about = error.schema.get("description", "")
    return (
        "value",
        f"cannot be `{error.instance}`",
        f"It should be: {about}" if about else "Look it up in the language page.",
    )


def _const(error: _Wrong) -> Said:
    return "value", f"should be `{error.value}`, not `{error.instance}`", f"Write {error.value}."


def _bound(word: str) -> Callable[[_Wrong], Said]:
    return lambda error: ("value", f"must be {word} {error.value}, not {error.instance}", f"Write {error.value}.")


def _other(error: _Wrong) -> Said:
    return "schema", error.message, ""


def _empty(_: _Wrong) -> Said:
    return "no-value", "is empty", "Write something, or remove the key."


_SENTENCES: Final[dict[str, Callable[[_Wrong], Said]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "maxProperties": lambda error: ("value", f"takes only {error.value}", "Remove the others."),
    "uniqueItems": lambda _: ("duplicate-item", "names something twice", "Once is enough."),
    "not": lambda _: ("no-effect", "cannot stand beside its neighbours", "Remove one of them."),
}
