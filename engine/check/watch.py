"""A witness of real conversations: says which promise a step broke. Tests and counterexamples trust it, not a proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeAlias

from engine.acts import Affirm, Deny, Global, Want
from engine.dialogue.draft import PLACEHOLDER
from engine.dialogue.machine import Compiled
from engine.dialogue.state import State
from engine.effects import Act, Effect, Listen, Note, Record, Say
from engine.events import Digits, Event, Heard, Recorded, Silence, ToolReturned
from engine.flow.model import Check, FormStep, NoticeStep, Tool

Values: TypeAlias = tuple[tuple[str, object], ...]


class Broken(NamedTuple):
    """A promise that was broken; `subject` is the slot, result, tool or step that it is about."""

    promise: str
    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What a witness remembers of a conversation beyond its state."""

    answer: Literal["nothing", "yes", "no"] = "nothing"
    done: frozenset[str] = frozenset()
    """Tools that booked since the caller last answered."""
    told: Mapping[str, Values] = field(default_factory=dict)
    """The values that each check said yes to."""
    urgent: str = ""
    """An urgent wish whose emergency line has not been heard yet."""


def witness(
    compiled: Compiled, memory: Memory, before: State, event: Event, after: State, effects: Sequence[Effect]
) -> tuple[Memory, tuple[Broken, ...]]:
    """What is remembered after a step, and the promises that it broke."""
    memory = _remember(compiled, memory, before, event, after)
    broken: list[Broken] = []
    for effect in effects:
        match effect:
            case Note("unconfirmed", text):
                name = text.partition(" ")[0]
                broken.append(
                    Broken("confirmed", name, f"`{name}` would run on a value that the caller did not confirm")
                )
            case Note("spin"):
                broken.append(Broken("awake", after.position, f"the call spins at `{after.position}`"))
            case Act():
                broken += _acted(compiled, memory, after, effect)
            case Say():
                broken += _said(effect)
                memory = _heard_line(compiled, memory, effect)
            case Record("call") if not _consents(before, event, compiled):
                broken.append(Broken("private", before.position, "the call is recorded without leave"))
            case Record(kind="message") if memory.urgent:
                words = f"`{memory.urgent}` ends in a message box before its emergency line was heard"
                broken.append(Broken("human", memory.urgent, words))
    if before.consent and after.consent and _refuses(before, event, compiled, after):
        broken.append(Broken("private", before.position, "the call goes on being recorded after a no"))
    if not after.ended and after.waiting is None:
        broken.append(Broken("awake", after.position, f"nothing is waited for at `{after.position}`"))
    return memory, tuple(broken)


def _remember(compiled: Compiled, memory: Memory, before: State, event: Event, after: State) -> Memory:
    node = compiled.nodes[before.position]
    match event:
        case ToolReturned():
            tool = _running(compiled, before)
            if tool is None:
                return memory
            if tool.commits and event.outcome == next(iter(tool.outcomes)):
                return replace(memory, done=memory.done | {tool.name}, told={})
            if node.check is not None and node.check.on.get(event.outcome) == "go_on":
                return replace(memory, told={**memory.told, node.check.call: _values(compiled, node.check, before)})
        case Heard() | Digits() | Silence() | Recorded() if isinstance(before.waiting, Listen):
            acts = event.acts if isinstance(event, Heard) else ()
            yes = (isinstance(event, Digits) and event.keys == "1") or any(isinstance(act, Affirm) for act in acts)
            no = (isinstance(event, Digits) and event.keys == "2") or any(isinstance(act, Deny) for act in acts)
            answered = node.kind in ("ask", "confirm") and after.position != before.position
            answer: Literal["nothing", "yes", "no"] = "no" if no else "yes" if yes else "nothing"
            left = any(isinstance(act, Global) and act.name in ("start_over", "never_mind") for act in acts)
            urgent = next((a.intent for a in acts if isinstance(a, Want) and _is_urgent(compiled, a.intent)), "")
            return replace(
                memory,
                answer=answer if answered else "nothing",
                done=frozenset(),
                told={} if left else memory.told,
                urgent=urgent or ("" if acts else memory.urgent),
            )
    return memory


