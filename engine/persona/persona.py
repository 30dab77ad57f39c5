"""Personas: who the assistant sounds like, and what changes from one situation to another."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema

from engine.errors import AuthorError, Finding, SettingsError
from engine.languages.sheet import base_of
from engine.persona.prosody import Prosody
from engine.shipped import shipped
from engine.yaml.nodes import Table, place_of
from engine.yaml.nodes import data as tree_data
from engine.yaml.position import Place, Report, did_you_mean
from engine.yaml.reader import decode, read_yaml

DEFAULT: Final = "default"
"""What the persona of a flow is called that names none."""
EMBEDDED: Final = "espeak"
"""The voice that every installation can have."""
UNHEARD: Final[Mapping[str, Mapping[str, str]]] = {
    "piper": {
        "pitch": "Piper has no setting for it; another voice of Piper may be higher or lower",
        "pauses.comma": "Piper makes pauses of its own at commas",
    },
    "recorded": {
        "pace": "a recording is as fast as it was spoken",
        "pitch": "a recording is as high as it was spoken",
        "expressiveness": "a recording is as lively as it was spoken",
    },
    "xtts": {
        "pitch": "XTTS has no setting for it; another speaker may be higher or lower",
        "pauses.comma": "XTTS makes pauses of its own at commas",
    },
}
"""What engines cannot do of what a persona may ask, and why."""


@dataclass(frozen=True, slots=True)
class Persona:
    """`voices` pairs an engine with its name of the voice. `situations` holds a full Prosody for each situation that
    differs; `numbers` are the changes for telephone numbers and references. `warnings` are for the author."""

    name: str
    plain: Prosody = field(default_factory=Prosody)
    voices: tuple[tuple[str, str], ...] = ()
    situations: Mapping[str, Prosody] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    warnings: tuple[Finding, ...] = ()
    languages: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """The voices of other languages, by tag."""

    def voices_in(self, language: str) -> tuple[tuple[str, str], ...]:
        """The voices for a language such as `de-AT`: those of its tag, of its language, or the persona's own."""
        own = self.languages.get(language)
        return self.languages.get(base_of(language), self.voices) if own is None else own

    def unheard(self, engine: str) -> tuple[str, ...]:
        """Settings of this persona that the engine cannot follow, as they are called in its file."""
        neutral = Prosody()
        ways = (self.plain, *self.situations.values(), self.prosody(numbers=True))
        differs = {
            "pace": any(way.pace != neutral.pace for way in ways),
            "expressiveness": any(way.expressiveness != neutral.expressiveness for way in ways),
            "pitch": any(way.pitch != neutral.pitch for way in ways),
            "pauses.comma": any(way.comma_pause != neutral.comma_pause for way in ways),
        }
        return tuple(name for name in UNHEARD.get(engine, ()) if differs[name])

    def prosody(self, situation: str = "plain", numbers: bool = False) -> Prosody:
        """How to sound in a situation; `numbers` when a telephone number or a reference is read out. Of a situation's
        pace and the pace of numbers the slower one holds."""
        own = self.situations.get(situation, self.plain)
        if not numbers or not self.numbers:
            return own
        changed = replace(own, **self.numbers)
        return replace(changed, pace=min(changed.pace, own.pace))


def load_persona(path: str | Path) -> Persona:
    """Reads `personas/<name>.yaml`. Raises AuthorError with every fault, SettingsError when the file cannot be read."""
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot read the persona {file}: {error.strerror or error}") from error
    report = Report()
    text = decode(content, str(file), report)
    if text is None:
        raise AuthorError(tuple(report.found))
    return parse_persona(text, str(file))


def persona_beside(flow: str | Path, name: str) -> Persona:
    """The persona that a flow names: `personas/<name>.yaml` beside it. A flow that names none has a plain one, called
    `default`, unless it has a file of that name. Raises what `load_persona` raises."""
    file = Path(flow).parent / "personas" / f"{name}.yaml"
    if name == DEFAULT and not file.exists():
        return Persona(DEFAULT)
    return load_persona(file)


