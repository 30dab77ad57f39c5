"""Acts, events and effects as JSON data, and back: one encoder for the log, the console and the replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine import acts, effects, events

TAG: Final = "$"
MASK: Final = "•••"
"""What stands in a log where a sensitive value stood."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A sensitive value that is not kept; `like` is a made-up value of the same kind, so that a replay can go on."""

    like: object


def _classes() -> dict[str, type]:
    found = [value for room in (acts, events, effects) for value in vars(room).values()]
    return {value.__name__: value for value in found if isinstance(value, type) and is_dataclass(value)}


CLASSES: Final[Mapping[str, type]] = _classes()
"""Every dataclass of acts, events and effects by its name, which no two share."""

_TO: Final[tuple[tuple[type, str, Callable[[Any], Any]], ...]] = (
    (datetime, "datetime", datetime.isoformat),
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "duration", timedelta.total_seconds),
    (Decimal, "decimal", str),
)
_FROM: Final[Mapping[str, Callable[[Any], Any]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "duration": lambda seconds: timedelta(seconds=seconds),
    "decimal": Decimal,
}


def encode(value: object) -> Any:
    """`value` as JSON data. What is none of ours becomes its text, so that a log never fails for it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, tuple):
        return [encode(one) for one in value]
    if isinstance(value, list):
        return {TAG: "list", "items": [encode(one) for one in value]}
    if isinstance(value, Mapping):
        items = {str(name): encode(one) for name, one in value.items()}
        return {TAG: "map", "items": items} if TAG in items else items
    if isinstance(value, Masked):
        return {TAG: "masked", "like": encode(value.like)}
    for kind, name, write in _TO:
        if isinstance(value, kind):
            return {TAG: name, "is": write(value)}
    if CLASSES.get(type(value).__name__) is type(value):
        named = {field.name: encode(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type]
        return {TAG: type(value).__name__, **named}
    return str(value)


def decode(data: Any, show_masks: bool = False) -> Any:
    """What `encode` was given. Masked values come back as made-up ones, or as `MASK` with `show_masks`. Raises
    ValueError when `data` is nothing that `encode` makes."""
    if isinstance(data, list):
        return tuple(decode(one, show_masks) for one in data)
    if not isinstance(data, Mapping):
        return data
    if TAG not in data:
        return {name: decode(one, show_masks) for name, one in data.items()}
    kind, parts = data[TAG], {name: one for name, one in data.items() if name != TAG}
    try:
        if kind == "map":
            return {name: decode(one, show_masks) for name, one in parts["items"].items()}
        if kind == "masked":
            return MASK if show_masks else decode(parts["like"])
        if kind == "list":
            return [decode(one, show_masks) for one in parts["items"]]
        if kind in _FROM:
            return _FROM[kind](parts["is"])
        return CLASSES[kind](**{name: decode(one, show_masks) for name, one in parts.items()})
    except (KeyError, TypeError, AttributeError, ArithmeticError) as fault:
        raise ValueError(f"the log holds something that this frontdesk does not know: {kind}") from fault
