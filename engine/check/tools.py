"""Rules about tools: what their actions do, take and answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.actions.names import ANSWERS, ANY, CHANGES, NEEDS, NOTIFIES, TAKES, is_action, takes_anything, takes_of
from engine.check.rule import Fault, Subject, rule
from engine.check.words import types_of
from engine.flow.model import Tool
from engine.persona.spoken import placeholders
from engine.yaml.position import Place, did_you_mean, listed


@rule(
    "unknown-action",
    "error",
    advice="A tool whose action does not exist would fail in every call.",
    good="tools: {find_table: {does: booking.find, with: [party_size], outcomes: {free: {}}}}",
    bad="tools: {find_table: {does: booking.fnid, with: [party_size], outcomes: {free: {}}}}",
)
def unknown_action(subject: Subject) -> Iterator[Fault]:
    for name, tool in subject.flow.tools.items():
        if tool.does and not is_action(tool.does):
            otherwise = "A web address of the settings is `webhook.<name>`, a script `script.<name>`."
            hint = did_you_mean(tool.does, ANSWERS, otherwise)
            yield subject.place("tools", name, "does"), f"nothing does `{tool.does}`", hint


@rule(
    "unknown-argument",
    "error",
    advice="A tool can only be given what its action knows how to use; one that books keeps whatever it is given.",
    good="tools: {find_table: {with: {party_size: party_size}, outcomes: {free: {}}}}",
    bad="tools: {find_table: {with: {guests: party_size}, outcomes: {free: {}}}}",
)
def unknown_argument(subject: Subject) -> Iterator[Fault]:
    for tool in subject.flow.tools.values():
        for argument in tool.takes:
            if tool.does in ANSWERS and not takes_anything(tool.does) and argument not in TAKES:
                place = _argument(subject, tool, argument)
                otherwise = f"Write `with: {{<argument>: {argument}}}`, with one of its own names as <argument>."
                hint = did_you_mean(argument, TAKES, otherwise)
                yield place, f"`{tool.does}` takes no `{argument}`", f"{hint} It takes {listed(TAKES)}."


@rule(
    "argument-type",
    "error",
    advice="A tool that gets another kind of value than its action works with would fail in every call.",
    good="tools: {find_table: {with: [party_size], outcomes: {free: {}}}}",
    bad="""
slots: {days: {type: date, many: yes, ask: Which days?}}
tools: {find_table: {with: {day: days, party_size: party_size}, outcomes: {free: {}}}}
""",
)
def argument_type(subject: Subject) -> Iterator[Fault]:
    kinds = types_of(subject.flow)
    for tool in subject.flow.tools.values():
        for argument, name in tool.takes.items() if tool.does in ANSWERS else ():
            due, kind = takes_of(tool.does).get(argument, ()), kinds.get(name, "")
            if due and kind and kind not in due:
                place = _argument(subject, tool, argument)
                message = f"`{argument}` of `{tool.does}` must be a {due[0]}, but `{name}` is a {kind}"
                yield place, message, "Give it another slot, or another argument name if it is only to be kept."


@rule(
    "missing-argument",
    "error",
    advice="Without these an action fails in every call, or changes nothing.",
    good="""
calendars: {hall: {daily: [12:00-22:00]}}
resources: {hall: {calendar: hall, units: [{seats: 40}], stay: 2 h}}
slots:
  day: {type: date, open: hall, ask: Which day?}
  time: {type: time, open: hall, depends_on: [day], ask: What time?}
tools:
  find_table: {with: [day, time, party_size], outcomes: {free: {}}}
  book_table: {with: [day, time, party_size], outcomes: {booked: {}}, commits: 'yes'}
steps:
  book:
    form: [party_size, day, time]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
  sure: {confirm: [party_size, day, time], yes: store, gave_up: to_human}
""",
    bad="""
calendars: {hall: {daily: [12:00-22:00]}}
resources: {hall: {calendar: hall, units: [{seats: 40}], stay: 2 h}}
slots:
  day: {type: date, open: hall, ask: Which day?}
  time: {type: time, open: hall, depends_on: [day], ask: What time?}
tools:
  find_table: {with: [party_size], outcomes: {free: {}}}
  book_table: {with: [day, time, party_size], outcomes: {booked: {}}, commits: 'yes'}
steps:
  book:
    form: [party_size, day, time]
    check: {call: find_table, on: {free: go_on, failed: to_human}}
    then: sure
  sure: {confirm: [party_size, day, time], yes: store, gave_up: to_human}
