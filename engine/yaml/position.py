"""Places in an author's files, and the findings that are reported about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import OSA

from engine.errors import Finding, Position

Severity = Literal["error", "warning", "note"]

_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


MOST = 1000
"""Findings of one flow; nobody reads more."""

LONGEST = 1000
"""Columns of the longest line that a finding shows; nobody finds a place in a longer one by looking."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line of a file; `width` columns from `column` on. `end_line` is the last line of what stands
    here, which may be further down."""

    file: str = "?"
    line: int = 1
    column: int = 1
    width: int = 1
    end_line: int = 1

    @property
    def position(self) -> Position:
        return Position(self.file, self.line, self.column)


@dataclass(slots=True)
class Report:
    """Collects what is found in the files of one flow, in the order of finding."""

    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    said: set[Finding] = field(default_factory=set)

    def add_source(self, file: str, text: str) -> None:
        """Makes the lines of a file known, so that findings can show them."""
        self.sources[file] = tuple(_BREAK.split(text))

    def raw_line(self, place: Place) -> str:
        """The line that a place lies on, as it is in the file; empty if there is none."""
        lines = self.sources.get(place.file, ())
        return lines[place.line - 1] if 0 < place.line <= len(lines) else ""

    def line(self, place: Place) -> str:
        """The line that a place lies on, fit for a terminal, column for column."""
        line = self.raw_line(place)
        return "".join(character if character.isprintable() else " " for character in line)

    def error(self, code: str, place: Place, message: str, hint: str = "") -> None:
        self.add(code, "error", place, message, hint)

    def warning(self, code: str, place: Place, message: str, hint: str = "") -> None:
        self.add(code, "warning", place, message, hint)

    def add(self, code: str, severity: Severity, place: Place, message: str, hint: str) -> None:
        """Adds a finding, unless the same has been said of the same place, or too much has been said already."""
        if len(self.found) >= MOST and (severity != "error" or self.has_errors):
            return
        long = len(self.raw_line(place))
        width = max(1, min(place.width, long - place.column + 1))
        line = self.line(place) if long <= LONGEST else ""
        finding = Finding(code, severity, message, place.position, hint, line, width)
        if finding not in self.said:
            self.said.add(finding)
            self.found.append(finding)

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.found)


def best_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then notes; each in the order of the files and lines."""
    rank = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(findings, key=lambda finding: (rank[finding.severity], finding.at, finding.code)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None when nothing is close: a few letters wrong or swapped, or
    only the beginning of it written."""
    names = sorted(set(known))
    cutoff = 0 if len(word) < 2 else max(1, (len(word) + 1) // 3)
    close = [(OSA.distance(word, name, score_cutoff=cutoff), name) for name in names]
    best = min((pair for pair in close if pair[0] <= cutoff), default=None)
    if best is not None:
        return best[1]
    return next((name for name in names if len(word) > 3 and name.startswith(word)), None)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the likely word, or lists what there is when the list is short."""
    names = sorted(set(known))
    guess = nearest(word, names)
    if guess is not None:
        return f"Did you mean `{guess}`?"
    if otherwise:
        return otherwise
    return f"There is {listed(names)}." if 0 < len(names) <= 12 else "Add it, or name one that there is."


def listed(names: Iterable[str]) -> str:
    """`a`, `b` and `c`, for a sentence."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1] if quoted else ""
