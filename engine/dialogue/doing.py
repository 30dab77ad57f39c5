"""Tools, transfers and messages: what is asked of the outside world, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.dialogue.draft import Draft
from engine.dialogue.filling import clear
from engine.dialogue.machine import KEPT_AFTER_BOOKING, Node
from engine.dialogue.many import as_text
from engine.dialogue.repair import give_up, looped
from engine.dialogue.state import EMPTY, Commit
from engine.effects import Act, LookUp, Prompt, Record, Transfer, Typed
from engine.events import Recorded, ToolReturned, Transferred
from engine.flow.model import CallStep, Check, MessageStep, Tool, TransferStep
from engine.persona.spoken import echo_template

FILLER_AFTER: Final = 0.7
"""Seconds of waiting for a tool after which the caller hears that we are at it."""
LOOK_UP_DEADLINE: Final = 2.0
LONGEST_TRANSFER: Final = 4 * 3600.0


def tool_of(draft: Draft, node: Node) -> Tool:
    call = node.check.call if node.check else node.step.call if isinstance(node.step, CallStep) else ""
    return draft.flow.tools[call]


def call_tool(draft: Draft, node: Node) -> None:
    """Runs the state's tool; a commit only on values that were read back, heard and said yes to."""
    tool = tool_of(draft, node)
    values = {argument: value for argument, name in tool.takes.items() if (value := draft.value(name)) is not None}
    key = f"{draft.state.call_id}/{draft.state.instance}.{draft.state.attempt}/{tool.name}"
    if tool.commits and not all(_may_commit(draft, name) for name in tool.takes.values()):
        draft.note("unconfirmed", f"{tool.name} was refused: a value was not confirmed")
        draft.fire("outcome.failed")
        return
    act = draft.state.act + 1
    draft.set(act=act)
    draft.wait(
        Act(act, tool.name, values, key, tool.commits),
        [("filler", FILLER_AFTER), ("deadline", tool.deadline)],
    )


def _may_commit(draft: Draft, name: str) -> bool:
    slot = draft.flow.slots.get(name)
    if slot is None:
        return True
    state = draft.state.slot(name)
    if slot.confirm == "never":
        return state.settled
    return state.status == "confirmed" or (slot.optional and state.status == "empty")


def tool_returned(draft: Draft, event: ToolReturned) -> None:
    """Follows the outcome; one that the flow does not know counts as `failed`."""
    node = draft.node
    tool = tool_of(draft, node)
    waiting = draft.state.waiting
    outcome = event.outcome if event.outcome in tool.all_outcomes else "failed"
    declared = tool.outcomes.get(outcome, {})
    values = {name: value for name, value in event.values.items() if name in declared}
    draft.set(results={**draft.state.results, **values}, waiting=None)
    if tool.commits:
        _committed(draft, tool, outcome, waiting.key if isinstance(waiting, (Act, LookUp)) else "")
    draft.set(why=f"{tool.name} {outcome}")
    if node.check is not None:
        if _checked(draft, node.check, outcome):
            return
    elif outcome != next(iter(tool.outcomes)) and looped(draft, node.name):
        return
    if not draft.fire(f"outcome.{outcome}") and not draft.fire("outcome.failed"):
        give_up(draft, "outcome")


def _checked(draft: Draft, check: Check, outcome: str) -> bool:
    """Notes what the check said yes to; True when the caller went round too often and was led elsewhere."""
    name = f"{check.call} {' '.join(check.after)}"
    if check.on.get(outcome) == "go_on":
        draft.set(checks={**draft.state.checks, name: draft.versions(check)})
        return False
    return looped(draft, name)


