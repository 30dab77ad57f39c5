"""Sections of a language file turned into frozen dataclasses, by the types of their fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import time
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from engine.errors import SettingsError
from engine.languages.template import any_phrase

T = TypeVar("T")


def build(kind: type[T], data: Any, where: str) -> T:
    """An instance of the dataclass `kind` from plain data. Texts become what the field says: numbers, times, sets of
    words (from one text), patterns (from templates). `where` names the place. Raises SettingsError for an unknown or
    missing key and for a value of another kind."""
    if not isinstance(data, Mapping):
        raise SettingsError(f"{where}: keys with values are expected, not {data!r}")
    hints = get_type_hints(kind)
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    for key in data:
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            raise SettingsError(f"{where}: there is no key `{key}`" + (f"; did you mean `{near[0]}`?" if near else ""))
    made = {name: _value(hints[name], data[name], f"{where}.{name}") for name in known if name in data}
    for name, entry in known.items():
        if name not in made and entry.default is MISSING and entry.default_factory is MISSING:
            raise SettingsError(f"{where}: the key `{name}` is missing")
    return kind(**made)


def _value(hint: Any, data: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _tuple(args, data, where)
    if origin is frozenset:
        words = data.split() if isinstance(data, str) else data
        return frozenset(_value(args[0], word, where) for word in _list(words, where))
    if origin is re.Pattern:
        return data if isinstance(data, re.Pattern) else any_phrase(_list(data, where))
    if origin is Literal:
        if data not in args:
            raise SettingsError(f"{where}: {data!r} is none of {', '.join(args)}")
        return data
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(data, Mapping):
            raise SettingsError(f"{where}: keys with values are expected, not {data!r}")
        return {_value(args[0], key, where): _value(args[1], value, f"{where}.{key}") for key, value in data.items()}
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, data, where)
    return _scalar(hint, data, where)


def _tuple(args: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    items = _list(data, where)
    if args[-1] is Ellipsis:
        return tuple(_value(args[0], item, where) for item in items)
    if len(items) != len(args):
        raise SettingsError(f"{where}: {len(args)} entries are expected, not {len(items)}")
    return tuple(_value(arg, item, where) for arg, item in zip(args, items, strict=True))


def _list(data: Any, where: str) -> list[Any]:
    if isinstance(data, str):
        return [data]
    if not isinstance(data, list | tuple):
        raise SettingsError(f"{where}: a list is expected, not {data!r}")
    return list(data)


def _scalar(hint: Any, data: Any, where: str) -> Any:
    if isinstance(data, hint):
        return data
    if not isinstance(data, str):
        raise SettingsError(f"{where}: a text is expected, not {data!r}")
    try:
        if hint is bool:
            return {"yes": True, "no": False}[data]
        if hint is time:
            return time.fromisoformat(data)
        return hint(data)
    except (KeyError, ValueError) as error:
        raise SettingsError(f"{where}: {data!r} is no {hint.__name__}") from error
