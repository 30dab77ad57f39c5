"""How a language counts: number words read and made by rules, "fünfundzwanzig" as well as "treinta y dos"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from engine.languages.building import build
from engine.languages.sheet import Sheet


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """The section `numbers`. Lists begin with the form that is said. `own` are numbers under a hundred with a word of
    their own; `hundreds` likewise; `joined` says that a number is written as one word; `order` which of tens and units
    comes first; `linked` that the word `and` must stand between them. `articles` are words that also mean one. `said`
    is the pattern of a number that is made of two words, over `{unit}` and `{ten}`, with `bound` units in it.
    `ordinals` are first forms, to which each of `endings` may be added."""

    zero: tuple[str, ...] = ()
    units: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    own: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    tens: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    hundreds: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    hundred: tuple[str, ...] = ()
    thousand: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    order: Literal["units_first", "tens_first"] = "tens_first"
    linked: bool = True
    joined: bool = False
    articles: tuple[str, ...] = ()
    point: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    said: str = "{ten} {unit}"
    bound: Mapping[int, str] = field(default_factory=dict)
    ordinals: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    endings: tuple[str, ...] = ("",)
    letters: Mapping[str, str] = field(default_factory=dict)
    """Letters that are written in two ways (`ue` for `u` where accents are left out)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a number: what it is, what it is worth, and the word of the utterance that it stands in."""

    kind: str
    value: int
    word: int = 0


_Read = Callable[[Sequence[Piece], int, Counting], tuple[int, int] | None]


@lru_cache(maxsize=32)
def counting(sheet: Sheet) -> Counting:
    """How the language counts. Raises SettingsError for a section that is wrong."""
    return build(Counting, sheet.section("numbers"), f"{sheet.file}: numbers")


def in_words(number: int, words: Counting) -> str:
    """A number from 0 to 99 as it is said."""
    for table in (words.own, words.units, words.tens, {0: words.zero}):
        if table.get(number):
            return table[number][0]
    ten, unit = number // 10 * 10, number % 10
    said = words.bound.get(unit, words.units[unit][0])
    return words.said.format(unit=said, ten=words.tens[ten][0])


def ordinal_word(number: int, words: Counting) -> str:
    """The first form of an ordinal from 1 to 39; the number in figures where the language does not name it."""
    if number in words.ordinals:
        return words.ordinals[number][0]
    ten, unit = number // 10 * 10, number % 10
    if ten not in words.ordinals or unit not in words.units:
        return str(number)
    return words.said.format(unit=words.bound.get(unit, words.units[unit][0]), ten=words.ordinals[ten][0])


def number_at(pieces: Sequence[Piece], at: int, words: Counting) -> tuple[int, int] | None:
    """The whole number that begins at a piece, and the place behind it; None where none begins."""
    found = _below_thousand(pieces, at, words)
    if found is None:
        if at < len(pieces) and pieces[at].kind == "thousand":
            found = 1, at
        else:
            return None
    value, end = found
    if value and _kind(pieces, end) == "thousand":
        rest = _tail(pieces, end + 1, words, _below_thousand)
        return (value * 1000 + rest[0], rest[1]) if rest else (value * 1000, end + 1)
    return value, end


def _below_thousand(pieces: Sequence[Piece], at: int, words: Counting) -> tuple[int, int] | None:
    kind = _kind(pieces, at)
    if kind == "hundreds":
        value, end = pieces[at].value, at + 1
    elif kind == "hundred":
        value, end = 100, at + 1
    else:
        found = _below_hundred(pieces, at, words)
        if found is None or not found[0] or _kind(pieces, found[1]) != "hundred":
            return found
        value, end = found[0] * 100, found[1] + 1
    rest = _tail(pieces, end, words, _below_hundred)
    return (value + rest[0], rest[1]) if rest and rest[0] else (value, end)


def _tail(pieces: Sequence[Piece], at: int, words: Counting, read: _Read) -> tuple[int, int] | None:
    """What is added to hundreds or thousands, with or without an "and" between."""
    if _kind(pieces, at) == "link":
        at += 1
    found = read(pieces, at, words)
    return None if found is None or not found[0] else found


def _below_hundred(pieces: Sequence[Piece], at: int, words: Counting) -> tuple[int, int] | None:
    kind = _kind(pieces, at)
    first, second = ("unit", "ten") if words.order == "units_first" else ("ten", "unit")
    if kind == first or (kind == "article" and first == "unit"):
        after = at + 2 if _kind(pieces, at + 1) == "link" else 0 if words.linked else at + 1
        follows = _kind(pieces, after) if after else ""
        if follows == second or (follows == "article" and second == "unit"):
            return pieces[at].value + pieces[after].value, after + 1
    return (pieces[at].value, at + 1) if kind in ("unit", "own", "ten", "zero", "article") else None


def ordinal_at(pieces: Sequence[Piece], at: int) -> tuple[int, int] | None:
    """The ordinal that begins at a piece ("fünf|und|zwanzigsten"), and the place behind it."""
    kind = _kind(pieces, at)
    if kind == "ordinal":
        nested = _kind(pieces, at + 1) == "ordinal" and pieces[at].value >= 20 > 9 >= pieces[at + 1].value
        return (pieces[at].value + pieces[at + 1].value, at + 2) if nested else (pieces[at].value, at + 1)
    if kind in ("unit", "article", "ten"):
        after = at + 2 if _kind(pieces, at + 1) == "link" else at + 1
        if _kind(pieces, after) == "ordinal":
            first, second = pieces[at].value, pieces[after].value
            if (kind == "ten" and second < 10) or (kind != "ten" and second >= 20 and after == at + 2):
                return first + second, after + 1
    return None


def _kind(pieces: Sequence[Piece], at: int) -> str:
    return pieces[at].kind if 0 <= at < len(pieces) else ""
