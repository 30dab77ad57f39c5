"""Rules about what is heard: phrases, keys, and what callers may want."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.check.rule import Fault, Subject, rule
from engine.check.words import PLACEHOLDER
from engine.flow.model import Flow, ListenStep, TransferStep
from engine.yaml.position import Place, did_you_mean


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
        for match in PLACEHOLDER.finditer(one.phrase):
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
