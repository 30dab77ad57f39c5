"""The table of slot types, and what a type must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.acts import Span
from engine.effects import Keypad


@dataclass(frozen=True, slots=True)
class Context:
    """What a recogniser may know: the moment of the call (aware, in the flow's zone), the language (`en-GB`),
    whether this slot is the one that was asked for, and the slot's own `options` as the flow gives them."""

    now: datetime
    language: str = "en-GB"
    asked: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """A value somebody said. Several `candidates` when the words are ambiguous (best first); `excluded` for "not
    Friday"; `bare` when only the question makes it a value of this type ("seven")."""

    candidates: tuple[object, ...]
    span: Span
    confidence: float
    excluded: bool = False
    bare: bool = False


class SlotType(Protocol):
    """One kind of value. Everything is pure and deterministic."""

    name: str
    open: bool
    """Whether any words may be a value (names, free text), so that small grammars cannot know it."""

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        """Every mention in a whole utterance, left to right; spans are code points of `text`."""

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        """How the value is keyed in; None where it cannot be."""

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Candidates for keyed digits; empty when they make no value."""

    def to_json(self, value: Any) -> Any:
        """The value as JSON data: date `YYYY-MM-DD`, time `HH:MM`, phone digits with optional leading +, ..."""

    def from_json(self, data: Any) -> Any:
        """The value again; raises ValueError when `data` is none."""


TYPES: dict[str, SlotType] = {}


def register(slot_type: SlotType) -> None:
    """Adds a type; its `name` is what flows write after `type:`."""
    TYPES[slot_type.name] = slot_type
