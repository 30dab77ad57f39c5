"""Names of types that are made of another type: `date list`, `date range`; and values as limits count them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine.acts import Money

LIST: Final = " list"
RANGE: Final = " range"


def item_of(kind: str) -> str:
    """The type of the items of a list, or of the ends of a range; a plain type is its own."""
    return kind.removesuffix(LIST).removesuffix(RANGE)


def is_list(kind: str) -> bool:
    return kind.endswith(LIST)


def is_range(kind: str) -> bool:
    return kind.endswith(RANGE)


def figure(value: object) -> int | float | None:
    """What limits and conditions compare: a number, a length of time in minutes, an amount of money; None for all
    else."""
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case timedelta():
            return value / timedelta(minutes=1)
        case Money():
            return float(value.amount)
        case _:
            return None
