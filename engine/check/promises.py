"""Which promise would be broken where: the goals that proofs of slots, results, checks and answers look for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from engine.check.explore import Key, Slice
from engine.check.moves import Course
from engine.check.slices import (
    SETTLED,
    AnswerKnown,
    AnswerSlice,
    CheckKnown,
    CheckSlice,
    ResultSlice,
    SlotKnown,
    SlotSlice,
)
from engine.check.speech import missing, said_at
from engine.flow.model import Check, ChooseSlotStep, Flow, FormStep, Tool


class Fault(NamedTuple):
    """A promise that may be broken at a position, about a slot, result, check or tool."""

    promise: str
    position: str
    subject: str
    words: str


def slices_of(course: Course) -> Iterator[tuple[str, Slice]]:
    """Every slice that a flow needs, with the name of what it is about."""
    flow = course.flow
    for slot in flow.slots.values():
        yield slot.name, SlotSlice(course, slot)
    for name in course.compiled.result_types:
        yield name, ResultSlice(course, name)
    seen: set[str] = set()
    for step in flow.steps.values():
        if not isinstance(step, FormStep):
            continue
        for check in step.checks:
            cut = CheckSlice(course, step, check)
            if cut.name not in seen:
                seen.add(cut.name)
                yield check.call, cut
    for tool in flow.tools.values():
        if tool.commits:
            yield tool.name, AnswerSlice(course, tool.name)


def faults_at(course: Course, cut: Slice, key: Key) -> Iterator[Fault]:
    """The promises that are broken, as far as a slice can see, when a call comes to `key`."""
    position, where, known = key
    tool = course.tool(course.nodes[position])
    match cut:
        case SlotSlice():
            yield from _slot(course, cut, position, tool, cast(SlotKnown, known))
        case ResultSlice():
            if not known:
                yield from _result(course, cut, position, tool)
        case CheckSlice():
            yield from _check(course, cut, position, where.form, tool, cast(CheckKnown, known))
        case AnswerSlice():
            if tool is not None and tool.name == cut.tool and course.nodes[position].kind == "call":
                yield from _answer(course, tool, position, cast(AnswerKnown, known))


def _slot(course: Course, cut: SlotSlice, position: str, tool: Tool | None, slot: SlotKnown) -> Iterator[Fault]:
    name = cut.name
    if tool is not None and name in tool.takes.values():
        if tool.commits and course.nodes[position].kind == "call":
            if not cut.may_commit(slot):
                words = f"`{tool.name}` can be reached with `{name}` not confirmed by the caller"
                yield Fault("confirmed", position, name, words)
        elif slot.status not in SETTLED and not cut.slot.optional:
            yield Fault("filled", position, name, f"`{tool.name}` can be called without `{name}`")
    if not slot.valued and not slot.closed:
        known = {name: slot.status in SETTLED}
        for prompt in said_at(course, position):
            if missing(prompt, known, frozenset({name})):
                yield Fault("filled", position, name, f"`{prompt.id}` can be said while `{name}` has no value")


def _result(course: Course, cut: ResultSlice, position: str, tool: Tool | None) -> Iterator[Fault]:
    name = cut.name
    if tool is not None and name in tool.takes.values():
        yield Fault("filled", position, name, f"`{tool.name}` can be called before any tool brought `{name}`")
    step = course.nodes[position].step
    if isinstance(step, ChooseSlotStep) and step.values == name and course.nodes[position].kind == "choose_slot":
        yield Fault("filled", position, name, f"`{step.name}` can be reached before any tool brought `{name}`")
    for prompt in said_at(course, position):
        if missing(prompt, {name: False}, frozenset({name})):
            yield Fault("filled", position, name, f"`{prompt.id}` can be said before any tool brought `{name}`")


def _check(
    course: Course, cut: CheckSlice, position: str, form: str | None, tool: Tool | None, check: CheckKnown
) -> Iterator[Fault]:
    if tool is None or not tool.commits or course.nodes[position].kind != "call" or check.told != "stale":
        return
    step = course.flow.steps.get(form or "")
    own = isinstance(step, FormStep) and any(one.call == cut.check.call for one in step.checks)
    takes = frozenset(tool.takes.values())
    if (own and cut.uses & takes) or about(course.flow, cut.check) <= takes:
        words = f"`{tool.name}` can run on values that changed after `{cut.check.call}` looked at them"
        yield Fault("fresh", position, cut.check.call, words)


def about(flow: Flow, check: Check) -> frozenset[str]:
    """The slots and results that a check is about: a tool that takes them all does what was looked at."""
    return frozenset((*check.after, *flow.tools[check.call].takes.values()))


def _answer(course: Course, tool: Tool, position: str, answer: AnswerKnown) -> Iterator[Fault]:
    slots = course.flow.slots
    takes = [slots[name] for name in tool.takes.values() if name in slots]
    if answer.last != "yes" and not any(slot.confirm != "never" for slot in takes):
        said = "the caller said no" if answer.last == "no" else "the caller said yes to nothing"
        yield Fault(
            "once" if answer.last == "no" else "confirmed", position, tool.name, f"`{tool.name}` runs although {said}"
        )
    if answer.done:
        words = f"`{tool.name}` can run again although the caller has said nothing since it ran"
        yield Fault("once", position, tool.name, words)
