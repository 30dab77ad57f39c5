"""Free words: a note, a reason, a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.slots.registry import Context, Mention, Unkeyed, register
from engine.slots.words import span_of


class TextType(Unkeyed):
    """Whatever the caller said, as it was said; only taken where it was asked for."""

    name = "text"
    open = True

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        span = span_of(text, 0, len(text))
        return [Mention((span.text,), span, 0.9, bare=True)] if context.asked and span.text else ()

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str):
            raise ValueError(f"{data!r} is no text")
        return data


register(TextType())
