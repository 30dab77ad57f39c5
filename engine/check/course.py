"""Rules about the course of a call: steps that nobody reaches, talk without end, forms, tools and confirmation."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.rule import Fault, Subject, rule
from engine.check.ways import all_ways, doors, reached
from engine.flow.model import (
    CallStep,
    ChooseSlotStep,
    ChooseStep,
    ConfirmStep,
    Flow,
    FormStep,
    NoticeStep,
    SayStep,
    Slot,
    TransferStep,
)
from engine.yaml.position import listed


@rule(
    "unreachable",
    "warning",
    advice="No call can get to this step, so what it does never happens.",
    good="steps: {hello: {say: Hello., then: more}, more: {say: Welcome., then: menu}}",
    bad="steps: {more: {say: Welcome., then: menu}}",
    needs_sound=True,
)
def unreachable(subject: Subject) -> Iterator[Fault]:
    """Only the first of the steps that nobody comes to; what follows it is told with it."""
    ways = all_ways(subject.flow)
    lost = [name for name in subject.flow.steps if name not in reached(ways, doors(subject.flow))]
    inner = {name: ways[name].intersection(lost) - {name} for name in lost}
    led = {target for targets in inner.values() for target in targets}
    told: set[str] = set()
    for name in (*(name for name in lost if name not in led), *lost):
        if name not in told:
            behind = reached(inner, {name}) - told - {name}
            told |= {name, *behind}
            more = f", nor to the {len(behind)} after it" if len(behind) > 1 else ""
            words = f"no way leads to step `{name}`{more}"
            yield subject.place("steps", name), words, "Lead somewhere to it, or remove it."


@rule(
    "endless-talk",
    "error",
    advice="A circle of steps that only talk would speak to the caller for ever.",
    good="steps: {hello: {say: Hello., then: more}, more: {say: Welcome., then: menu}}",
    bad="steps: {hello: {say: Hello., then: more}, more: {say: Welcome., then: hello}}",
)
def endless_talk(subject: Subject) -> Iterator[Fault]:
    ways = all_ways(subject.flow)
    talking = {n for n, step in subject.flow.steps.items() if isinstance(step, SayStep | NoticeStep | ChooseStep)}
    inner = {name: ways[name] & talking for name in talking}
    beyond = {name: reached(inner, inner[name]) for name in talking}
    told: set[str] = set()
    for name in (name for name in subject.flow.steps if name in talking):
        if name in beyond[name] and name not in told:
            told |= {other for other in beyond[name] if name in beyond[other]}
            message = f"from `{name}` the call comes back to it without a question"
            yield subject.place("steps", name), message, "Ask something on the way, or end the call."


@rule(
    "to-itself",
    "error",
    advice="An outcome that leads back to the same tool or transfer would try again for ever.",
    good="steps: {store: {call: book_table, on: {booked: menu, failed: to_human, unknown: to_human}}}",
    bad="steps: {store: {call: book_table, on: {booked: menu, failed: store, unknown: to_human}}}",
)
def to_itself(subject: Subject) -> Iterator[Fault]:
    for name, step in subject.flow.steps.items():
        if isinstance(step, CallStep | TransferStep):
            for outcome, target in step.on.items():
                if target == name:
                    place = subject.place("steps", name, "on", outcome)
                    yield place, f"`{outcome}` leads back to the step itself", "Lead it to another step."


@rule(
    "same-again",
    "error",
    advice="A tool that is asked the same again answers the same again, and the caller hears it over and over.",
    good="""
tools: {find_table: {with: [party_size], outcomes: {free: {}, none: {}}}}
steps:
  book:
    form: [party_size]
    check: {call: find_table, on: {free: go_on, none: sorry, failed: to_human}}
    then: sure
  sorry: {say: There is nothing., clear: [party_size], then: book}
""",
    bad="""
tools: {find_table: {with: [party_size], outcomes: {free: {}, none: {}}}}
steps:
  book:
    form: [party_size]
    check: {call: find_table, on: {free: go_on, none: sorry, failed: to_human}}
    then: sure
  sorry: {say: There is nothing., then: book}
