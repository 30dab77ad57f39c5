"""Strings of digits: references, customer numbers, postcodes made of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.effects import Keypad
from engine.slots.grammar.counts import key_strings
from engine.slots.registry import Context, Mention, register
from engine.slots.words import span_of

LONGEST = 20


class DigitsType:
    """Digits as text; `options`: `length`, or `shortest` and `longest` (1 to 20 unless given)."""

    name = "digits"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        shortest, longest = limits(context.options)
        found = []
        for keys in key_strings(text, context.language):
            if shortest <= len(keys.digits.lstrip("+")) <= longest and (context.asked or shortest >= 4):
                sure = 0.95 if shortest == longest else 0.9
                span = span_of(text, keys.start, keys.end)
                found.append(Mention((keys.digits.lstrip("+"),), span, sure, bare=True))
        return found

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        shortest, longest = limits(options)
        return Keypad(longest=longest, shortest=shortest)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        shortest, longest = limits(context.options)
        return (keys,) if keys.isascii() and keys.isdigit() and shortest <= len(keys) <= longest else ()

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str) or not (data.isascii() and data.isdigit()):
            raise ValueError(f"{data!r} is no string of digits")
        return data


def limits(options: Mapping[str, Any]) -> tuple[int, int]:
    """Fewest and most digits."""
    if "length" in options:
        return int(options["length"]), int(options["length"])
    return int(options.get("shortest", 1)), int(options.get("longest", LONGEST))


register(DigitsType())
