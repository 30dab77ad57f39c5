"""Confirmation: what was read back, whether it was heard, and what yes and no then mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engine.acts import Act, Affirm, Deny, Exclude, Want
from engine.dialogue.asking import ask, which_slots
from engine.dialogue.draft import Draft
from engine.dialogue.filling import clear, fill_all

DENIALS: Final = 3
"""How often a caller may say no to an echo, without anything better, before the way out is taken."""


def answer_confirm(draft: Draft, acts: Sequence[Act], open_slots: Sequence[str]) -> bool:
    """Takes an answer to an echo or to "what should I change?"; False when it says nothing about either."""
    before = {name: draft.state.slot(name).version for name in draft.flow.slots}
    touched = fill_all(draft, acts, open_slots)
    changed = [name for name in draft.flow.slots if draft.state.slot(name).version != before[name]]
    if changed:
        draft.note("corrected", ", ".join(changed))
        return draft.fire("corrected")
    node = draft.node
    if node.kind == "which":
        return _answer_which(draft, acts, touched)
    if any(isinstance(act, Deny) for act in acts) and not touched:
        return _denied(draft)
    doubted = any(isinstance(act, Exclude) and act.slot in touched for act in acts)  # "yes, but not at eight"
    if any(isinstance(act, Affirm) for act in acts) and not doubted:
        return _affirmed(draft)
    if touched:
        ask(draft)
        return True
    return False


def _affirmed(draft: Draft) -> bool:
    """Counts only for the values that the echo named and that were heard to the end."""
    if draft.state.echo_cut:
        draft.note("echo_cut", "the echo was interrupted; it is read again")
        draft.interruptible = False
        ask(draft)
        return True
    for name, version in draft.state.echoed.items():
        slot = draft.state.slot(name)
        if slot.status == "valid" and slot.version == version:
            draft.set_slot(name, replace(slot, status="confirmed", verified=True))
    return draft.fire("yes")


def _denied(draft: Draft) -> bool:
    step = draft.node.step.name
    if draft.count(f"deny:{step}") > DENIALS:
        draft.set(why="denied")
        return draft.fire("gave_up")
    if not draft.fire("no"):
        ask(draft)
    return True


def _answer_which(draft: Draft, acts: Sequence[Act], touched: Sequence[str]) -> bool:
    wanted = [act.intent for act in acts if isinstance(act, Want) and act.intent in which_slots(draft, draft.node)]
    if wanted:
        clear(draft, wanted)
        return draft.fire("corrected")
    if any(isinstance(act, Deny) for act in acts):
        return _denied(draft)
    if any(isinstance(act, Affirm) for act in acts) or touched:
        return draft.fire("corrected")
    return False
