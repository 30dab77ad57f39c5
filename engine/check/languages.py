"""Rules about the languages of a flow: whether frontdesk itself knows their words."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.rule import Fault, Subject, rule
from engine.flow.position import listed
from engine.persona.readings import READINGS, reading


@rule(
    "unspoken-language",
    "error",
    advice="Values such as days and numbers are read aloud by frontdesk itself, which must know the language.",
    good="language: en-US",
    bad="language: cy-GB",
)
def unspoken_language(subject: Subject) -> Iterator[Fault]:
    if not _spoken(subject.flow.language):
        message = f"frontdesk cannot read values aloud in {subject.flow.language}"
        yield subject.place("flow", "language"), message, f"It can in {listed(READINGS)}."


def _spoken(language: str) -> bool:
    try:
        reading(language)
    except LookupError:
        return False
    return True