def _committed(draft: Draft, tool: Tool, outcome: str, key: str) -> None:
    """The first declared outcome of a commit is its success: it closes this booking. After a sure no, another try has
    another key."""
    if outcome == next(iter(tool.outcomes)):
        used = [name for name in tool.takes.values() if name in draft.flow.slots]
        form = draft.flow.steps.get(draft.state.form or "")
        names = list(dict.fromkeys([*used, *getattr(form, "slots", ())]))
        draft.set(
            closed={name: draft.state.slot(name).value for name in names},
            instance=draft.state.instance + 1,
            attempt=1,
            checks={},
            echoed={},
            commits=(*draft.state.commits, Commit(key)),
            declined_offers=frozenset(),
        )
        for name in names:
            slot = draft.state.slot(name)
            clear(draft, (name,))
            if draft.flow.slots[name].type in KEPT_AFTER_BOOKING and slot.value is not None:
                kept = replace(EMPTY, status="proposed", value=slot.value, version=slot.version + 1)
                draft.set_slot(name, kept)
    elif outcome != "unknown":
        draft.set(attempt=draft.state.attempt + 1)


def tool_late(draft: Draft) -> None:
    """The deadline passed: a commit is looked up by its key before anything is said, anything else has failed."""
    waiting = draft.state.waiting
    if isinstance(waiting, Act) and waiting.commits:
        act = draft.state.act + 1
        draft.set(act=act)
        draft.wait(LookUp(act, waiting.tool, waiting.key), [("deadline", LOOK_UP_DEADLINE)])
    elif isinstance(waiting, LookUp):
        tool_returned(draft, ToolReturned(waiting.act, "unknown"))
    elif isinstance(waiting, Act):
        tool_returned(draft, ToolReturned(waiting.act, "failed"))


def transfer(draft: Draft, node: Node) -> None:
    """Hands the call over, or says `closed` where nobody is there at this hour."""
    step = node.step
    assert isinstance(step, TransferStep)
    if step.calendar and not draft.calendar(step.calendar).is_open(draft.now):
        transferred(draft, Transferred(draft.state.act, "closed"))
        return
    draft.say(draft.prompt(step.say, "wait") if step.say else draft.own("transfer", "wait", called=step.name))
    context: dict[str, Typed] = {name: typed for name in step.context if (typed := draft.typed(name)) is not None}
    shown = {name: "***" if typed.sensitive else as_text(typed.value) for name, typed in context.items()}
    summary = "; ".join(f"{name}: {value}" for name, value in shown.items())
    act = draft.state.act + 1
    draft.set(act=act)
    whisper = _whisper(draft, context)
    draft.wait(Transfer(act, step.to, context, summary, draft.state.why, whisper), [("transfer", LONGEST_TRANSFER)])


def _whisper(draft: Draft, context: Mapping[str, Typed]) -> Prompt:
    """What the person is told before they take the call: whatever is not sensitive, read back as to the caller."""
    plain = {name: typed for name, typed in context.items() if not typed.sensitive}
    labels = {name: slot.label for name, slot in draft.flow.slots.items()}
    said = echo_template([(name, typed.type, labels.get(name, name)) for name, typed in plain.items()],
                         draft.flow.language)  # fmt: skip
    return draft.own("whisper", values=plain, parts={"said": f"{said}." if said else ""})


def transferred(draft: Draft, event: Transferred) -> None:
    draft.set(waiting=None, why=f"transfer {event.outcome}")
    if not draft.fire(f"outcome.{event.outcome}") and not draft.fire("outcome.failed"):
        draft.set(position="engine.bye")


def take_message(draft: Draft, node: Node) -> None:
    step = node.step
    assert isinstance(step, MessageStep)
    draft.say(draft.prompt(step.ask, "question"))
    draft.interruptible = False
    act = draft.state.act + 1
    draft.set(act=act)
    draft.wait(Record(act, "message", None, step.longest), [("record", step.longest + 60)])


def message_recorded(draft: Draft, event: Recorded) -> None:
    draft.set(waiting=None)
    if event.seconds > 0:
        draft.set(results={**draft.state.results, "message": event.ref})
    draft.note("message", f"{event.seconds:.1f} s in {event.ref}" if event.seconds > 0 else "nothing was said")
    draft.fire("recorded")
