"""Values into slots: candidates cut by limits, corrections found out, dependants looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.acts import Act, Exclude, Fill
from engine.dialogue.draft import Draft
from engine.dialogue.limits import leads_to, refusal
from engine.dialogue.many import are_parts, covers, joined, without
from engine.dialogue.state import EMPTY, SlotState
from engine.kinds import is_list
from engine.slots.datetime import is_part


def fill_all(draft: Draft, acts: Sequence[Act], open_slots: Iterable[str]) -> list[str]:
    """Takes every act that fits an open slot; returns the slots that the caller spoke about."""
    allowed = set(open_slots)
    touched: list[str] = []
    unwanted = [act for act in acts if isinstance(act, Exclude) and act.slot in allowed]
    for exclusion in unwanted:
        if not is_list(draft.flow.slots[exclusion.slot].type):
            _exclude(draft, exclusion)
            touched.append(exclusion.slot)
    fills = [act for act in acts if isinstance(act, Fill) and act.slot in allowed and act.candidates]
    for act in sorted(fills, key=lambda fill: draft.compiled.order.index(fill.slot)):
        definition, slot = draft.flow.slots[act.slot], draft.state.slot(act.slot)
        meant = joined(definition, slot, act.candidates, act.more)
        if are_parts(definition, slot) and slot.candidates == meant:
            continue  # the same day again, where its time was asked for, says nothing
        fill(draft, act.slot, meant, act.confidence)
        touched.append(act.slot)
    for exclusion in unwanted:  # "everything but the manicure": items are taken out of what was just said
        if is_list(draft.flow.slots[exclusion.slot].type):
            _take_out(draft, exclusion, draft.state.slot(exclusion.slot))
            touched.append(exclusion.slot)
    return touched


def _exclude(draft: Draft, act: Exclude) -> None:
    slot = draft.state.slot(act.slot)
    excluded = (*slot.excluded, act.value)
    gone = [value for value in (slot.value, *slot.candidates) if value == act.value or covers(value, (act.value,))]
    if gone and act.value is not None:
        left = tuple(value for value in slot.candidates if value not in gone)
        draft.set_slot(act.slot, replace(EMPTY, version=slot.version + 1, excluded=excluded))
        if left:
            fill(draft, act.slot, left, act.confidence)
        look_again(draft, act.slot)
    else:
        draft.set_slot(act.slot, replace(slot, excluded=excluded))


def _take_out(draft: Draft, act: Exclude, slot: SlotState) -> None:
    """Items of a list that are no longer wanted; a list with nothing left is empty again."""
    left = without(slot, act.value)
    if left:
        fill(draft, act.slot, left, slot.confidence)
    elif left is not None:
        draft.set_slot(act.slot, replace(EMPTY, version=slot.version + 1))
        look_again(draft, act.slot)


def fill(draft: Draft, name: str, candidates: Sequence[object], confidence: float = 1.0) -> None:
    """Puts a value into a slot, or what is left to choose from, or the reason why none will do.

    The old value stays until a new one is valid, but what was said yes to it (a confirmation, a check) is void.
    """
    slot = draft.state.slot(name)
    definition = draft.flow.slots[name]
    stated = tuple(value for value in dict.fromkeys(candidates) if value not in slot.excluded) or tuple(candidates)
    if any(not draft.state.slot(other).settled for other in definition.depends_on):
        draft.set_slot(name, replace(EMPTY, status="proposed", candidates=stated, confidence=confidence,
                                     version=slot.version + 1, excluded=slot.excluded))  # fmt: skip
        return
    fitting = [value for value in stated if refusal(draft, definition, value) is None]
    if not fitting:
        reason = refusal(draft, definition, stated[0]) or "unknown"
        status = "valid" if slot.status in ("valid", "confirmed") else slot.status
        draft.set_slot(name, replace(slot, status=status, refused=reason, candidates=stated[:1],
                                     version=slot.version + 1, verified=False))  # fmt: skip
        return
    if len(fitting) > 1 or (definition.type == "datetime" and is_part(fitting[0])):
        draft.set_slot(name, replace(slot, status="proposed", candidates=tuple(fitting), confidence=confidence,
                                     refused=None, skipped=False, beyond=False, version=slot.version + 1))  # fmt: skip
        return
    _take(draft, name, slot, fitting[0], confidence)


def _take(draft: Draft, name: str, slot: SlotState, value: object, confidence: float) -> None:
    same = slot.value == value and slot.status in ("valid", "confirmed")
    if same and slot.refused is None:
        draft.set_slot(name, replace(slot, confidence=max(slot.confidence, confidence)))
        return
    beyond = leads_to(draft.flow.slots[name], value)
    version = slot.version if same else slot.version + 1
    draft.set_slot(
        name,
        SlotState("valid", value, version, confidence, excluded=slot.excluded, beyond=beyond),
    )
    draft.understood.append(name)
    draft.set(order=(*(other for other in draft.state.order if other != name), name))
    draft.forget_counts(f"nomatch:{name}", f"noinput:{name}")
    if not same:
        look_again(draft, name)


def look_again(draft: Draft, changed: str) -> None:
    """Slots that depend on `changed` are validated again with the values that they had."""
    for name, definition in draft.flow.slots.items():
        if changed not in definition.depends_on or name == changed:
            continue
        slot = draft.state.slot(name)
        if slot.status == "empty":
            continue
        values = slot.candidates or ((slot.value,) if slot.value is not None else ())
        if not values:
            continue
        proposed = replace(slot, status="proposed", candidates=values, refused=None, skipped=False, verified=False)
        draft.set_slot(name, proposed)
        if all(draft.state.slot(other).settled for other in definition.depends_on):
            understood = list(draft.understood)
            fill(draft, name, values, slot.confidence)
            draft.understood = understood


def clear(draft: Draft, names: Iterable[str]) -> None:
    """Empties slots; their versions go on, so that nothing old counts for what comes next."""
    for name in names:
        slot = draft.state.slot(name)
        draft.set_slot(name, replace(EMPTY, version=slot.version + 1))
        draft.set(order=tuple(other for other in draft.state.order if other != name))
        look_again(draft, name)