""",
    needs_sound=True,
)
def same_again(subject: Subject) -> Iterator[Fault]:
    for name, step in _forms(subject.flow):
        for check in step.checks:
            needs = {*check.after, *subject.flow.tools[check.call].takes.values()}
            for outcome, target in check.on.items():
                cleared = _told_until(subject.flow, target, name)
                if cleared is not None and not cleared & needs:
                    place = subject.place("steps", name, "check", "on", outcome)
                    message = f"`{outcome}` leads back to `{name}` with nothing changed"
                    yield place, message, "Clear a slot on the way (`clear:`), or ask something."


def _told_until(flow: Flow, start: str, end: str) -> frozenset[str] | None:
    """The slots that are cleared between two steps; None where something else than talk lies between them."""
    cleared: set[str] = set()
    seen: set[str] = set()
    name = start
    while name != end:
        step = flow.steps.get(name)
        if name in seen or not isinstance(step, SayStep | NoticeStep):
            return None
        seen.add(name)
        cleared.update(step.clear if isinstance(step, SayStep) else ())
        name = step.then
    return frozenset(cleared)


@rule(
    "unconfirmed",
    "error",
    advice="Nothing is booked on a value that was not read back to the caller.",
    good="steps: {sure: {confirm: [party_size], yes: store, gave_up: to_human}}",
    bad="steps: {book: {form: [party_size], then: store}}",
    needs_sound=True,
)
def unconfirmed(subject: Subject) -> Iterator[Fault]:
    flow, ways = subject.flow, all_ways(subject.flow)
    for name, step in flow.steps.items():
        if not isinstance(step, CallStep) or not flow.tools[step.call].commits:
            continue
        taken = [flow.slots[slot] for slot in flow.tools[step.call].takes.values() if slot in flow.slots]
        missing = [
            slot.name
            for slot in taken
            if slot.confirm not in ("never", "explicit") and name in _reached_without_confirming(flow, ways, slot.name)
        ]
        if missing:
            message = f"`{step.call}` takes {listed(missing)}, but a way leads here past every `confirm` of it"
            yield (
                subject.place("steps", name, "call"),
                message,
                f"Read back {listed(missing)} on every way to this step.",
            )


def _reached_without_confirming(flow: Flow, ways: dict[str, frozenset[str]], slot: str) -> frozenset[str]:
    """Steps that a call can get to without passing a `confirm` of the slot."""
    open_ways = {
        name: frozenset() if isinstance(step, ConfirmStep) and slot in step.slots else ways[name]
        for name, step in flow.steps.items()
    }
    return reached(open_ways, doors(flow))


@rule(
    "never-filled",
    "error",
    advice="A tool whose slot nobody asks for can never be called.",
    good="steps: {book: {form: [party_size], then: sure}}",
    bad="""
slots: {note: {type: text, ask: A note?, confirm: never}}
tools: {book_table: {with: [party_size, note], outcomes: {booked: {}}, commits: yes}}
""",
    needs_sound=True,
)
def never_filled(subject: Subject) -> Iterator[Fault]:
    filled = _filled(subject.flow)
    for name, tool in subject.flow.tools.items():
        for index, (argument, source) in enumerate(tool.takes.items()):
            if source in subject.flow.slots and source not in filled:
                written = subject.place("tools", name, "with", argument)
                listed_at = subject.place("tools", name, "with", index)
                place = listed_at if argument == source else written
                yield place, f"no form asks for `{source}`", f"Add `{source}` to a form."


def _forms(flow: Flow) -> Iterator[tuple[str, FormStep]]:
    return ((name, step) for name, step in flow.steps.items() if isinstance(step, FormStep))


def _filled(flow: Flow) -> frozenset[str]:
    """Slots that some form or choice fills."""
    found: set[str] = set()
    for step in flow.steps.values():
        if isinstance(step, FormStep):
            found |= set(step.slots)
        elif isinstance(step, ChooseSlotStep):
            found.add(step.slot)
    return frozenset(found)


@rule(
    "check-too-early",
    "error",
    advice="A check runs as soon as its slots are filled, so it must wait for all that its tool takes.",
    good="""
steps:
  book:
    form: [party_size]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
""",
    bad="""
steps:
  book:
    form: [party_size]
    check: {call: find_table, after: [], on: {free: go_on, failed: to_human}}
    then: sure
