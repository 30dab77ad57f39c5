"""The table of slot types, and what a type must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
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
    Friday"; `bare` when only the question makes it a value of this type ("seven"); `more` when the items of a list come
    to those that were said before ("and also the manicure")."""

    candidates: tuple[object, ...]
    span: Span
    confidence: float
    excluded: bool = False
    bare: bool = False
    more: bool = False


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


class Unkeyed:
    """What a type answers whose values cannot be keyed in."""

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return None

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        return ()


TYPES: dict[str, SlotType] = {}
WRAPPERS: dict[str, Callable[[SlotType], SlotType]] = {}
"""What makes another type of a type, by the ending of its name: `date list` is made of `date`."""


def register(slot_type: SlotType) -> None:
    """Adds a type; its `name` is what flows write after `type:`."""
    TYPES[slot_type.name] = slot_type


def register_wrapper(ending: str, make: Callable[[SlotType], SlotType]) -> None:
    """Adds a way to make another type of each type; `ending` is what its names end with, such as ` list`."""
    WRAPPERS[ending] = make


@cache
def type_of(name: str) -> SlotType:
    """The slot type of a name, also of `date list` and `date range`. Raises KeyError where there is none."""
    for ending, make in WRAPPERS.items():
        if name.endswith(ending):
            return make(TYPES[name.removesuffix(ending)])
    return TYPES[name]
