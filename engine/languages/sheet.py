"""A language's file, and the table of the languages that there are; English is built into the recognisers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import yaml

from engine.errors import SettingsError

SECTIONS: Final = (
    "numbers",
    "dates",
    "times",
    "people",
    "digits",
    "names",
    "answers",
    "joining",
    "choices",
    "phrases",
    "reading",
    "prompts",
    "parts_of_day",
)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What stands in the file of one language, such as `de`: its sections as plain data, every scalar a text."""

    language: str
    sections: Mapping[str, Any]
    file: str = "?"

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the file; empty where the language says nothing about it."""
        found = self.sections.get(name, {})
        if not isinstance(found, Mapping):
            raise SettingsError(f"{self.file}: `{name}` is no table of keys")
        return found


ADDED: Final[dict[str, Sheet]] = {}
"""Languages that were added to those that frontdesk ships."""


def base_of(language: str) -> str:
    """The language of a tag such as `de-AT`, without its country."""
    return language.split("-")[0].lower()


def sheet_of(language: str) -> Sheet | None:
    """The file of a language given by its tag; None for English and for languages that have none."""
    base = base_of(language)
    return ADDED.get(base) or _shipped(base)


def known_languages() -> tuple[str, ...]:
    """The languages that have a file, in alphabetical order."""
    folder = files("engine.languages")
    shipped = (entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted({*shipped, *ADDED}))


def read_sheet(text: str, file: str = "?") -> Sheet:
    """The language that a file's text describes. Raises SettingsError for what is no such file."""
    try:
        data = yaml.load(
            text, yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
        )  # texts only: no is a word
    except yaml.YAMLError as error:
        raise SettingsError(f"{file} cannot be read as YAML: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("language"), str):
        raise SettingsError(f"{file}: a language begins with its tag, such as `language: nl`")
    unknown = sorted(set(data) - {"language", *SECTIONS})
    if unknown:
        raise SettingsError(f"{file}: there is no section `{unknown[0]}`; there are {', '.join(SECTIONS)}")
    return Sheet(data["language"], {name: data[name] for name in SECTIONS if name in data}, file)


@lru_cache(maxsize=64)
def _shipped(base: str) -> Sheet | None:
    if not base.isalpha():
        return None
    file = files("engine.languages") / f"{base}.yaml"
    return read_sheet(file.read_text(encoding="utf-8"), f"{base}.yaml") if file.is_file() else None
