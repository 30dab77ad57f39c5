"""Errors that say whose fault they are, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in an author's file; line and column count from 1, columns in code points."""

    file: str = "?"
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an author should know about a file. `code` is stable; `source` is the line it is about."""

    code: str
    severity: Literal["error", "warning", "note"]
    message: str
    at: Position
    hint: str = ""
    source: str = ""
    width: int = 1
    """How many columns the caret underlines."""
    talk: str | None = None
    """A talk file that shows the fault."""

    def __str__(self) -> str:
        lines = [f"{self.at}: {self.severity}[{self.code}] {self.message}"]
        if self.source:
            lines += [f"  {self.source}", "  " + " " * (self.at.column - 1) + "^" * max(1, self.width)]
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


class FrontdeskError(Exception):
    """The base of every error that a user can cause; its text says what, why, and what to do."""


class AuthorError(FrontdeskError):
    """Files that an author wrote have faults; all of them, best first."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(str(finding) for finding in findings))


class PeerError(FrontdeskError):
    """Something we talk to (Asterisk, a database, an engine) broke its side of the contract."""


class SettingsError(FrontdeskError):
    """A setting or a command line cannot be used as it is."""