""",
)
def check_too_early(subject: Subject) -> Iterator[Fault]:
    for name, step in _forms(subject.flow):
        for check in step.checks:
            tool = subject.flow.tools.get(check.call)
            takes = tool.takes.values() if tool is not None else ()
            missing = [slot for slot in takes if slot in step.slots and slot not in check.after]
            place = subject.place("steps", name, "check", "after", key=True)
            if missing:
                yield place, f"the check of `{check.call}` does not wait for {listed(missing)}", "Add it to `after`."
            foreign = [slot for slot in check.after if slot not in step.slots]
            if foreign:
                yield place, f"this form does not ask for {listed(foreign)}", "A check waits for slots of its own form."


@rule(
    "check-commits",
    "error",
    advice="A check runs before the caller has agreed to anything, so it must not change anything.",
    good="""
steps:
  book:
    form: [party_size]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
""",
    bad="""
steps:
  book:
    form: [party_size]
    check: {call: book_table, on: {booked: go_on, failed: to_human, unknown: to_human}}
    then: sure
""",
)
def check_commits(subject: Subject) -> Iterator[Fault]:
    for name, step in _forms(subject.flow):
        for check in step.checks:
            if check.call in subject.flow.tools and subject.flow.tools[check.call].commits:
                place = subject.place("steps", name, "check", "call")
                yield (
                    place,
                    f"`{check.call}` commits, so it cannot be a check",
                    "Call it in a step of its own, after `confirm`.",
                )


@rule(
    "depends-in-circle",
    "error",
    advice="Slots that depend on each other in a circle can never be valid.",
    good="""
slots: {other: {type: number, ask: Another?, depends_on: [party_size]}}
steps: {book: {form: [party_size, other], then: sure}}
""",
    bad="""
slots: {other: {type: number, ask: Another?, depends_on: [other]}}
steps: {book: {form: [party_size, other], then: sure}}
""",
)
def depends_in_circle(subject: Subject) -> Iterator[Fault]:
    ways = {name: slot.depends_on for name, slot in subject.flow.slots.items()}
    for name, needs in ways.items():
        if name in reached(ways, needs):
            yield subject.place("slots", name, "depends_on"), f"`{name}` depends on itself", "Remove one of the two."


@rule(
    "unused",
    "warning",
    advice="What nothing uses is mostly a slip, or left over.",
    good="""
slots: {note: {type: text, ask: A note?}}
steps:
  book:
    form: [party_size, note]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
""",
    bad="slots: {note: {type: text, ask: A note?}}",
    needs_sound=True,
)
def unused(subject: Subject) -> Iterator[Fault]:
    flow = subject.flow
    calls = {step.call for step in flow.steps.values() if isinstance(step, CallStep)}
    calls |= {c.call for step in flow.steps.values() if isinstance(step, FormStep) for c in step.checks}
    confirms = {name for step in flow.steps.values() if isinstance(step, ConfirmStep) for name in step.slots}
    needed = {name for tool in flow.tools.values() for name in tool.takes.values()}
    for name in flow.slots:
        if name not in _filled(flow) | confirms | needed:
            yield subject.place("slots", name), f"nothing asks for slot `{name}`", "Add it to a form, or remove it."
    for name in flow.tools:
        if name not in calls:
            yield subject.place("tools", name), f"nothing calls tool `{name}`", "Call it, or remove it."


@rule(
    "empty-range",
    "error",
    advice="Limits that leave no value refuse every caller.",
    good="slots: {party_size: {type: party_size, ask: How many?, min: 1, max: 8}}",
    bad="slots: {party_size: {type: party_size, ask: How many?, min: 9, max: 8}}",
)
def empty_range(subject: Subject) -> Iterator[Fault]:
    for name, slot in subject.flow.slots.items():
        place = subject.place("slots", name, "max" if slot.max else "to")
        if _none_left(slot):
            yield place, f"no value is left for `{name}`", "The largest must not be below the smallest."


def _none_left(slot: Slot) -> bool:
    numbers = slot.min is not None and slot.max is not None and slot.min.value > slot.max.value
    return numbers or (slot.earliest is not None and slot.latest is not None and slot.earliest > slot.latest)