def _is_urgent(compiled: Compiled, intent: str) -> bool:
    known = compiled.flow.anywhere.get(intent)
    return known is not None and known.urgent


def _running(compiled: Compiled, state: State) -> Tool | None:
    name = getattr(state.waiting, "tool", None)
    return compiled.flow.tools.get(name) if name else None


def _values(compiled: Compiled, check: Check, state: State) -> Values:
    takes = compiled.flow.tools[check.call].takes.values()
    names = dict.fromkeys((*check.after, *(name for name in takes if name in compiled.flow.slots)))
    return tuple((name, state.slot(name).value) for name in names)


def _acted(compiled: Compiled, memory: Memory, state: State, act: Act) -> Iterator[Broken]:
    tool = compiled.flow.tools[act.tool]
    for argument, name in tool.takes.items():
        slot = compiled.flow.slots.get(name)
        if argument not in act.values and not (slot is not None and slot.optional):
            yield Broken("filled", name, f"`{act.tool}` is called without `{argument}`")
    if not act.commits:
        return
    if not must_be_confirmed(compiled, tool) and memory.answer != "yes":
        promise, said = ("once", "said no") if memory.answer == "no" else ("confirmed", "was not asked")
        yield Broken(promise, act.tool, f"`{act.tool}` runs although the caller {said}")
    if act.tool in memory.done:
        yield Broken("once", act.tool, f"`{act.tool}` runs again although the caller has said nothing since")
    for check, values in memory.told.items():
        changed = [name for name, value in values if state.slot(name).value != value]
        looked, takes = {name for name, _ in values}, set(tool.takes.values())
        same = looked.union(compiled.flow.tools[check].takes.values()) <= takes
        if changed and (same or (looked & takes and _in_form(compiled, state, check))):
            yield Broken(
                "fresh", check, f"`{act.tool}` runs although `{changed[0]}` changed after `{check}` looked at it"
            )


def _in_form(compiled: Compiled, state: State, call: str) -> bool:
    """Whether the form that was worked on last has this check."""
    form = compiled.flow.steps.get(state.form or "")
    return isinstance(form, FormStep) and any(check.call == call for check in form.checks)


def must_be_confirmed(compiled: Compiled, tool: Tool) -> bool:
    """Whether a commit takes a slot that callers confirm; otherwise their yes just before it has to do."""
    slots = compiled.flow.slots
    return any(name in slots and slots[name].confirm != "never" for name in tool.takes.values())


def _said(say: Say) -> Iterator[Broken]:
    for prompt in say.prompts:
        for match in PLACEHOLDER.finditer(prompt.text):
            if match[1] not in prompt.values:
                yield Broken("filled", match[1], f"`{prompt.id}` is said while `{match[1]}` has no value")


def _heard_line(compiled: Compiled, memory: Memory, say: Say) -> Memory:
    if not memory.urgent:
        return memory
    notices = {s.notice.id for s in compiled.flow.steps.values() if isinstance(s, NoticeStep)}
    return replace(memory, urgent="") if any(prompt.id in notices for prompt in say.prompts) else memory


def _consents(before: State, event: Event, compiled: Compiled) -> bool:
    if compiled.nodes[before.position].kind != "consent":
        return False
    yes = isinstance(event, Heard) and any(isinstance(act, Affirm) for act in event.acts)
    return yes or (isinstance(event, Digits) and event.keys == "1")


def _refuses(before: State, event: Event, compiled: Compiled, after: State) -> bool:
    """Whether a caller who was asked for leave has just not given it; what is urgent is no answer."""
    node = compiled.nodes[before.position]
    if node.kind != "consent" or not isinstance(before.waiting, Listen) or after.position == before.position:
        return False
    acts = event.acts if isinstance(event, Heard) else ()
    keyed = isinstance(event, Digits) and event.keys == "2"
    silent = isinstance(event, Silence) or (isinstance(event, Heard) and not acts)
    return keyed or silent or (any(isinstance(act, Deny) for act in acts) and len(acts) == 1)
