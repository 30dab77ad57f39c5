"""Values of many parts: lists and ranges taken apart, added to, completed, and without what is no longer wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.acts import Range
from engine.dialogue.state import SlotState
from engine.flow.model import Slot
from engine.kinds import is_list, is_range
from engine.slots.datetime import complete, is_part

TOO_FEW = "too_few"
ONE_END = "one_end"
BACKWARDS = "backwards"


def parts(value: object) -> tuple[object, ...]:
    """The items of a list, the ends of a range that are not open, or the value itself."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, Range):
        return tuple(end for end in (value.start, value.end) if end is not None)
    return (value,)


def joined(definition: Slot, slot: SlotState, candidates: Sequence[object], more: bool) -> tuple[object, ...]:
    """What a caller means by `candidates` beside what the slot holds: items that come to others, or the end of a range
    whose other end is there."""
    if is_list(definition.type) and (more or slot.refused == TOO_FEW):
        base = slot.candidates[0] if slot.refused == TOO_FEW and slot.candidates else slot.value
        if isinstance(base, tuple):
            return tuple((*base, *(item for item in parts(one) if item not in base)) for one in candidates)
    if is_range(definition.type) and slot.refused in (ONE_END, BACKWARDS) and slot.candidates:
        held = slot.candidates[0]
        return tuple(_completed(held, one) if isinstance(held, Range) else one for one in candidates)
    if definition.type == "datetime":
        return _whole(slot, candidates)
    return tuple(candidates)


def _whole(slot: SlotState, candidates: Sequence[object]) -> tuple[object, ...]:
    """Days and times alone, completed by what the slot holds: parts that were said before, what was refused, or the
    present value. What nothing completes stays a part."""
    held = slot.candidates or ((slot.value,) if slot.value is not None else ())
    made = [whole for one in candidates for whole in (complete(one, held) if is_part(one) else (one,))]
    return tuple(dict.fromkeys(made)) or tuple(candidates)


def are_parts(definition: Slot, slot: SlotState) -> bool:
    """Whether a slot for a day and a time knows one of them alone and waits for the other."""
    waits = definition.type == "datetime" and slot.status == "proposed" and slot.refused is None
    return waits and bool(slot.candidates) and all(map(is_part, slot.candidates))


def _completed(held: Range, new: object) -> object:
    """A range with its missing or mended end; a single value is the end that is missing."""
    if not isinstance(new, Range):
        return new
    alone = new.start == new.end
    if new.start is None or (alone and held.end is None):
        return Range(held.start, new.end)
    if new.end is None or (alone and held.start is None):
        return Range(new.start, held.end)
    return new


def without(slot: SlotState, unwanted: object) -> tuple[object, ...] | None:
    """The lists that are left of a slot when items are no longer wanted; None when it holds none of them."""
    gone = parts(unwanted)
    held = slot.candidates or ((slot.value,) if slot.value is not None else ())
    if not any(item in parts(one) for one in held for item in gone):
        return None
    left = (tuple(item for item in parts(one) if item not in gone) for one in held)
    return tuple(dict.fromkeys(one for one in left if one))


def covers(value: object, unwanted: Sequence[object]) -> bool:
    """Whether a range holds a value, or a whole range, that the caller has excluded; of a moment, its day or time."""
    if isinstance(value, datetime):
        return value.date() in unwanted or value.time() in unwanted
    return isinstance(value, Range) and any(isinstance(one, Range) and _within(one, value) for one in unwanted)


def _within(inner: Range, outer: Range) -> bool:
    lows = [bound for bound in (outer.start,) if bound is not None]
    highs = [bound for bound in (outer.end,) if bound is not None]
    return all(
        end is not None and all(end >= low for low in lows) and all(end <= high for high in highs)
        for end in (inner.start, inner.end)
    )


def backwards(value: Range) -> bool:
    """Whether a range ends before it begins."""
    return value.start is not None and value.end is not None and bool(value.end < value.start)


def as_text(value: object) -> str:
    """A value on one line for a person who reads it."""
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
