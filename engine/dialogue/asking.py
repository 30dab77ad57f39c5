"""What is said at a state that waits for the caller, and what is listened for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from engine.dialogue.draft import Draft
from engine.dialogue.limits import MOST, refused_part
from engine.dialogue.machine import Node
from engine.dialogue.many import are_parts
from engine.effects import Expecting, Keypad, Listen, Prompt, Record, Typed
from engine.flow.model import (
    AskStep,
    ChooseSlotStep,
    ConfirmStep,
    ConsentStep,
    FormStep,
    ListenStep,
    PromptText,
    Slot,
)
from engine.persona.spoken import echo_template
from engine.slots.datetime import is_day
from engine.slots.registry import type_of

Manner: TypeAlias = Literal["full", "short"]

NOINPUT: Final = 6.0
HOLD: Final = 30.0
SLOT_RECORDING: Final = 12.0
MENU_KEYS: Final = Keypad(longest=2, pause=1.2)
"""One key decides a menu; a second follows only in `*0`."""


def ask(draft: Draft, manner: Manner = "full", noinput: float = NOINPUT) -> None:
    """Says the question of the present state (short after a digression) and waits for its answer."""
    node = draft.node
    if records(draft, node):
        _record(draft, node)
        return
    start = len(draft.prompts)
    for prompt in question(draft, node, manner):
        draft.say(prompt)
    draft.set(last=tuple(draft.prompts[start:]))
    listen(draft, noinput)


def listen(draft: Draft, noinput: float = NOINPUT) -> None:
    """Waits for the caller at the present state without saying anything more."""
    turn = draft.state.turn + 1
    draft.set(turn=turn)
    draft.wait(Listen(turn, expecting(draft, draft.node, noinput)))


def records(draft: Draft, node: Node) -> bool:
    """Whether the answer is kept as sound: the words are open and this line's recogniser cannot know them."""
    if node.kind != "slot" or node.slot is None or draft.state.open_speech:
        return False
    slot = draft.flow.slots[node.slot]
    return slot.keypad == "record" or (type_of(slot.type).open and slot.keypad != "skip")


def _record(draft: Draft, node: Node) -> None:
    slot = draft.flow.slots[node.slot or ""]
    act = draft.state.act + 1
    source = question(draft, node, "full")[0]
    recorded = draft.own("record", "question", source.values, {"ask": source.text}, called=source.id)
    draft.say(recorded)
    draft.set(act=act, last=(recorded,))
    draft.interruptible = False
    draft.wait(Record(act, "slot", slot.name, SLOT_RECORDING), [("record", SLOT_RECORDING + 60)])


def question(draft: Draft, node: Node, manner: Manner) -> list[Prompt]:
    """The prompts that ask at this state."""
    match node.kind:
        case "slot":
            return [_slot_question(draft, node, manner)]
        case "offer":
            return [_offer(draft, node)]
        case "pick":
            return [draft.own("pick", "question", choices_value(draft, node), called=f"{node.slot}.pick")]
        case "verify" | "limit":
            name = node.slot or ""
            value = draft.typed(name) or Typed("text", "")
            own_type = f"{node.kind}.{value.type}"
            said = own_type if draft.own(own_type).text else node.kind
            return [draft.own(said, "question", {"value": value, name: value}, called=f"{name}.{node.kind}")]
        case "which":
            return [draft.own("which", "question", choices_value(draft, node), called=f"{node.step.name}.which")]
        case "confirm":
            return echo(draft, node)
        case _:
            return [_step_question(draft, node, manner)]


