"""Lengths of time as an author writes them: `90 s`, `15 minutes`, `2 h 30 min`, `60 days`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "night": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_UNITS_OF: Final = _UNITS | {f"{name}s": length for name, length in _UNITS.items() if len(name) > 2}
_PART: Final = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*([a-z]+)")


def parse_duration(text: str) -> timedelta:
    """The length of time that `text` means; each unit may stand once, the largest first.

    Raises ValueError, with a sentence for the author, when it means none.
    """
    total, rest, smallest = timedelta(0), text.strip().lower(), None
    while rest:
        part = _PART.match(rest)
        unit = _UNITS_OF.get(part[2]) if part else None
        if part is None or unit is None or (smallest is not None and unit >= smallest):
            raise ValueError(f"{text!r} is no length of time; write it like `90 s`, `15 minutes` or `2 h 30 min`")
        total, smallest, rest = total + float(part[1]) * unit, unit, rest[part.end() :].strip()
    if smallest is None:
        raise ValueError("a length of time is missing; write it like `90 s`, `15 minutes` or `2 h 30 min`")
    return total


def duration_text(length: timedelta) -> str:
    """The shortest text that `parse_duration` reads as `length` (whole milliseconds), such as `2 h 30 min`."""
    parts, rest = [], length
    for name in ("d", "h", "min", "s", "ms"):
        count, rest = divmod(rest, _UNITS[name])
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts) or "0 s"
