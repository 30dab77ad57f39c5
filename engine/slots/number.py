"""Plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.effects import Keypad
from engine.languages.sheet import sheet_of
from engine.slots.grammar import counts
from engine.slots.numerals import numbers
from engine.slots.registry import Context, Mention, register
from engine.slots.words import finish, fold, span_of


class NumberType:
    """A number; values are `int` or `float`. It is only taken where it was asked for: any question has numbers."""

    name = "number"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        if not context.asked:
            return ()
        if other := sheet_of(context.language):
            return counts.numbers(text, other)
        low = fold(text)
        return finish(
            text, low, [Mention((n.value,), span_of(text, n.start, n.end), 0.9, bare=True) for n in numbers(low)]
        )

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=9)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        return (int(keys),) if keys.isascii() and keys.isdigit() else ()

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, int | float) or isinstance(data, bool):
            raise ValueError(f"{data!r} is no number")
        return data


register(NumberType())