def parse_persona(text: str, file: str = "?") -> Persona:
    """The persona that a file's text describes; `file` is what findings call it. Raises AuthorError."""
    report = Report()
    root = read_yaml(text, file, report, first="persona: <name>")
    if root is not None and not report.has_errors:
        _check(root, file, report)
    if root is None or report.has_errors:
        raise AuthorError(tuple(report.found))
    _warn(root, report)
    data: Mapping[str, Any] = tree_data(root, decimals=True)
    plain = replace(Prosody(), **_changes(data))
    situations = {name: replace(plain, **_changes(change)) for name, change in data.get("situations", {}).items()}
    situations.pop("numbers", None)
    return Persona(
        name=data["persona"],
        plain=plain,
        voices=tuple(sorted(data.get("voices", {}).items())),
        situations=situations,
        numbers=_changes(data.get("situations", {}).get("numbers", {})),
        description=data.get("description", ""),
        warnings=tuple(report.found),
        languages={tag: tuple(sorted(voices.items())) for tag, voices in data.get("languages", {}).items()},
    )


@cache
def _validator() -> Any:
    schema = json.loads((shipped("schemas") / "persona.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def _check(root: Table, file: str, report: Report) -> None:
    tree = tree_data(root, decimals=True)
    errors: list[Any] = sorted(_validator().iter_errors(tree), key=lambda error: list(map(str, error.path)))
    for error in errors:
        path = tuple(error.path)
        if error.validator == "additionalProperties":
            known = sorted(error.schema["properties"])
            for key in sorted(set(error.instance) - set(known)):
                place = place_of(root, (*path, key), key=True)
                report.error("persona.key", place, f"there is no `{key}` here", did_you_mean(key, known))
        elif error.validator == "required":
            message = f"`{error.validator_value[0]}` is missing"
            report.error("persona.missing", Place(file), message, "Write the name of this file, without its ending.")
        else:
            hint = error.schema.get("description", "")
            report.error("persona.value", place_of(root, path), _in_words(error, path), hint)
    stem, name = Path(file).stem, tree.get("persona")
    if not errors and file != "?" and name != stem:
        message = f"the file is called {stem}, its persona {name}"
        report.error("persona.name", place_of(root, ("persona",)), message)


def _in_words(error: Any, path: tuple[str | int, ...]) -> str:
    name, value = path[-1] if path else "this file", error.instance
    match error.validator:
        case "minimum":
            return f"`{name}` is {value}; the least is {error.validator_value}"
        case "maximum":
            return f"`{name}` is {value}; the most is {error.validator_value}"
        case "type":
            wanted = {"object": "keys with values", "string": "text", "integer": "a whole number", "number": "a number"}
            return f"`{name}` should be {wanted[error.validator_value]}"
        case _:
            return f"`{name}` cannot be {value!r}"


def _changes(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of Prosody that a mapping of the file sets."""
    changes = {key: data[key] for key in ("pace", "pitch", "volume", "expressiveness") if key in data}
    pauses = {f"{name}_pause": _seconds(text) for name, text in data.get("pauses", {}).items()}
    return changes | pauses


def _seconds(text: str) -> float:
    number = float(re.sub(r"[^\d.]", "", text))
    return number / 1000 if text.endswith("ms") else number


def _spoken(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"voices": voices} for voices in data.get("languages", {}).values()]


def _warn_unheard(root: Table, data: Mapping[str, Any], engine: str, report: Report) -> None:
    """Settings that an engine which the persona names cannot follow, wherever they stand."""
    places: list[tuple[str, ...]] = [(), *(("situations", name) for name in data.get("situations", {}))]
    for place in places:
        part = data
        for key in place:
            part = part[key]
        for name, reason in UNHEARD.get(engine, {}).items():
            first, _, second = name.partition(".")
            if first in part and (not second or second in part[first]):
                path = (*place, first, second) if second else (*place, first)
                message = f"`{first}{second and ': ' + second}` is not heard with {engine}"
                report.warning("persona.unheard", place_of(root, path, key=True), message, f"{reason}.")


def _warn(root: Table, report: Report) -> None:
    """Settings that the embedded voice cannot follow, and changes that change nothing."""
    data: Mapping[str, Any] = tree_data(root, decimals=True)
    for engine in data.get("voices", {}):
        if engine != EMBEDDED:
            message = f"the voice for {engine} is heard only where that engine is set up; {EMBEDDED} does not use it"
            report.add("persona.engine", "note", place_of(root, ("voices", engine), key=True), message, "")
    for engine in sorted({name for voices in (data, *_spoken(data)) for name in voices.get("voices", {})}):
        _warn_unheard(root, data, engine, report)
    plain = replace(Prosody(), **_changes(data))
    for situation, change in data.get("situations", {}).items():
        if replace(plain, **_changes(change)) == plain:
            place = place_of(root, ("situations", situation), key=True)
            hint = "Take it out, or give it a value that differs from the settings above."
            report.warning("persona.no_effect", place, f"`{situation}` changes nothing", hint)
