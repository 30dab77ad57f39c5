"""Personas: who the assistant sounds like, and what changes from one situation to another."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import jsonschema

from engine.errors import AuthorError, Finding, Position, SettingsError
from engine.languages.sheet import base_of
from engine.persona.prosody import Prosody
from engine.persona.source import Source, read_source

DEFAULT: Final = "default"
"""What the persona of a flow is called that names none."""
EMBEDDED: Final = "espeak"
"""The voice that every installation can have."""


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
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"cannot read the persona {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        at = Position(str(file))
        raise AuthorError((Finding("persona.encoding", "error", "this file is not UTF-8 text", at),)) from error
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
    source = read_source(text, file)
    findings = tuple(_faults(source))
    if findings:
        raise AuthorError(findings)
    data: Mapping[str, Any] = source.data
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
        warnings=tuple(_warnings(source)),
        languages={tag: tuple(sorted(voices.items())) for tag, voices in data.get("languages", {}).items()},
    )


@cache
def _validator() -> Any:
    shipped = resources.files("engine") / "_shipped" / "schemas"
    folder = shipped if shipped.is_dir() else Path(__file__).parents[2] / "schemas"
    schema = json.loads((folder / "persona.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def _faults(source: Source) -> Iterator[Finding]:
    errors: list[Any] = sorted(_validator().iter_errors(source.data), key=lambda error: list(map(str, error.path)))
    for error in errors:
        path = tuple(str(part) for part in error.path)
        if error.validator == "additionalProperties":
            known = sorted(error.schema["properties"])
            for key in sorted(set(error.instance) - set(known)):
                yield _unknown(source, (*path, key), known)
        elif error.validator == "required":
            message = f"`{error.validator_value[0]}` is missing"
            yield source.finding("persona.missing", message, path, "write the name of this file, without its ending")
        else:
            yield source.finding("persona.value", _in_words(error, path), path, error.schema.get("description", ""))
    stem = Path(source.file).stem
    name = source.data.get("persona") if isinstance(source.data, Mapping) else None
    if not errors and source.file != "?" and name != stem:
        yield source.finding("persona.name", f"the file is called {stem}, its persona {name}", ("persona",))


def _unknown(source: Source, path: tuple[str, ...], known: list[str]) -> Finding:
    near = difflib.get_close_matches(path[-1], known, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
    return source.finding("persona.key", f"there is no `{path[-1]}` here", path, hint)


def _in_words(error: Any, path: tuple[str, ...]) -> str:
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


def _warnings(source: Source) -> Iterator[Finding]:
    """Settings that the embedded voice cannot follow, and changes that change nothing."""
    data: Mapping[str, Any] = source.data
    for engine in data.get("voices", {}):
        if engine != EMBEDDED:
            message = f"the voice for {engine} is heard only where that engine is set up; {EMBEDDED} does not use it"
            yield source.finding("persona.engine", message, ("voices", engine), severity="note")
    plain = replace(Prosody(), **_changes(data))
    for situation, change in data.get("situations", {}).items():
        if replace(plain, **_changes(change)) == plain:
            message = f"`{situation}` changes nothing"
            hint = "take it out, or give it a value that differs from the settings above"
            yield source.finding("persona.no_effect", message, ("situations", situation), hint, "warning")
