"""What an answer does at each kind of waiting state; every function is False when the answer says nothing there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from engine.acts import Act, Affirm, Deny, Fill, Want
from engine.dialogue.asking import open_slots
from engine.dialogue.confirm import answer_confirm
from engine.dialogue.draft import Draft
from engine.dialogue.filling import clear, fill, fill_all
from engine.dialogue.machine import Kind
from engine.dialogue.repair import looped, refused, stop_recording
from engine.effects import Record
from engine.flow.model import ListenStep


def said(acts: Sequence[Act], kind: type[Affirm] | type[Deny]) -> bool:
    return any(isinstance(act, kind) for act in acts)


def answer_listen(draft: Draft, acts: Sequence[Act]) -> bool:
    """An intent, or slots that belong to one intent alone and so imply it; slots of that intent are taken at once."""
    step = draft.node.step
    assert isinstance(step, ListenStep)
    reach = draft.compiled.reach[step.name]
    wanted = next((act.intent for act in acts if isinstance(act, Want) and act.intent in step.intents), None)
    if wanted is None:
        named = {act.slot for act in acts if isinstance(act, Fill)}
        fitting = [name for name, slots in reach.items() if named & set(slots)]
        if len(fitting) != 1:
            return False
        wanted = fitting[0]
    fill_all(draft, acts, reach[wanted])
    draft.set(why=wanted)
    return draft.fire(f"want.{wanted}")


def answer_yes_no(draft: Draft, acts: Sequence[Act]) -> bool:
    """A plain yes or no question (`ask`)."""
    if said(acts, Deny):
        return draft.fire("no")
    return said(acts, Affirm) and draft.fire("yes")


def answer_consent(draft: Draft, acts: Sequence[Act]) -> bool:
    """Anything but a yes is a no. Who states a wish at once has it handed on to the open question that follows."""
    if _wishes(draft, acts):
        draft.handed = acts
    elif not said(acts, Affirm) and not said(acts, Deny):
        return False
    if said(acts, Deny) or not said(acts, Affirm):
        stop_recording(draft)
        return draft.fire("no")
    if not draft.state.consent:
        act = draft.state.act + 1
        draft.set(consent=True, act=act)
        draft.before.append(Record(act, "call"))
    return draft.fire("yes")


def _wishes(draft: Draft, acts: Sequence[Act]) -> bool:
    """Whether an answer to a consent says something to an open question that it leads to."""
    for name in draft.compiled.onward[draft.node.step.name]:
        reach = draft.compiled.reach[name]
        slots = {slot for among in reach.values() for slot in among}
        if any(isinstance(act, Want) and act.intent in reach for act in acts):
            return True
        if any(isinstance(act, Fill) and act.slot in slots for act in acts):
            return True
    return False


def answer_slot(draft: Draft, acts: Sequence[Act]) -> bool:
    """Values for the open slots of a form, whichever was asked."""
    name = draft.node.slot or ""
    definition = draft.flow.slots[name]
    touched = fill_all(draft, acts, open_slots(draft, draft.node))
    if name not in touched and (said(acts, Affirm) or said(acts, Deny)):
        if definition.type == "yes_no":
            fill(draft, name, (said(acts, Affirm) and not said(acts, Deny),))
            touched.append(name)
        elif definition.optional and said(acts, Deny):
            clear(draft, (name,))
            draft.set_slot(name, replace(draft.state.slot(name), skipped=True))
            touched.append(name)
    return _onward(draft, touched)


def _onward(draft: Draft, touched: Sequence[str]) -> bool:
    if not touched:
        return False
    for name in touched:
        if draft.state.slot(name).refused is not None and refused(draft, name):
            return True
    if _is_stuck(draft, touched) and looped(draft, draft.node.owner):
        return True
    return draft.fire("answered")


def _is_stuck(draft: Draft, touched: Sequence[str]) -> bool:
    """Whether an answer leaves the same to be asked again: "not Friday", two values once more, none of what is on
    offer. Callers who only ever answer so count in the ladder of what leads back."""
    slots = [draft.state.slot(name) for name in touched]
    return not any(slot.settled or slot.refused is not None for slot in slots)


def answer_offer(draft: Draft, acts: Sequence[Act]) -> bool:
    """A value that we proposed: yes takes it, no asks for another, another value is taken."""
    name = draft.node.slot or ""
    touched = fill_all(draft, acts, open_slots(draft, draft.node))
    if name not in touched:
        if said(acts, Affirm):
            fill(draft, name, (draft.offer_of(name),))
            touched.append(name)
        elif said(acts, Deny):
            draft.set(declined_offers=draft.state.declined_offers | {name})
            clear(draft, (name,))
            touched.append(name)
    return _onward(draft, touched)


def answer_verify(draft: Draft, acts: Sequence[Act]) -> bool:
    """"I heard four. Is that right?\""""
    name = draft.node.slot or ""
    before = draft.state.slot(name).version
    touched = fill_all(draft, acts, open_slots(draft, draft.node))
    slot = draft.state.slot(name)
    if slot.version != before:
        return _onward(draft, touched)
    if said(acts, Deny):
        clear(draft, (name,))
        return looped(draft, name) or draft.fire("answered")
    if said(acts, Affirm) or name in touched:
        draft.set_slot(name, replace(slot, verified=True))
        if draft.node.kind == "limit":
            draft.set(why="limit")
            return draft.fire("beyond")
        return draft.fire("answered")
    return _onward(draft, touched)


def answer_choose_slot(draft: Draft, acts: Sequence[Act]) -> bool:
    """A value from the list, another value, another slot, or none of these."""
    name = draft.node.slot or ""
    touched = fill_all(draft, acts, open_slots(draft, draft.node))
    if not touched and said(acts, Deny):
        clear(draft, (name,))
        touched = [name]
    return _onward(draft, touched)


def answer_echo(draft: Draft, acts: Sequence[Act]) -> bool:
    return answer_confirm(draft, acts, open_slots(draft, draft.node))


ANSWERS: Mapping[Kind, Callable[[Draft, Sequence[Act]], bool]] = {
    "listen": answer_listen,
    "ask": answer_yes_no,
    "consent": answer_consent,
    "slot": answer_slot,
    "offer": answer_offer,
    "pick": answer_slot,
    "verify": answer_verify,
    "limit": answer_verify,
    "choose_slot": answer_choose_slot,
    "confirm": answer_echo,
    "which": answer_echo,
}