""",
    needs_sound=True,
)
def missing_argument(subject: Subject) -> Iterator[Fault]:
    """Of tools for a resource of the flow; without one nothing can be booked at all."""
    for name, tool in subject.flow.tools.items():
        missing = [one for one in _needed(subject, tool) if one not in tool.takes]
        place = subject.place("tools", name, "with", key=True)
        if missing:
            message = f"`{name}` needs {listed(missing)} for `{tool.does}`"
            yield place, message, f"Write it under `with`, such as `{{{missing[0]}: <slot>}}`."
        elif tool.resource and tool.does in ("booking.move", "booking.change") and not set(CHANGES) & set(tool.takes):
            yield place, f"`{name}` is given nothing that would change", f"It may change {listed(CHANGES)}."


def _needed(subject: Subject, tool: Tool) -> Iterator[str]:
    if tool.does in NOTIFIES:
        yield from NEEDS[tool.does]
        return
    if tool.resource is None or (tool.does == "booking.find" and "reference" in tool.takes):
        return
    yield from NEEDS.get(tool.does, ())
    if tool.does in ("booking.find", "booking.book"):
        resource = subject.flow.resources.get(tool.resource or "", {})
        if isinstance(resource, Mapping):
            yield from (argument for key, argument in _BY_RESOURCE.items() if key in resource)


_BY_RESOURCE: Final = {"units": "party_size", "services": "service"}
"""What must be known of a booking, by what its resource is made of."""


def _argument(subject: Subject, tool: Tool, argument: str) -> Place:
    """Where an argument was written: a key of a table, or an item of a list."""
    if subject.reading.has_in("tools", tool.name, "with", argument):
        return subject.place("tools", tool.name, "with", argument, key=True)
    return subject.place("tools", tool.name, "with", list(tool.takes).index(argument))


@rule(
    "never-answered",
    "error",
    advice="An outcome that the action never has, or that waits for a value it never brings, would never come.",
    good="tools: {find_table: {with: [party_size], outcomes: {free: {free_practitioner: text}}}}",
    bad="tools: {find_table: {with: [party_size], outcomes: {free: {reference: text}}}}",
)
def never_answered(subject: Subject) -> Iterator[Fault]:
    for name, tool in subject.flow.tools.items():
        known = ANSWERS.get(tool.does, {})
        for outcome, values in tool.outcomes.items() if known else ():
            if outcome not in (*known, "failed", "unknown"):
                place = subject.place("tools", name, "outcomes", outcome, key=True)
                yield place, f"`{tool.does}` never answers `{outcome}`", did_you_mean(outcome, known)
                continue
            for value in values:
                if value not in known.get(outcome, ()) and ANY not in known.get(outcome, ()):
                    place = subject.place("tools", name, "outcomes", outcome, value, key=True)
                    brings = known.get(outcome, ())
                    hint = did_you_mean(value, brings, "" if brings else "Remove it: this answer brings nothing.")
                    yield place, f"`{outcome}` of `{tool.does}` brings no `{value}`", hint


@rule(
    "message-text",
    "error",
    advice="A message says what its text says, with the values that its tool is given; other tools write nothing.",
    good="""
tools:
  confirm:
    does: notify.sms
    with: {to: caller, guests: party_size}
    text: "A table for {guests}."
    outcomes: {queued: {}}
""",
    bad="""
tools:
  confirm:
    does: notify.sms
    with: {to: caller}
    text: "A table for {guests}."
    outcomes: {queued: {}}
""",
)
def message_text(subject: Subject) -> Iterator[Fault]:
    for name, tool in subject.flow.tools.items():
        due = _DUE_TEXTS.get(tool.does, ())
        for key, text in (("subject", tool.subject), ("text", tool.text)):
            if (key in due) != bool(text):
                yield _text_due(subject, name, tool, key)
            for wanted, _ in placeholders(text):
                if wanted not in tool.takes:
                    place = subject.place("tools", name, key)
                    message = f"`{name}` is given no `{wanted}` that its {key} could name"
                    yield place, message, did_you_mean(wanted, tool.takes, f"Write `{wanted}: {wanted}` under `with`.")


def _text_due(subject: Subject, name: str, tool: Tool, key: str) -> Fault:
    if key in _DUE_TEXTS.get(tool.does, ()):
        hint = f"Write `{key}:` with the words; `{{day}}` stands for the argument `day`."
        return subject.place("tools", name, key=True), f"`{name}` has no `{key}`, so there is nothing to send", hint
    message = f"`{tool.does}` writes no {key}"
    return subject.place("tools", name, key, key=True), message, "Remove it, or let the tool do `notify.email`."


_DUE_TEXTS: Final = {"notify.email": ("subject", "text"), "notify.sms": ("text",)}
