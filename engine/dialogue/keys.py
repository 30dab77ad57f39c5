"""Keys of a telephone as acts: exact, and the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from engine.acts import Act, Affirm, Deny, Fill, Global, Want
from engine.dialogue.asking import offered_values, which_slots
from engine.dialogue.draft import Draft
from engine.dialogue.machine import Node
from engine.flow.model import ListenStep
from engine.slots.registry import Context, type_of

T = TypeVar("T")


def acts_of(draft: Draft, keys: str) -> tuple[Act, ...]:
    """What the keys mean at the present state; nothing where they mean nothing."""
    node = draft.node
    if keys == "*0" or (keys == "0" and _is_menu(draft, node)):
        return (Global("operator"),)
    if keys == "*":
        return (Global("repeat"),)
    if keys == "#":
        return (Deny(),) if node.slot and draft.flow.slots[node.slot].optional else ()
    if isinstance(node.step, ListenStep):
        return tuple(Want(intent.name) for intent in node.step.intents.values() if intent.key == keys)
    if node.kind == "which":
        return tuple(Want(name) for name in _nth(which_slots(draft, node), keys))
    if node.slot and node.kind in ("pick", "choose_slot"):
        return tuple(Fill(node.slot, (value,)) for value in _nth(offered_values(draft, node), keys))
    if node.slot and node.kind == "slot":
        return _entered(draft, node.slot, keys)
    if keys == "1":
        return (Affirm(),)
    return (Deny(),) if keys == "2" else ()


def _is_menu(draft: Draft, node: Node) -> bool:
    """Where one key decides, so that 0 is free to mean a person."""
    if isinstance(node.step, ListenStep):
        return all(intent.key != "0" for intent in node.step.intents.values())
    return node.kind != "slot" or draft.flow.slots[node.slot or ""].item in ("choice", "yes_no")


def _nth(values: Sequence[T], keys: str) -> tuple[T, ...]:
    number = int(keys) if keys.isascii() and keys.isdigit() else 0
    return (values[number - 1],) if 0 < number <= len(values) else ()


def _entered(draft: Draft, name: str, keys: str) -> tuple[Act, ...]:
    slot = draft.flow.slots[name]
    slot_type = type_of(slot.type)
    if slot_type.keypad(slot.options) is None:
        return ()
    context = Context(draft.now, draft.flow.language, asked=True, options=slot.options)
    candidates = slot_type.from_keys(keys.removesuffix("#"), context)
    return (Fill(name, candidates),) if candidates else ()
