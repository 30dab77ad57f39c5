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


@dataclass(frozen=True, slots=True)
class Bar:
    """One upright bar; `y` is its top, counted from above. `shown` says whether its name stands below it."""

    name: str
    value: int
    x: float
    y: float
    width: float
    height: float
    shown: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """Upright bars on one scale that ends at `most`."""

    bars: tuple[Bar, ...]
    most: float


def bars(values: Sequence[tuple[str, int]]) -> Bars:
    """Bars side by side, each with its name; of many names, about six are shown."""
    most = round_up(max((value for _, value in values), default=0))
    step = WIDE / max(1, len(values))
    every = max(1, -(-len(values) // 6))
    drawn = []
    for number, (name, value) in enumerate(values):
        height = round(value / most * HIGH, 1)
        x, width = round((number + 0.12) * step, 1), round(step * 0.76, 1)
        drawn.append(Bar(name, value, x, round(HIGH - height, 1), width, height, number % every == 0))
    return Bars(tuple(drawn), most)


@dataclass(frozen=True, slots=True)
class Line:
    """A line through its values; `path` is that of SVG, broken where there is no value, `dots` are its points."""

    name: str
    path: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over the same names, on one scale that ends at `most`; a value of 0 is none."""

    lines: tuple[Line, ...]
    rows: tuple[tuple[str, tuple[float, ...], bool], ...]
    names: tuple[str, ...]
    most: float


def lines(rows: Sequence[tuple[str, Sequence[float]]], names: Sequence[str]) -> Lines:
    """A line for each of `names` through the values of all rows."""
    most = round_up(max((max(values) for _, values in rows), default=0.0))
    step = WIDE / max(1, len(rows))
    drawn = []
    for place, name in enumerate(names):
        path, dots, on = "", [], False
        for number, (_, values) in enumerate(rows):
            if not values[place]:
                on = False
                continue
            x, y = round((number + 0.5) * step, 1), round(HIGH - values[place] / most * HIGH, 1)
            path += f"{'L' if on else 'M'}{x} {y}"
            dots.append((x, y))
            on = True
        drawn.append(Line(name, path, tuple(dots)))
    every = max(1, -(-len(rows) // 6))
    told = tuple((name, tuple(values), number % every == 0) for number, (name, values) in enumerate(rows))
    return Lines(tuple(drawn), told, tuple(names), most)


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
