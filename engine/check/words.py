"""Rules about what is said and what is heard: placeholders, wordings, phrases and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.check.rule import Fault, Subject, rule
from engine.errors import Position
from engine.flow.model import (
    BUILT_INS,
    AskStep,
    ConsentStep,
    Flow,
    Ladder,
    ListenStep,
    MessageStep,
    NoticeStep,
    PromptText,
    Step,
    TransferStep,
)
from engine.flow.position import Place, Report, did_you_mean
from engine.persona.wording import engine_prompt

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)(?::(\w+))?\}")
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


def _extra_names(prompt_id: str, flow: Flow) -> frozenset[str]:
    """What the engine adds to some of its prompts."""
    if prompt_id.startswith("engine."):
        own = engine_prompt(prompt_id, flow.language) or ""
        return frozenset(match[1] for match in _PLACEHOLDER.finditer(own))
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
            for match in _PLACEHOLDER.finditer(variant.text):
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
            left = _BRACE.search(_PLACEHOLDER.sub("", variant.text))
            if left:
                stray = next(m for m in _BRACE.finditer(variant.text) if not _inside(variant.text, m.start()))
                place = locate(subject.reading.report, variant.at, variant.text[stray.start() : stray.start() + 3])
                yield place, "this bracket does not hold the name of a value", "Write {name} or {name:style}."


def _inside(text: str, at: int) -> bool:
    return any(match.start() <= at < match.end() for match in _PLACEHOLDER.finditer(text))


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
            if variant.when is None:
                place = locate(subject.reading.report, variant.at, variant.text[:12])
                yield place, "no wording after this one can ever be said", "Move it to the end, or give it an `if`."
        last = prompt.variants[-1] if prompt.variants else None
        if last is not None and last.when is not None:
            place = locate(subject.reading.report, last.at, last.text[:12])
            yield place, "there is nothing to say when no condition holds", "Add a last wording without `if`."


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


@dataclass(frozen=True, slots=True)
class _Heard:
    """A phrase, whose it is, and where it stands."""

    owner: str
    phrase: str
    place: Place


def _heard(
    subject: Subject, section: str, name: str, path: tuple[str, ...], owner: str, hear: Iterable[str]
) -> list[_Heard]:
    places = [subject.place(section, name, *path, "hear", index) for index, _ in enumerate(hear)]
    return [_Heard(owner, phrase, place) for phrase, place in zip(hear, places, strict=True)]


def _everywhere(subject: Subject) -> list[_Heard]:
    """Phrases that are listened for at any point of a call."""
    found: list[_Heard] = []
    for name, intent in subject.flow.anywhere.items():
        found += _heard(subject, "anywhere", name, (), f"`{name}`", intent.hear)
    for name, answer in subject.flow.answers.items():
        found += _heard(subject, "answers", name, (), f"the answer `{name}`", answer.hear)
    return found


def _menus(flow: Flow) -> Iterator[ListenStep]:
    return (step for step in flow.steps.values() if isinstance(step, ListenStep))


def _plain(phrase: str) -> str:
    """A phrase without case, marks and spaces that make no difference to the ear."""
    return " ".join(re.sub(r"[^\w{}' ]", " ", phrase.casefold().replace("’", "'")).split())


def _twice(heard: Iterable[_Heard]) -> Iterator[tuple[_Heard, _Heard]]:
    first: dict[str, _Heard] = {}
    for one in heard:
        before = first.setdefault(_plain(one.phrase), one)
        if before is not one:
            yield before, one


@rule(
    "same-phrase",
    "error",
    advice="A phrase that means two things at one question cannot be understood.",
    good="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], key: 1, go: book}
      eat: {hear: [a meal], key: 2, go: book}
""",
    bad="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], key: 1, go: book}
      eat: {hear: [A table!], key: 2, go: book}
