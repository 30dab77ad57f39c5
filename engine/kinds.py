"""Names of types that are made of another type: `date list`, `date range`."""

from __future__ import annotations

from typing import Final

LIST: Final = " list"
RANGE: Final = " range"


def item_of(kind: str) -> str:
    """The type of the items of a list, or of the ends of a range; a plain type is its own."""
    return kind.removesuffix(LIST).removesuffix(RANGE)


def is_list(kind: str) -> bool:
    return kind.endswith(LIST)


def is_range(kind: str) -> bool:
    return kind.endswith(RANGE)