def _slot_question(draft: Draft, node: Node, manner: Manner) -> Prompt:
    slot = draft.flow.slots[node.slot or ""]
    state = draft.state.slot(slot.name)
    if state.refused is not None:
        refused = replace(draft.typed_value(slot.name, refused_part(draft, slot, state.candidates[0])), join="and")
        values = {slot.name: refused, "value": refused, **_limits(slot)}
        own = slot.reject.get(state.refused)
        if own is not None:
            return draft.prompt(own, "apology", values)
        name = f"reject.{state.refused}"
        own_type = f"{name}.{slot.item}"
        name = own_type if draft.own(own_type).text else name
        known = draft.own(name, "apology").text
        parts = {"question": short_question(draft, node)}
        return draft.own(name if known else "reject", "apology", values, parts, f"{slot.name}.reject.{state.refused}")
    if are_parts(slot, state):
        return _rest_question(draft, slot, state.candidates)
    if manner == "short":
        short = draft.own(f"short.{slot.type}", "question", called=f"{slot.name}.ask")
        if short.text:
            return short
    return draft.prompt(slot.ask, "question")


def _limits(slot: Slot) -> dict[str, Typed]:
    """What prompts for refused values may name of the slot itself."""
    limits = {"step": 15, "at_least": 1, "at_most": MOST}
    return {name: Typed("number", int(slot.options.get(name, usual))) for name, usual in limits.items()}


def _rest_question(draft: Draft, slot: Slot, known: tuple[object, ...]) -> Prompt:
    """Asks for the time of a day that was named, or for the day of a time."""
    if is_day(known[0]):
        value = Typed("date list", known, slot.sensitive, slot.speech)
        return draft.own("rest.time", "question", {"value": value}, called=f"{slot.name}.time")
    return draft.own("rest.day", "question", called=f"{slot.name}.day")


def _offer(draft: Draft, node: Node) -> Prompt:
    name = node.slot or ""
    value = draft.offer_of(name)
    typed = draft.typed_value(name, value)
    key = "offer" if draft.flow.slots[name].offer and value == draft.state.caller else "reuse"
    return draft.own(key, "question", {"value": typed, name: typed}, called=f"{name}.offer")


def _step_question(draft: Draft, node: Node, manner: Manner) -> Prompt:
    prompt = draft.prompt(_source(node), "question")
    if manner == "short":
        return Prompt(prompt.id, last_question(prompt.text), prompt.values, prompt.situation)
    return prompt


def _source(node: Node) -> PromptText:
    match node.step:
        case ListenStep() | ChooseSlotStep():
            return node.step.say
        case AskStep() | ConsentStep():
            return node.step.ask
        case _:
            raise AssertionError(f"{node.name} asks nothing")


def last_question(text: str) -> str:
    """The last sentence of a text that is a question; the whole text where there is none."""
    questions = re.findall(r"[^.!?]+\?", text)
    return questions[-1].strip() if questions else text


def short_question(draft: Draft, node: Node) -> str:
    """The question of a state in few words, as a template."""
    if node.kind == "slot":
        slot = draft.flow.slots[node.slot or ""]
        state = draft.state.slot(slot.name)
        if are_parts(slot, state):
            return _rest_question(draft, slot, state.candidates).text
        own = draft.own(f"short.{slot.type}").text
        return own or last_question(draft.prompt(slot.ask).text)
    return " ".join(last_question(prompt.text) for prompt in question(draft, node, "short")[-1:])


def echo(draft: Draft, node: Node) -> list[Prompt]:
    """Reads back what is to be confirmed, then asks whether it is right; remembers what it named."""
    step = node.step
    assert isinstance(step, ConfirmStep)
    named = [name for name in step.slots if draft.typed(name) is not None and not draft.state.slot(name).skipped]
    if step.say is not None:
        first = draft.prompt(step.say, "echo")
    else:
        slots = [(name, draft.flow.slots[name].type, draft.flow.slots[name].label) for name in named]
        first = draft.own("echo", "echo", parts={"echo": echo_template(slots, draft.flow.language)}, called=step.name)
    draft.set(echoed={name: draft.state.slot(name).version for name in named}, echo_cut=False)
    draft.echo_ends = len(draft.prompts) + 1
    return [first, draft.own("confirm", "question", called=f"{step.name}.confirm")]


