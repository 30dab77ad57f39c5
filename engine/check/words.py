"""Rules about what is said: placeholders, their styles, wordings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.check.rule import Fault, Subject, rule
from engine.errors import Position
from engine.flow.model import (
    BUILT_INS,
    AskStep,
    ConsentStep,
    Flow,
    Ladder,
    MessageStep,
    NoticeStep,
    PromptText,
    Step,
)
from engine.persona.spoken import styles
from engine.persona.wording import engine_prompt
from engine.yaml.position import Place, Report, did_you_mean

PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)(?::(\w+))?\}")
_BRACE = re.compile(r"[{}]")
_FURTHEST = 40
"""Lines that a prompt may take until its end."""


def prompts_of(flow: Flow) -> Iterator[PromptText]:
    """Everything that the author wrote to be said."""
    for slot in flow.slots.values():
        yield slot.ask
        yield from slot.reject.values()
        yield from _rungs(slot.ladder)
        if slot.help is not None:
            yield slot.help
    for answer in flow.answers.values():
        yield answer.say
    for step in flow.steps.values():
        yield from _step_prompts(step)
    yield from _rungs(flow.repair.ladder)
    yield from flow.prompts.values()


def _rungs(ladder: Ladder) -> tuple[PromptText, ...]:
    return (*ladder.nomatch, *ladder.noinput)


def _step_prompts(step: Step) -> Iterator[PromptText]:
    match step:
        case NoticeStep():
            yield step.notice
        case AskStep() | ConsentStep() | MessageStep():
            yield step.ask
        case _:
            say = getattr(step, "say", None)
            if say is not None:
                yield say
    ladder = getattr(step, "ladder", None)
    if ladder is not None:
        yield from _rungs(ladder)


def locate(report: Report, at: Position, needle: str) -> Place:
    """Where words stand that begin at or after a position."""
    lines = report.sources.get(at.file, ())
    for number in range(at.line, min(len(lines), at.line + _FURTHEST) + 1):
        start = at.column - 1 if number == at.line else 0
        found = lines[number - 1].find(needle, start)
        if found >= 0:
            return Place(at.file, number, found + 1, len(needle), number)
    return Place(at.file, at.line, at.column)


def known_names(flow: Flow) -> frozenset[str]:
    """What a prompt may name: slots, results and built-in values."""
    results = (name for tool in flow.tools.values() for values in tool.outcomes.values() for name in values)
    return frozenset({*flow.slots, *results, *BUILT_INS})


def types_of(flow: Flow) -> dict[str, str]:
    """The type of everything that a prompt may name, as it is read aloud."""
    results = {
        name: kind for tool in flow.tools.values() for values in tool.outcomes.values() for name, kind in values.items()
    }
    built_in = {"caller": "phone", "part_of_day": "part_of_day"}
    return {**built_in, **results, **{name: slot.type for name, slot in flow.slots.items()}}


def _extra_names(prompt_id: str, flow: Flow) -> frozenset[str]:
    """What the engine adds to some of its prompts."""
    if prompt_id.startswith("engine."):
        own = engine_prompt(prompt_id, flow.language) or ""
        return frozenset(match[1] for match in PLACEHOLDER.finditer(own))
    return frozenset({"value", "step"}) if ".reject." in prompt_id else frozenset()


@rule(
    "unknown-placeholder",
    "error",
    advice="A placeholder that nothing fills would leave a hole in what the caller hears.",
    good="steps: {hello: {say: 'A table for {party_size}.', then: book}}",
    bad="steps: {hello: {say: 'A table for {party_sise}.', then: book}}",
)
def unknown_placeholder(subject: Subject) -> Iterator[Fault]:
    known = known_names(subject.flow)
    for prompt in prompts_of(subject.flow):
        names = known | _extra_names(prompt.id, subject.flow)
        for variant in prompt.variants:
            for match in PLACEHOLDER.finditer(variant.text):
                if match[1] not in names:
                    place = locate(subject.reading.report, variant.at, match[0])
                    yield place, f"nothing sets `{match[1]}`", did_you_mean(match[1], names)


@rule(
    "brace",
    "error",
    advice="Curly brackets in a prompt hold one name, such as {day} or {day:short}.",
    good="steps: {hello: {say: 'A table for {party_size}.', then: book}}",
    bad="steps: {hello: {say: 'A table for {party size}.', then: book}}",
)
def brace(subject: Subject) -> Iterator[Fault]:
    for prompt in prompts_of(subject.flow):
        for variant in prompt.variants:
            left = _BRACE.search(PLACEHOLDER.sub("", variant.text))
            if left:
                stray = next(m for m in _BRACE.finditer(variant.text) if not _inside(variant.text, m.start()))
                place = locate(subject.reading.report, variant.at, variant.text[stray.start() : stray.start() + 3])
                yield place, "this bracket does not hold the name of a value", "Write {name} or {name:style}."


@rule(
    "unknown-style",
    "error",
    advice="A value can only be read aloud in the styles of its type.",
    good="steps: {hello: {say: 'Table {party_size:number}.', then: menu}}",
    bad="steps: {hello: {say: 'Table {party_size:short}.', then: menu}}",
)
def unknown_style(subject: Subject) -> Iterator[Fault]:
    types = types_of(subject.flow)
    for prompt in prompts_of(subject.flow):
        for variant in prompt.variants:
            for match in PLACEHOLDER.finditer(variant.text):
                kind = types.get(match[1], "")
                if match[2] and kind and match[2] not in styles(kind):
                    place = locate(subject.reading.report, variant.at, match[0])
                    otherwise = f"Write `{{{match[1]}}}`." if not styles(kind) else ""
                    hint = did_you_mean(match[2], styles(kind), otherwise)
                    yield place, f"a {kind} is never read aloud as `{match[2]}`", hint


def _inside(text: str, at: int) -> bool:
    return any(match.start() <= at < match.end() for match in PLACEHOLDER.finditer(text))


@rule(
    "wording",
    "error",
    advice="Of several wordings the first whose condition holds is said; the last one is for all other cases.",
    good="steps: {hello: {say: [{if: party_size > 4, text: Hello all.}, {text: Hello.}], then: book}}",
    bad="steps: {hello: {say: [{text: Hello.}, {text: Hello all.}], then: book}}",
)
def wording(subject: Subject) -> Iterator[Fault]:
    for prompt in prompts_of(subject.flow):
        for variant in prompt.variants[:-1]:
            if variant.when is None and not variant.after:
                place = locate(subject.reading.report, variant.at, variant.text[:12])
                yield place, "no wording after this one can ever be said", "Move it to the end, or give it an `if`."
        last = prompt.variants[-1] if prompt.variants else None
        if last is not None and (last.when is not None or last.after):
            place = locate(subject.reading.report, last.at, last.text[:12])
            yield place, "there is nothing to say when no condition holds", "Add a last one without `if` and `after`."


@rule(
    "unknown-engine-prompt",
    "error",
    advice="Only what frontdesk says by itself can be replaced under `prompts:`.",
    good="prompts: {engine.filler: Just a second.}",
    bad="prompts: {engine.fillar: Just a second.}",
)
def unknown_engine_prompt(subject: Subject) -> Iterator[Fault]:
    for prompt_id in subject.flow.prompts:
        if engine_prompt(prompt_id, subject.flow.language) is None:
            place = subject.reading.entries["prompts", prompt_id][0].place
            yield place, f"frontdesk says nothing called `{prompt_id}`", "See the list of engine prompts."
