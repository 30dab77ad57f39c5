"""What a simulated conversation was like, and where it differs from its talk file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.acts import Act
from engine.coverage.items import Item
from engine.errors import Finding, Position


@dataclass(frozen=True, slots=True)
class Spoke:
    """A prompt of ours; `at` in seconds since the call began. `template` is its text before values were put in."""

    at: float
    id: str
    text: str
    template: str = ""
    written: str = ""
    """The text with values as talk files write them (`19:00`)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What the caller did; `unheard` where nobody listened."""

    at: float
    kind: Literal["words", "acts", "keys", "silence", "recording", "hung_up"]
    words: str = ""
    acts: tuple[Act, ...] = ()
    understood: tuple[str, ...] = ()
    """The acts as talk files write them."""
    unheard: bool = False
    tier: str = ""
    """The stage of the understanding that decided, for words."""


@dataclass(frozen=True, slots=True)
class Called:
    """A tool or a transfer (`to` is then its one value) or a message; values as JSON data."""

    at: float
    tool: str
    values: Mapping[str, Any]
    outcome: str
    brought: Mapping[str, Any] = field(default_factory=dict)
    look_up: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    at: float
    kind: str
    text: str


Entry: TypeAlias = Spoke | Caller | Called | Noted


@dataclass(frozen=True, slots=True)
class Difference:
    """The conversation took another course than the talk says at this line."""

    at: Position
    source: str
    """The line, as it would be written."""
    message: str
    said: tuple[Spoke, ...] = ()
    """What we said since the caller's last line."""
    heard: Caller | None = None
    position: str = ""
    hint: str = ""
    step: Position | None = None
    """Where the step or slot that we are at is written in the flow."""


@dataclass(frozen=True, slots=True)
class SlotResult:
    status: str
    value: Any


@dataclass(frozen=True, slots=True)
class Result:
    """One talk, run. `faults` are errors in the files themselves: then nothing ran."""

    file: str
    title: str = ""
    faults: tuple[Finding, ...] = ()
    difference: Difference | None = None
    entries: tuple[Entry, ...] = ()
    slots: Mapping[str, SlotResult] = field(default_factory=dict)
    ended: str | None = None
    """Why the call ended, by step or outcome; None while it goes on."""
    positions: tuple[str, ...] = ()
    """States of the machine in which the call waited or said something, in order."""
    turns: int = 0
    call_seconds: float = 0.0
    """How long the call would have taken."""
    seconds: float = 0.0
    """How long it took to simulate."""
    flow: str = ""
    """The file of the flow."""
    lived: frozenset[Item] = frozenset()
    """What the conversation lived through, where that was watched."""

    @property
    def passed(self) -> bool:
        return not self.faults and self.difference is None

    def to_json(self) -> dict[str, Any]:
        """The result as JSON data."""
        return {
            "file": self.file,
            "title": self.title,
            "passed": self.passed,
            "findings": [_finding(fault) for fault in self.faults],
            "difference": None if self.difference is None else _difference(self.difference),
            "ended": self.ended,
            "turns": self.turns,
            "call_seconds": round(self.call_seconds, 2),
            "seconds": round(self.seconds, 4),
            "slots": {name: {"status": slot.status, "value": slot.value} for name, slot in self.slots.items()},
            "positions": list(self.positions),
            "transcript": [_entry(entry) for entry in self.entries],
        }


def _finding(fault: Finding) -> dict[str, Any]:
    return {
        "code": fault.code,
        "severity": fault.severity,
        "message": fault.message,
        "file": fault.at.file,
        "line": fault.at.line,
        "column": fault.at.column,
        "hint": fault.hint,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "file": difference.at.file,
        "line": difference.at.line,
        "expected": difference.source,
        "message": difference.message,
        "hint": difference.hint,
        "said": [{"id": spoke.id, "text": spoke.text} for spoke in difference.said],
        "understood": list(difference.heard.understood) if difference.heard else [],
        "tier": difference.heard.tier if difference.heard else "",
        "position": difference.position,
        "step": None if difference.step is None else {"file": difference.step.file, "line": difference.step.line},
    }


def _entry(entry: Entry) -> dict[str, Any]:
    match entry:
        case Spoke(at, name, text):
            return {"at": round(at, 2), "agent": name, "text": text}
        case Caller(at, kind, words, _, understood, unheard, tier):
            heard = {"at": round(at, 2), "caller": kind, "words": words, "acts": list(understood)}
            heard |= {"tier": tier} if tier else {}
            return heard | ({"unheard": True} if unheard else {})
        case Called(at, tool, values, outcome, brought, look_up):
            called = {
                "at": round(at, 2),
                "tool": tool,
                "with": dict(values),
                "outcome": outcome,
                "values": dict(brought),
            }
            return called | ({"look_up": True} if look_up else {})
        case Noted(at, kind, text):
            return {"at": round(at, 2), "note": kind, "text": text}
