"""The geometry of plots: what templates draw as SVG, with the numbers that a table says in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDE: Final = 1000.0
"""Units of a plot from its left to its right."""
HIGH: Final = 100.0
"""Units from its bottom to its top."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: where it begins and how wide it is, of `WIDE`."""

    name: str
    value: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of pieces, with the whole where it was measured by itself: its value, and where its mark stands."""

    label: str
    pieces: tuple[Piece, ...]
    total: float | None
    mark: float | None


@dataclass(frozen=True, slots=True)
class Stacked:
    """Bars of pieces below each other, all to one scale that ends at `most`."""

    rows: tuple[Row, ...]
    names: tuple[str, ...]
    total: str
    most: float


def stacked(
    rows: Sequence[tuple[str, Sequence[tuple[str, float]], float | None]], names: Sequence[str], total: str
) -> Stacked:
    """Bars of named pieces; `names` tells their order, `total` what the whole is called."""
    longest = [max(sum(value for _, value in pieces), whole or 0.0) for _, pieces, whole in rows]
    most = round_up(max(longest, default=0.0))
    drawn = []
    for label, pieces, whole in rows:
        x, found = 0.0, []
        for name, value in pieces:
            width = value / most * WIDE
            found.append(Piece(name, value, round(x, 1), round(width, 1)))
            x += width
        drawn.append(Row(label, tuple(found), whole, None if whole is None else round(whole / most * WIDE, 1)))
    used = tuple(name for name in names if any(piece.name == name for row in drawn for piece in row.pieces))
    return Stacked(tuple(drawn), used, total, most)


def round_up(value: float) -> float:
    """The next number that an axis may end at: 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return next(power * step for step in (1, 2, 2.5, 5, 10) if power * step >= value * 0.999999)