""",
)
def same_phrase(subject: Subject) -> Iterator[Fault]:
    everywhere = _everywhere(subject)
    questions = [everywhere]
    for step in _menus(subject.flow):
        own: list[_Heard] = []
        for name, intent in step.intents.items():
            own += _heard(subject, "steps", step.name, ("listen", name), f"`{name}`", intent.hear)
        questions.append([*everywhere, *own])
    for slot in subject.flow.slots.values():
        choices = slot.options.get("choices", ())
        place = subject.place("slots", slot.name, "choices")
        questions.append([_Heard(f"`{c.value}`", words, place) for c in choices for words in {c.label, *c.hear}])
    told: set[Place] = set()
    for question in questions:
        for before, again in _twice(question):
            if again.place not in told:
                told.add(again.place)
                what = "twice" if before.owner == again.owner else f"for {before.owner} too"
                yield again.place, f"“{again.phrase}” is listed {what}", "Keep it in one place."


@rule(
    "phrase-slot",
    "error",
    advice="In a phrase, {name} stands for a value of a slot.",
    good="answers: {size: {hear: ['is there room for {party_size}'], say: Yes.}}",
    bad="answers: {size: {hear: ['is there room for {people}'], say: Yes.}}",
)
def phrase_slot(subject: Subject) -> Iterator[Fault]:
    heard = _everywhere(subject)
    for step in _menus(subject.flow):
        for name, intent in step.intents.items():
            heard += _heard(subject, "steps", step.name, ("listen", name), name, intent.hear)
    for one in heard:
        for match in _PLACEHOLDER.finditer(one.phrase):
            if match[1] not in subject.flow.slots:
                yield one.place, f"there is no slot `{match[1]}`", did_you_mean(match[1], subject.flow.slots)


@rule(
    "same-key",
    "error",
    advice="A key can mean one thing at a question.",
    good="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], key: 1, go: book}
      eat: {hear: [a meal], key: 2, go: book}
""",
    bad="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], key: 1, go: book}
      eat: {hear: [a meal], key: 1, go: book}
""",
)
def same_key(subject: Subject) -> Iterator[Fault]:
    for step in _menus(subject.flow):
        owners: dict[str, str] = {}
        for name, intent in step.intents.items():
            if intent.key and owners.setdefault(intent.key, name) != name:
                place = subject.place("steps", step.name, "listen", name, "key")
                yield place, f"key {intent.key} is already `{owners[intent.key]}`", "Give it another key."


@rule(
    "key-zero",
    "error",
    advice="Everywhere in frontdesk 0 is a person, so callers can learn one key.",
    good="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], key: 1, go: book}
      person: {hear: [a person], key: 0, go: to_human}
""",
    bad="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], key: 0, go: book}
""",
)
def key_zero(subject: Subject) -> Iterator[Fault]:
    for step in _menus(subject.flow):
        for name, intent in step.intents.items():
            leads = subject.flow.steps.get(intent.go)
            if intent.key == "0" and intent.go != subject.flow.operator and not isinstance(leads, TransferStep):
                place = subject.place("steps", step.name, "listen", name, "key")
                yield place, "key 0 is a person everywhere", "Use a key from 1 to 9."


@rule(
    "no-key",
    "warning",
    advice="Callers who are not understood need a key for every choice.",
    good="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], key: 1, go: book}
""",
    bad="""
steps:
  menu:
    say: How can I help?
    listen:
      book: {hear: [a table], go: book}
""",
)
def no_key(subject: Subject) -> Iterator[Fault]:
    for step in _menus(subject.flow):
        for name, intent in step.intents.items():
            if intent.key is None:
                place = subject.place("steps", step.name, "listen", name, key=True)
                yield place, f"`{name}` cannot be chosen by a key", "Add `key:` with a digit from 1 to 9."


@rule(
    "same-intent",
    "error",
    advice="What a caller wants is told apart by name, so a menu and `anywhere:` cannot share one.",
    good="anywhere: {lost: {hear: [I left my coat], go: to_human}}",
    bad="anywhere: {book: {hear: [I left my coat], go: to_human}}",
)
def same_intent(subject: Subject) -> Iterator[Fault]:
    for step in _menus(subject.flow):
        for name in step.intents:
            if name in subject.flow.anywhere:
                place = subject.place("steps", step.name, "listen", name, key=True)
                yield place, f"`{name}` is also the name of something wanted anywhere", "Rename one of them."
