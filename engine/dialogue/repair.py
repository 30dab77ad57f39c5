"""When nothing was understood, nothing was said, or a value was refused: ladders that always end somewhere."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from engine.dialogue.asking import (
    ask,
    choices_value,
    listen,
    offered_values,
    question,
    records,
    short_question,
)
from engine.dialogue.draft import Draft
from engine.dialogue.machine import Node
from engine.effects import Prompt, StopRecording, Typed
from engine.flow.model import Ladder, ListenStep, PromptText
from engine.kinds import is_list, is_range
from engine.slots.registry import type_of

Trouble: TypeAlias = Literal["nomatch", "noinput"]

ENGINE_RUNGS: Final = 2
REFUSALS: Final = 3
"""How often in a row one slot's values may be refused before a person helps."""
LOOPS: Final = 4
"""How often a tool may send the caller round, or an answer leave its slot open, before a person helps."""
HOLDS: Final = 2
"""How often a caller who asked us to wait is waited for, half a minute each."""


def trouble(draft: Draft, kind: Trouble) -> None:
    """One rung up: says what helps and asks again, or leaves by the ladder's way out."""
    node = draft.node
    if _too_many_failures(draft):
        return
    number = draft.count(f"{kind}:{node.owner}")
    rungs = _rungs(draft, node, kind)
    if node.kind == "consent" or number > (len(rungs) or ENGINE_RUNGS):
        give_up(draft, kind)
        return
    if records(draft, node):
        ask(draft)
        return
    if node.kind == "confirm" and draft.state.echo_cut:
        ask(draft)
        return
    prompt = draft.prompt(rungs[number - 1], "apology") if rungs else _default_rung(draft, node, kind, number)
    draft.say(prompt)
    draft.set(last=(prompt,))
    listen(draft)


def refused(draft: Draft, slot: str) -> bool:
    """Counts a refused value; True when the ladder ended and the call moved on."""
    if _too_many_failures(draft):
        return True
    if draft.count(f"invalid:{slot}") <= REFUSALS:
        return False
    give_up(draft, "refused")
    return True


def looped(draft: Draft, name: str) -> bool:
    """Counts an answer, a tool's or the caller's, that leads back; True when that has been often enough and the call
    moved on."""
    if draft.count(f"loop:{name}") <= LOOPS:
        return False
    give_up(draft, "loop")
    return True


def give_up(draft: Draft, why: str) -> None:
    """Leaves the present state by the way out of its ladder."""
    stop_recording(draft)
    draft.note("gave_up", f"{why} at {draft.position}")
    draft.set(why=why)
    if not draft.fire("gave_up"):
        draft.set(position="hangup")


def stop_recording(draft: Draft) -> None:
    """Ends the recording of a caller who was asked for leave once more and does not give it."""
    if draft.node.kind == "consent" and draft.state.consent:
        draft.set(consent=False)
        draft.before.append(StopRecording())


def _too_many_failures(draft: Draft) -> bool:
    """The limit of the whole call: to a person first; if that does not end it, we say goodbye."""
    failures = draft.state.failures + 1
    draft.set(failures=failures)
    limit = draft.flow.repair.failures
    if failures <= limit:
        return False
    draft.note("limit", f"{failures} failures in this call")
    draft.set(why="limit")
    if failures == limit + 1 and draft.fire("operator"):
        return True
    draft.set(position="engine.bye")
    return True


def _rungs(draft: Draft, node: Node, kind: Trouble) -> tuple[PromptText, ...]:
    """The innermost ladder that has rungs of this kind: slot, step, flow."""
    ladders: list[Ladder] = []
    if node.slot:
        ladders.append(draft.flow.slots[node.slot].ladder)
    own = getattr(node.step, "ladder", None)
    if own is not None:
        ladders.append(own)
    ladders.append(draft.flow.repair.ladder)
    return next((rungs for ladder in ladders if (rungs := getattr(ladder, kind))), ())


def _default_rung(draft: Draft, node: Node, kind: Trouble, number: int) -> Prompt:
    called = f"{node.owner}.{kind}.{number}"
    if number == 1:
        values = dict(question(draft, node, "short")[-1].values)
        return draft.own(kind, "apology", values, {"question": short_question(draft, node)}, called)
    name = "hint" if kind == "nomatch" else "hint_noinput"
    hint, values = hint_for(draft, node)
    return draft.own(name, "apology", values, {"hint": hint}, called)


def hint_for(draft: Draft, node: Node) -> tuple[str, dict[str, Typed]]:
    """What may be said or keyed here, as a template with its values."""
    step = node.step
    if isinstance(step, ListenStep) and node.kind == "listen":
        parts = [
            draft.own("key").text.replace("{label}", intent.label or intent.hear[0]).replace("{key}", intent.key)
            if intent.key
            else intent.label or intent.hear[0]
            for intent in step.intents.values()
        ]
        named = any(intent.key == "0" for intent in step.intents.values())
        hint = draft.own("hint.choice" if named else "hint.intent")
        return hint.text, {"choices": Typed("text list", parts)}
    if node.slot and node.kind == "slot":
        definition = draft.flow.slots[node.slot]
        if definition.help is not None:
            prompt = draft.prompt(definition.help)
            return prompt.text, dict(prompt.values)
        kind = "choice" if offered_values(draft, node) else definition.item
        keyed = "" if type_of(definition.type).keypad(definition.options) is None else ".keys"
        text = draft.own(f"hint.{kind}{keyed}").text or draft.own(f"hint.{kind}").text or short_question(draft, node)
        if is_list(definition.type) or is_range(definition.type):
            text = draft.own("hint.many" if is_list(definition.type) else "hint.range", parts={"hint": text}).text
        return text, choices_value(draft, node)
    if node.kind in ("pick", "choose_slot", "which"):
        return draft.own("hint.choice").text, choices_value(draft, node)
    return draft.own("hint.yes_no").text, {}
