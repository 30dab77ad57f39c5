"""Text in pieces that XTTS can say at once: pure, and without the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from engine.persona.prosody import clauses

AT_ONCE: Final = 120
"""Characters of one piece: the model makes the sound of a piece anew for every bit that it streams, so that the work
grows with the square of the length."""


def pieces(text: str, fits: Callable[[str], bool]) -> tuple[str, ...]:
    """The text cut at clauses, or at words where a clause is too long, into as few pieces as go; each fits, unless a
    single character does not."""
    if fits(text):
        return (text,)
    found: list[str] = []
    for part in clauses(text):
        for smaller in _cut(part, fits):
            joined = f"{found[-1]} {smaller}" if found else smaller
            if found and fits(joined):
                found[-1] = joined
            else:
                found.append(smaller)
    return tuple(found)


def _cut(part: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """A clause as it is, or its words, or the halves of a word that is too long."""
    if fits(part) or len(part) < 2:
        yield part
        return
    words = part.split()
    if len(words) == 1:
        words = [part[: len(part) // 2], part[len(part) // 2 :]]
    for word in words:
        yield from _cut(word, fits)
