"""Faults that authors make, each put in wherever a flow has a place for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Final, TypeAlias

from engine.flow.model import (
    AskStep,
    CallStep,
    ChooseSlotStep,
    ChooseStep,
    ConfirmStep,
    Flow,
    FormStep,
    Ladder,
    Limit,
    ListenStep,
    MessageStep,
    NoticeStep,
    SayStep,
    TransferStep,
)
from engine.mutate.sites import Change, led_past, said, with_slot, with_step, with_tool, without


@dataclass(frozen=True, slots=True)
class Mutant:
    """A flow with one fault. `operator` is the kind of fault, `site` where it is."""

    operator: str
    site: str
    flow: Flow


Operator: TypeAlias = Callable[[Flow], Iterator[Change]]
OPERATORS: Final[dict[str, Operator]] = {}


def operator(name: str) -> Callable[[Operator], Operator]:
    """Registers a function as the operator of a name."""

    def add(make: Operator) -> Operator:
        OPERATORS[name] = make
        return make

    return add


def mutants(flow: Flow) -> Iterator[Mutant]:
    """Every operator at every place of a flow."""
    for name, make in OPERATORS.items():
        for site, changed in make(flow):
            if changed != flow:
                yield Mutant(name, site, changed)


@operator("swap answers")
def swap_answers(flow: Flow) -> Iterator[Change]:
    """Yes leads where no should, and the other way round."""
    for step in flow.steps.values():
        if isinstance(step, AskStep) and step.yes != step.no:
            yield step.name, with_step(flow, step, yes=step.no, no=step.yes)


@operator("swap outcomes")
def swap_outcomes(flow: Flow) -> Iterator[Change]:
    """Two neighbouring outcomes of a tool or a transfer are mixed up."""
    for step in flow.steps.values():
        if isinstance(step, CallStep | TransferStep):
            for (one, here), (other, there) in pairwise(step.on.items()):
                if here != there:
                    yield f"{step.name}: {one}, {other}", with_step(flow, step, on={**step.on, one: there, other: here})


@operator("wrong target")
def wrong_target(flow: Flow) -> Iterator[Change]:
    """A step leads to a tool that books, or back to the start."""
    commits = [s.name for s in flow.steps.values() if isinstance(s, CallStep) and flow.tools[s.call].commits]
    for step in flow.steps.values():
        if isinstance(step, SayStep | FormStep | ChooseSlotStep):
            for target in (*commits, flow.start):
                if target != step.then:
                    yield f"{step.name}: then {target}", with_step(flow, step, then=target)


@operator("drop a confirmation")
def drop_confirmation(flow: Flow) -> Iterator[Change]:
    """An echo leaves a slot out, or is not made at all."""
    for step in flow.steps.values():
        if isinstance(step, ConfirmStep):
            yield f"{step.name}: whole", led_past(flow, step.name, step.yes)
            for name in step.slots if len(step.slots) > 1 else ():
                left = tuple(slot for slot in step.slots if slot != name)
                yield f"{step.name}: {name}", with_step(flow, step, slots=left)


@operator("drop a check")
def drop_check(flow: Flow) -> Iterator[Change]:
    """A form no longer looks whether there is room."""
    for step in flow.steps.values():
        if isinstance(step, FormStep) and step.checks:
            yield step.name, with_step(flow, step, checks=())


@operator("skip a second look")
def skip_second_look(flow: Flow) -> Iterator[Change]:
    """A check does not wait for a slot that it uses, or an echo may be corrected without it."""
    for step in flow.steps.values():
        for number, check in enumerate(step.checks if isinstance(step, FormStep) else ()):
            for name in check.after:
                left = replace(check, after=tuple(slot for slot in check.after if slot != name))
                checks = (*step.checks[:number], left, *step.checks[number + 1 :]) if isinstance(step, FormStep) else ()
                yield f"{step.name}: {name}", with_step(flow, step, checks=checks)
        if isinstance(step, ConfirmStep):
            for name in flow.slots:
                if not any(
                    isinstance(s, FormStep) and {*step.slots, name} <= set(s.slots) for s in flow.steps.values()
                ):
                    yield f"{step.name}: and {name}", with_step(flow, step, slots=(*step.slots, name))
                    break


@operator("endless ladder")
def endless_ladder(flow: Flow) -> Iterator[Change]:
    """Whoever is not understood is led back to where it began."""
    for step in flow.steps.values():
        if isinstance(step, ConfirmStep):
            yield f"{step.name}: gave_up", with_step(flow, step, gave_up=step.name)
        elif isinstance(getattr(step, "ladder", None), Ladder) and not isinstance(step, ConfirmStep):
            yield step.name, with_step(flow, step, ladder=replace(step.ladder, then=step.name))  # type: ignore[union-attr]
    for slot in flow.slots.values():
        form = next((s for s in flow.steps.values() if isinstance(s, FormStep) and slot.name in s.slots), None)
        if form is not None:
            yield f"slot {slot.name}", with_slot(flow, slot, ladder=replace(slot.ladder, then=form.name))
    for step in flow.steps.values():
        if isinstance(step, ListenStep):
            ladder = replace(flow.repair.ladder, then=step.name)
            yield f"whole flow: {step.name}", replace(flow, repair=replace(flow.repair, ladder=ladder))


@operator("lose an outcome")
def lose_outcome(flow: Flow) -> Iterator[Change]:
    """Something that a tool or a transfer may answer leads nowhere."""
    for step in flow.steps.values():
        if isinstance(step, CallStep | TransferStep):
            for outcome in step.on:
                yield f"{step.name}: {outcome}", with_step(flow, step, on=without(step.on, outcome))
        for number, check in enumerate(step.checks if isinstance(step, FormStep) else ()):
            for outcome in check.on:
                left = replace(check, on=without(check.on, outcome))
                checks = (*step.checks[:number], left, *step.checks[number + 1 :]) if isinstance(step, FormStep) else ()
                yield f"{step.name}: {outcome}", with_step(flow, step, checks=checks)


@operator("outcome to itself")
def outcome_to_itself(flow: Flow) -> Iterator[Change]:
    """A tool or a transfer that failed is tried again at once."""
    for step in flow.steps.values():
        if isinstance(step, CallStep | TransferStep):
            for outcome in step.on:
                yield f"{step.name}: {outcome}", with_step(flow, step, on={**step.on, outcome: step.name})


@operator("empty a limit")
def empty_limit(flow: Flow) -> Iterator[Change]:
    """No value is left that a slot would take."""
    for slot in flow.slots.values():
        if slot.item in ("number", "party_size", "duration", "money"):
            yield slot.name, with_slot(flow, slot, min=Limit(9), max=Limit(8))
        elif slot.item in ("date", "datetime"):
            yield slot.name, with_slot(flow, slot, earliest=5, latest=2)
        elif slot.item == "choice":
            yield slot.name, with_slot(flow, slot, options={**slot.options, "choices": ()})
    for name, calendar in flow.calendars.items():
        shut = replace(calendar, week={}, exceptions={})
        late = replace(calendar, last=timedelta(hours=23))
        yield f"{name}: never open", replace(flow, calendars={**flow.calendars, name: shut})
        if any(slot.open == name for slot in flow.slots.values()):
            yield f"{name}: last", replace(flow, calendars={**flow.calendars, name: late})


@operator("widen a limit")
def widen_limit(flow: Flow) -> Iterator[Change]:
    """Values that should be refused are taken."""
    for slot in flow.slots.values():
        for key in ("min", "max", "earliest", "latest", "open"):
            if getattr(slot, key) is not None:
                yield f"{slot.name}: {key}", with_slot(flow, slot, **{key: None})
        if slot.depends_on:
            yield f"{slot.name}: depends_on", with_slot(flow, slot, depends_on=())


@operator("overlap choices")
def overlap_choices(flow: Flow) -> Iterator[Change]:
    """Two choices of a menu share a key or a phrase, or two choices of a slot a name."""
    for step in flow.steps.values():
        if isinstance(step, ListenStep):
            for one, other in pairwise(step.intents.values()):
                key = replace(other, key=one.key)
                yield (
                    f"{step.name}: key of {one.name}",
                    with_step(flow, step, intents={**step.intents, other.name: key}),
                )
                hear = replace(other, hear=(*other.hear[1:], one.hear[0]))
                yield (
                    f"{step.name}: phrase of {one.name}",
                    with_step(flow, step, intents={**step.intents, other.name: hear}),
                )
    for slot in flow.slots.values():
        choices = slot.options.get("choices", ())
        for number, (one, other) in enumerate(pairwise(choices), 1):
            twin = (*choices[:number], replace(other, label=one.label), *choices[number + 1 :])
            yield f"{slot.name}: {other.value}", with_slot(flow, slot, options={**slot.options, "choices": twin})


@operator("unset a placeholder")
def unset_placeholder(flow: Flow) -> Iterator[Change]:
    """A text names a value that no tool has brought yet, or a tool no longer brings one."""
    results = dict.fromkeys(n for t in flow.tools.values() for values in t.outcomes.values() for n in values)
    for step in flow.steps.values():
        if isinstance(step, SayStep | AskStep | ListenStep):
            field = "ask" if isinstance(step, AskStep) else "say"
            for name in list(results)[:1]:
                prompt = said(getattr(step, field), f"{{{name}}}")
                yield f"{step.name}: {name}", with_step(flow, step, **{field: prompt})
    for tool in flow.tools.values():
        for outcome, values in tool.outcomes.items():
            for name in values:
                outcomes = {**tool.outcomes, outcome: without(values, name)}
                yield f"{tool.name} {outcome}: {name}", with_tool(flow, tool, outcomes=outcomes)


@operator("lose a question")
def lose_question(flow: Flow) -> Iterator[Change]:
    """A form no longer asks for one of its slots."""
    for step in flow.steps.values():
        if isinstance(step, FormStep) and len(step.slots) > 1:
            for name in step.slots:
                checks = tuple(replace(c, after=tuple(s for s in c.after if s != name)) for c in step.checks)
                left = tuple(slot for slot in step.slots if slot != name)
                yield f"{step.name}: {name}", with_step(flow, step, slots=left, checks=checks)


@operator("cut a person off")
def cut_off(flow: Flow) -> Iterator[Change]:
    """Who asks for a person, or is not answered, is hung up on."""
    yield "operator", replace(flow, operator="hangup")
    for step in flow.steps.values():
        if isinstance(step, TransferStep):
            for outcome in step.on:
                if outcome != "connected":
                    yield f"{step.name}: {outcome}", with_step(flow, step, on={**step.on, outcome: "hangup"})


@operator("circle")
def circle(flow: Flow) -> Iterator[Change]:
    """A step leads to itself."""
    for step in flow.steps.values():
        if isinstance(step, SayStep | NoticeStep | MessageStep):
            yield step.name, with_step(flow, step, then=step.name)


@operator("no leads back")
def no_leads_back(flow: Flow) -> Iterator[Change]:
    """Whoever says no is asked the same again."""
    for step in flow.steps.values():
        if isinstance(step, AskStep):
            yield step.name, with_step(flow, step, no=step.name)


@operator("closed leads back")
def closed_leads_back(flow: Flow) -> Iterator[Change]:
    """Out of hours whoever asks for a person is back where the call began."""
    for step in flow.steps.values():
        if isinstance(step, TransferStep) and step.calendar is not None:
            yield step.name, with_step(flow, step, on={**step.on, "closed": flow.start})


@operator("book again")
def book_again(flow: Flow) -> Iterator[Change]:
    """After a booking the tool is called once more."""
    for step in flow.steps.values():
        if isinstance(step, CallStep) and flow.tools[step.call].commits:
            for target in dict.fromkeys(step.on.values()):
                after = flow.steps.get(target)
                if isinstance(after, SayStep):
                    yield f"{step.name}: {target}", with_step(flow, after, then=step.name)


@operator("forget to clear")
def forget_to_clear(flow: Flow) -> Iterator[Change]:
    """A value that did not work out is kept."""
    for step in flow.steps.values():
        if isinstance(step, SayStep) and step.clear:
            yield step.name, with_step(flow, step, clear=())


@operator("drop a notice")
def drop_notice(flow: Flow) -> Iterator[Change]:
    """What the law wants said is not said."""
    for step in flow.steps.values():
        if isinstance(step, NoticeStep):
            yield step.name, led_past(flow, step.name, step.then)


@operator("dead branch")
def dead_branch(flow: Flow) -> Iterator[Change]:
    """A branch is decided twice."""
    for step in flow.steps.values():
        if isinstance(step, ChooseStep):
            yield step.name, with_step(flow, step, branches=(*step.branches, step.branches[0]))
        if isinstance(step, NoticeStep) and step.notice.variants[0].when is not None:
            first, *rest = step.notice.variants
            yield step.name, with_step(flow, step, notice=replace(step.notice, variants=(first, first, *rest)))


@operator("no deadline")
def no_deadline(flow: Flow) -> Iterator[Change]:
    """A tool may take for ever."""
    for tool in flow.tools.values():
        yield tool.name, with_tool(flow, tool, deadline=0.0)


@operator("read out")
def read_out(flow: Flow) -> Iterator[Change]:
    """What callers may not overhear comes back from a tool and is said in full."""
    hidden = any(slot.speech == "last3" and slot.type == "phone" for slot in flow.slots.values())
    for step in flow.steps.values() if hidden else ():
        for outcome, target in step.on.items() if isinstance(step, CallStep) else ():
            after, tool = flow.steps.get(target), flow.tools[step.call] if isinstance(step, CallStep) else None
            if tool is not None and isinstance(after, SayStep) and outcome in tool.outcomes:
                outcomes = {**tool.outcomes, outcome: {**tool.outcomes[outcome], "number": "phone"}}
                told = with_step(flow, after, say=said(after.say, "{number}"))
                yield f"{step.name}: {outcome}", with_tool(told, tool, outcomes=outcomes)
