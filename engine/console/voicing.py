"""A persona's file with some of its settings changed, all else as its author wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.persona.persona import Persona, parse_persona
from engine.persona.prosody import Prosody
from engine.yaml.nodes import Leaf, Table, step_into
from engine.yaml.position import Report
from engine.yaml.reader import read_yaml


@dataclass(frozen=True, slots=True)
class Slider:
    """One setting: where it stands in the file, its field of Prosody, how far it may go; pauses are milliseconds."""

    key: str
    field: str
    label: str
    least: float
    most: float
    step: float
    unit: str
    about: str

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.key.split("."))

    def shown(self, prosody: Prosody) -> float:
        """Its value on the slider."""
        value = float(getattr(prosody, self.field))
        return round(value * 1000) if self.unit == "ms" else value

    def written(self, value: float) -> str:
        """Its value in the file."""
        if self.unit == "ms":
            return f"{round(value)} ms"
        return str(round(value)) if self.step >= 1 else f"{value:.2f}".rstrip("0").rstrip(".")

    def of_prosody(self, value: float) -> float | int:
        """Its value for the voice, kept within its bounds."""
        bounded = min(max(value, self.least), self.most)
        if self.unit == "ms":
            return bounded / 1000
        return round(bounded) if self.step >= 1 else bounded


SLIDERS: Final = (
    Slider("pace", "pace", "Pace", 80, 300, 5, "words a minute", "165 is an easy pace on the telephone."),
    Slider("pitch", "pitch", "Pitch", 0.75, 1.6, 0.05, "", "1 is the voice's own pitch."),
    Slider("expressiveness", "expressiveness", "Liveliness", 0, 2, 0.1, "", "0 is flat, 1 is usual, 2 is lively."),
    Slider("volume", "volume", "Volume", 0.1, 1.5, 0.05, "", "1 is the level of every prompt."),
    Slider(
        "pauses.sentence", "sentence_pause", "Pause after a sentence", 0, 1500, 50, "ms", "Silence between sentences."
    ),
    Slider("pauses.comma", "comma_pause", "Pause at a comma", 0, 800, 25, "ms", "Silence between parts of a sentence."),
)


def values_of(told: object) -> dict[str, float]:
    """Values of sliders by key, from a request; what is none is left out."""
    if not isinstance(told, Mapping):
        return {}
    known = {slider.key for slider in SLIDERS}
    return {
        str(key): float(value)
        for key, value in told.items()
        if key in known and isinstance(value, int | float) and not isinstance(value, bool)
    }


def changes_of(values: Mapping[str, float]) -> dict[str, float | int]:
    """The fields of Prosody that sliders set."""
    return {slider.field: slider.of_prosody(values[slider.key]) for slider in SLIDERS if slider.key in values}


def with_values(text: str, file: str, values: Mapping[str, float]) -> str:
    """The file with these values of sliders; those that it has already are left as they are written. Raises
    AuthorError where the file has faults before or afterwards."""
    persona = parse_persona(text, file)
    for slider in SLIDERS:
        if slider.key in values:
            value = float(slider.of_prosody(values[slider.key])) * (1000 if slider.unit == "ms" else 1)
            if abs(slider.shown(persona.plain) - value) > slider.step / 100:
                text = _set(text, file, slider.path, slider.written(value))
    parse_persona(text, file)
    return text


def _set(text: str, file: str, path: tuple[str, ...], value: str) -> str:
    root = read_yaml(text, file, Report())
    assert root is not None
    table: Table = root
    for part in path[:-1]:
        below = step_into(table, part)
        if not isinstance(below, Table):
            return _add(text, root, f"{part}: {{{path[-1]}: {value}}}")
        table = below
    leaf = table.get(path[-1])
    if isinstance(leaf, Leaf):
        return _replace(text, leaf, value)
    if table is root:
        return _add(text, root, f"{path[-1]}: {value}")
    first = next(iter(table.keys.values())).place
    joint = f"{path[-1]}: {value}, " if table.braces else f"{path[-1]}: {value}\n{' ' * (first.column - 1)}"
    return _insert(text, first.line, first.column, joint)


def _replace(text: str, leaf: Leaf, value: str) -> str:
    lines = text.split("\n")
    line = lines[leaf.place.line - 1]
    start = leaf.place.column - 1
    rest = line[start:]
    quoted = re.match(r"\"[^\"]*\"|'[^']*'", rest)
    length = len(quoted[0]) if quoted and not leaf.plain else len(leaf.text)
    lines[leaf.place.line - 1] = f"{line[:start]}{value}{rest[length:]}"
    return "\n".join(lines)


def _insert(text: str, line: int, column: int, new: str) -> str:
    lines = text.split("\n")
    here = lines[line - 1]
    lines[line - 1] = f"{here[: column - 1]}{new}{here[column - 1 :]}"
    return "\n".join(lines)


def _add(text: str, root: Table, line: str) -> str:
    """A new setting before those that depend on it, or at the end."""
    later = [key.place.line for name, key in root.keys.items() if name in ("pauses", "situations")]
    if not later:
        return f"{text.rstrip()}\n{line}\n"
    lines = text.split("\n")
    lines.insert(min(later) - 1, line)
    return "\n".join(lines)


def persona_of(text: str, file: str, values: Mapping[str, float]) -> Persona:
    """The persona that the file describes with these values of sliders. Raises AuthorError."""
    return parse_persona(with_values(text, file, values), file)
