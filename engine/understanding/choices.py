"""Answers to a question that lists values ("seven or half past eight?") or slots ("which part is wrong?")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from engine.acts import SURE, Act, Deny, Exclude, Fill, Span, Want
from engine.effects import Expecting
from engine.flow.model import Slot
from engine.slots.registry import Context, Mention, type_of
from engine.slots.words import fold, overlap
from engine.understanding.globals import core
from engine.understanding.language import Words

_ORDERED: Final = 0.9
_PART_WORDS: Final = 7
"""The most words of an answer that names a part of the day and no more."""
_ANY_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for now where a time that is written out is read, which is the same on any day."""


def pick(text: str, expecting: Expecting, said: Sequence[Act], words: Words) -> Fill | None:
    """One of the values on offer: by what was said of it, by its place, or any of them; None when it is another."""
    slot, offered = expecting.asked, expecting.choices
    if slot is None or not offered:
        return None
    ordered = by_order(text, slot, offered, words)
    for act in said:
        if isinstance(act, Fill) and act.slot == slot and not (ordered and overlap(act.span, ordered.span)):
            fitting = tuple(value for value in act.candidates if value in offered)
            return Fill(slot, fitting, act.span, act.confidence) if fitting else None
    return ordered or by_part_of_day(text, slot, offered, words)


def left_open(text: str, slot: Slot, said: Sequence[Act], words: Words) -> Deny | None:
    """ "I don't mind", "whoever is free": no value for an optional slot, unless one of its choices means that."""
    found = words.no_matter.fullmatch(fold(text), *core(fold(text), words))
    means = slot.item != "text" and any(
        isinstance(act, Fill) and act.slot == slot.name and act.confidence >= SURE for act in said
    )
    return None if found is None or means else Deny(_span(text, found), _ORDERED)


def by_order(text: str, slot: str, offered: Sequence[object], words: Words) -> Fill | None:
    """ "The second one", "the later one", "either"."""
    low = fold(text)
    if found := words.order.search(low):
        index = words.orders[found["order"] or found["number"]]
        if -len(offered) <= index < len(offered):
            return Fill(slot, (offered[index],), _span(text, found), _ORDERED)
        return None
    extremes: tuple[tuple[re.Pattern[str], Callable[[Sequence[Any]], Any]], ...] = (
        (words.later, max),
        (words.earlier, min),
    )
    for pattern, choose in extremes:
        if (found := pattern.search(low)) and _comparable(offered):
            return Fill(slot, (choose(offered),), _span(text, found), _ORDERED)
    if found := words.any_of_them.search(low):
        return Fill(slot, (offered[0],), _span(text, found), 0.86)
    return None


def by_part_of_day(text: str, slot: str, offered: Sequence[object], words: Words) -> Fill | None:
    """ "In the evening", "pm": the one time on offer that the words leave, each read as if it were said with them."""
    said = text.split()
    if not 0 < len(said) <= _PART_WORDS:
        return None
    fitting: list[object] = []
    for value in offered:
        clock = value.time() if isinstance(value, datetime) else value
        if not isinstance(clock, time):
            return None
        figures = f"{clock.hour % 12 or 12}:{clock.minute:02d}"
        read = [_clock_among(said, place, figures, words.language) for place in range(len(said) + 1)]
        if any(mention.excluded for mention in read if mention):
            return None
        if read[0] and read[0].candidates == (clock,):
            fitting.append(value)
    return Fill(slot, tuple(fitting), Span(text, 0, len(text)), _ORDERED) if len(fitting) == 1 else None


def _clock_among(said: Sequence[str], place: int, figures: str, language: str) -> Mention | None:
    """The time that figures mean when they stand at a place among the words."""
    line = " ".join((*said[:place], figures, *said[place:]))
    found = type_of("time").find(line, Context(_ANY_DAY, language))
    return found[0] if len(found) == 1 else None


def _comparable(offered: Sequence[object]) -> bool:
    kinds = {type(value) for value in offered}
    return len(kinds) == 1 and hasattr(offered[0], "__lt__") and not isinstance(offered[0], str)


def _span(text: str, found: re.Match[str]) -> Span:
    return Span(text[found.start() : found.end()], found.start(), found.end())


def named_slots(
    text: str, names: Sequence[str], labels: Mapping[str, str], types: Mapping[str, str], words: Words
) -> Iterator[Want]:
    """Slots that the caller names by label, name or an everyday word: "the time", "it's the name"."""
    low = fold(text)
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, int, int, str]] = []
    for rank, name in enumerate(names):
        own = {labels.get(name, ""), name.replace("_", " "), *words.slot_words.get(types.get(name, ""), ())}
        for word in own:
            plain = re.sub(r"^(?:the|your|a|an) ", "", fold(word)).strip()
            match = re.search(rf"(?<!\w){re.escape(plain)}s?(?!\w)", low) if plain else None
            if match:
                found.append((match.end() - match.start(), -rank, match.start(), name))
    for length, _, start, name in sorted(found, reverse=True):
        if all(start >= end or start + length <= begin for begin, end in taken):
            taken.append((start, start + length))
            yield Want(name, Span(text[start : start + length], start, start + length), 0.9)


def without_slot(acts: Sequence[Act], slot: str | None) -> list[Act]:
    """The acts that say nothing about a value for this slot."""
    return [act for act in acts if not (isinstance(act, Fill | Exclude) and act.slot == slot)]
