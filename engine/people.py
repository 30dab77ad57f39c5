"""The people to whom a call can be given, as the settings name them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`to` is a number of the people's context or a dial string; `ring` is for how many seconds their telephone rings.
    With `whisper` they hear what the call is about before they take it; with `blind` the call is theirs at once,
    whatever becomes of it: it does not come back to the flow."""

    to: str
    ring: float = 25.0
    whisper: bool = False
    blind: bool = False
