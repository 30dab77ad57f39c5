"""Telephone numbers, checked against the numbering plan of the flow's country."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import phonenumbers

from engine.effects import Keypad
from engine.slots.grammar.counts import key_strings
from engine.slots.registry import Context, Mention, register
from engine.slots.words import span_of

_SHORTEST: Final = 7
_LONGEST: Final = 15


class PhoneType:
    """A telephone number; values are text of digits, with a leading + when the caller gave the country too.
    `options`: `country`, two letters (GB unless given)."""

    name = "phone"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        found = []
        for keys in key_strings(text, context.language):
            sure = _confidence(keys.digits, context)
            if sure:
                found.append(Mention((keys.digits,), span_of(text, keys.start, keys.end), sure))
        return found

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=_LONGEST, shortest=_SHORTEST, pause=3.0)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Up to fifteen digits that the country's plan, or an international one, can hold."""
        if not (keys.isascii() and keys.isdigit()) or not _SHORTEST <= len(keys) <= _LONGEST:
            return ()
        return (keys,) if _confidence(keys, context) else ()

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str) or not re.fullmatch(r"\+?[0-9]{3,15}", data):
            raise ValueError(f"{data!r} is no telephone number")
        return data


def _confidence(digits: str, context: Context) -> float:
    """How sure it is that these digits are a number that can be rung; 0 when they cannot be."""
    if not _SHORTEST <= len(digits.lstrip("+")) <= _LONGEST:
        return 0.0
    try:
        number = phonenumbers.parse(digits, str(context.options.get("country", "GB")))
    except phonenumbers.NumberParseException:
        return 0.0
    if phonenumbers.is_valid_number(number):
        return 0.95
    return (0.88 if context.asked else 0.6) if phonenumbers.is_possible_number(number) else 0.0


register(PhoneType())
