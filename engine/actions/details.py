"""What a flow asks besides the columns of a booking, as JSON data that is kept with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import engine.slots  # noqa: F401  (fills the registry of slot types)
from engine.acts import Recording
from engine.slots.registry import type_of

_RECORDING = "recording"


def detail(kind: str, value: object) -> Any:
    """The value of a slot type as JSON data; what was kept as sound as `{"recording", "seconds"}`. What is no value of
    the type is kept as its text."""
    if isinstance(value, Recording):
        return {_RECORDING: value.ref, "seconds": value.seconds}
    try:
        return type_of(kind).to_json(value)
    except (KeyError, AttributeError, TypeError, ValueError):
        return str(value)


def recordings_in(details: Mapping[str, Any]) -> list[str]:
    """The recordings that details refer to."""
    return list(_recordings(details))


def _recordings(details: Mapping[str, Any]) -> Iterator[str]:
    for value in details.values():
        if isinstance(value, dict) and isinstance(value.get(_RECORDING), str):
            yield value[_RECORDING]