def choices_value(draft: Draft, node: Node) -> dict[str, Typed]:
    """What the caller may choose from here, as a value to read out under the name `choices`."""
    if node.kind == "which":
        labels = [draft.flow.slots[name].label for name in which_slots(draft, node)]
        return {"choices": Typed("text list", labels)}
    name = node.slot or ""
    slot = draft.flow.slots[name]
    values = [draft.typed_value(name, value).value for value in offered_values(draft, node)]
    kind = slot.type if node.kind in ("pick", "choose_slot") else slot.item
    return {"choices": Typed(f"{kind} list", values, slot.sensitive, slot.speech)}


def which_slots(draft: Draft, node: Node) -> tuple[str, ...]:
    step = node.step
    assert isinstance(step, ConfirmStep)
    return tuple(name for name in step.slots if draft.typed(name) is not None)


def offered_values(draft: Draft, node: Node) -> tuple[object, ...]:
    """Values on offer at a state, in the order in which they are read out."""
    if isinstance(node.step, ChooseSlotStep):
        values = draft.state.results.get(node.step.values, ())
        return tuple(values) if isinstance(values, (list, tuple)) else ()
    if node.kind == "pick" and node.slot:
        return draft.state.slot(node.slot).candidates
    slot = draft.flow.slots.get(node.slot or "")
    if slot is not None and slot.item == "choice":
        return tuple(choice.value for choice in slot.options.get("choices", ()))
    return ()


def open_slots(draft: Draft, node: Node) -> tuple[str, ...]:
    """Slots that may be filled at a state, the asked one first."""
    names: dict[str, None] = {node.slot: None} if node.slot else {}
    step = node.step
    questions = _open_questions(draft, node)
    for question in questions:
        for slots in draft.compiled.reach[question].values():
            names.update(dict.fromkeys(slots))
    if not questions:
        if isinstance(step, ConfirmStep):
            names.update(dict.fromkeys(step.slots))
        form = draft.flow.steps.get(draft.state.form or "")
        if isinstance(form, FormStep) and isinstance(step, (FormStep, ConfirmStep, ChooseSlotStep)):
            names.update(dict.fromkeys(form.slots))
    return tuple(name for name in names if name == node.slot or not draft.flow.slots[name].only_when_asked)


def _open_questions(draft: Draft, node: Node) -> tuple[str, ...]:
    """The open questions that an answer here may be about: this one, or those that a consent leads to."""
    if isinstance(node.step, ListenStep):
        return (node.step.name,)
    return draft.compiled.onward.get(node.step.name, ()) if node.kind == "consent" else ()


def expecting(draft: Draft, node: Node, noinput: float = NOINPUT) -> Expecting:
    """All that ear and understanding need to know about the answer to this state's question."""
    slot = draft.flow.slots.get(node.slot or "")
    yes_no = node.kind in ("ask", "consent", "offer", "verify", "limit", "confirm", "which", "choose_slot")
    yes_no = yes_no or (slot is not None and (slot.type == "yes_no" or slot.optional))
    kinds: dict[str, Literal["intent", "slot", "choice", "yes_no", "which"]] = {
        "listen": "intent", "slot": "slot", "pick": "choice", "choose_slot": "choice", "which": "which",
    }  # fmt: skip
    intents: tuple[str, ...] = tuple(draft.flow.anywhere)
    for question in reversed(_open_questions(draft, node)):
        intents = (*draft.compiled.reach[question], *intents)
    if node.kind == "which":
        intents = (*which_slots(draft, node), *intents)
    return Expecting(
        step=node.step.name,
        kind=kinds.get(node.kind, "yes_no"),
        asked=node.slot,
        open=open_slots(draft, node),
        yes_no=yes_no,
        intents=intents,
        choices=offered_values(draft, node),
        keypad=_keypad(draft, node),
        noinput=noinput,
    )


def _keypad(draft: Draft, node: Node) -> Keypad:
    if node.kind != "slot" or node.slot is None:
        return MENU_KEYS
    slot = draft.flow.slots[node.slot]
    return type_of(slot.type).keypad(slot.options) or MENU_KEYS

