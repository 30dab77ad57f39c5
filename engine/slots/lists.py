"""Lists of any slot type: "the haircut and the beard trim", "Friday or Saturday", "and also the manicure"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any, Final

from engine.acts import Span
from engine.effects import Keypad
from engine.kinds import LIST
from engine.slots.joining import blank, words_of
from engine.slots.registry import Context, Mention, SlotType, register_wrapper
from engine.slots.words import fold, overlap, span_of

MOST: Final = 10
"""Items that a list may have where the flow does not say."""
_MEANS_TWO: Final = re.compile(r"both|beide|amb[oa]s|l[oa]s dos")
_READINGS: Final = 6
"""Readings of an ambiguous list that are kept."""


class ListType:
    """Values are tuples of the values of `item`, each once, in the order in which they were said."""

    def __init__(self, item: SlotType) -> None:
        self.item = item
        self.name = item.name + LIST
        self.open = item.open

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        """One mention for each run of items; what stands between items of a run only joins them."""
        words = words_of(context.language)
        plain = blank(text, words.alternative)
        found, low = items_in(self.item, plain, text, context, words.joint), fold(text)
        marked = [
            replace(one, excluded=one.excluded or bool(words.without.search(low[: one.span.start]))) for one in found
        ]
        runs = [_run(text, low, run, context) for run in _runs(low, marked, context)]
        every = _everything(text, low, runs, context) if self.item.name == "choice" and context.asked else ()
        return [*every, *runs]

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        """Items one after another: those of one key run on until `#`, others end with `#` each and the list with one
        more."""
        return several(self.item.keypad(options), int(options.get("at_most") or MOST))

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """One list, or nothing when a part of the keys makes no item."""
        read = [self.item.from_keys(part, context) for part in split_keys(self.item.keypad(context.options), keys)]
        return tuple(_lists(read)) if read and all(read) else ()

    def to_json(self, value: Any) -> Any:
        return [self.item.to_json(item) for item in value]

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, list | tuple) or not data:
            raise ValueError(f"{data!r} is no list of values")
        return tuple(self.item.from_json(item) for item in data)


def several(keypad: Keypad | None, most: int) -> Keypad | None:
    """How up to `most` values are keyed in one after another."""
    if keypad is None:
        return None
    each = keypad.longest if keypad.longest == 1 else keypad.longest + 1
    return Keypad(each * most, max(4.0, keypad.pause), keypad.shortest, items=keypad.longest > 1)


def split_keys(keypad: Keypad | None, keys: str) -> Sequence[str]:
    """The keys of each item."""
    if keypad is None:
        return ()
    return tuple(keys.replace("#", "")) if keypad.longest == 1 else tuple(part for part in keys.split("#") if part)


def items_in(item: SlotType, plain: str, text: str, context: Context, joint: re.Pattern[str]) -> list[Mention]:
    """What the item's own recogniser finds in `plain`, then in stretches that joining words set beside it, left to
    right with spans of `text`."""
    found = [replace(one, span=_true(text, one.span)) for one in item.find(plain, context)]
    low = fold(text)
    for start, end in () if item.open else _pieces(low, joint):
        piece = plain[start:end].strip(" ,.;")
        if not piece or any(overlap(one.span, Span("", start, end)) for one in found):
            continue
        if context.asked or _beside(low, start, end, found, joint):
            found += alone(item, plain, text, (start, end), context)
    return sorted(found, key=lambda one: one.span.start)


def alone(item: SlotType, plain: str, text: str, piece: tuple[int, int], context: Context) -> list[Mention]:
    """What a stretch says by itself, as if it were the answer to the question; nothing where most of it says
    something else."""
    start, end = piece
    masked = " " * start + plain[start:end] + " " * (len(plain) - end)
    return [
        replace(one, span=_true(text, one.span), bare=one.bare and context.asked)
        for one in item.find(masked, replace(context, asked=True))
        if (one.span.end - one.span.start) * 2 > len(plain[start:end].strip())
    ]


def _true(text: str, span: Span) -> Span:
    return span_of(text, span.start, span.end)


def _pieces(low: str, joint: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Stretches between the words and signs that join items."""
    at = 0
    for found in joint.finditer(low):
        yield at, found.start()
        at = found.end()
    yield at, len(low)


def _beside(low: str, start: int, end: int, found: Sequence[Mention], joint: re.Pattern[str]) -> bool:
    """Whether a stretch stands right beside an item, with nothing but joining words between."""
    return any(
        joint.fullmatch(low[one.span.end : start]) or joint.fullmatch(low[end : one.span.start]) for one in found
    )


def _runs(low: str, found: Sequence[Mention], context: Context) -> Iterator[list[Mention]]:
    """Items that only joining words part, and of which all or none are excluded."""
    words = words_of(context.language)
    run: list[Mention] = []
    for mention in found:
        gap = low[run[-1].span.end : mention.span.start] if run else ""
        if run and run[-1].excluded == mention.excluded and words.between.fullmatch(gap):
            run.append(mention)
            continue
        if run and run[-1].excluded and words.between.fullmatch(gap) and words.alternative.search(gap):
            run.append(replace(mention, excluded=True))  # "not the beard trim or the manicure"
            continue
        if run:
            yield run
        run = [mention]
    if run:
        yield run


def _everything(text: str, low: str, runs: Sequence[Mention], context: Context) -> Iterator[Mention]:
    """ "All of them", "everything but the manicure": all choices, where they were asked for and none was named."""
    choices = tuple(choice.value for choice in context.options.get("choices", ()))
    found = words_of(context.language).everything.search(low) if choices else None
    if found and all(one.excluded for one in runs) and (len(choices) == 2 or not _MEANS_TWO.match(found[0])):
        yield Mention((choices,), span_of(text, *found.span()), 0.9)


def _run(text: str, low: str, run: Sequence[Mention], context: Context) -> Mention:
    start, end = run[0].span.start, run[-1].span.end
    words = words_of(context.language)
    return Mention(
        candidates=tuple(_lists([one.candidates for one in run])),
        span=span_of(text, start, end),
        confidence=min(one.confidence for one in run),
        excluded=run[0].excluded,
        bare=all(one.bare for one in run),
        more=not run[0].excluded and bool(words.more_before.search(low[:start]) or words.more_after.match(low[end:])),
    )


def _lists(read: Sequence[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """The lists that items with several readings make: all by their first reading, all by their second, where each has
    as many ("at seven and eight": in the morning, or in the evening), else every combination."""
    many = {len(one) for one in read if len(one) > 1}
    if len(many) <= 1:
        size = many.pop() if many else 1
        made = ([one[at if len(one) > 1 else 0] for one in read] for at in range(size))
    else:
        made = (list(one) for one in islice(product(*read), _READINGS))
    for values in made:
        yield tuple(dict.fromkeys(values))


register_wrapper(LIST, ListType)
