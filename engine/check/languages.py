"""Rules about the languages of a flow: whether frontdesk itself knows their words."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.rule import Fault, Subject, rule
from engine.persona.spoken_languages import reading, spoken_languages
from engine.persona.wording import unworded
from engine.yaml.position import listed


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
        yield subject.place("flow", "language"), message, f"It can in {listed(spoken_languages())}."


def _spoken(language: str) -> bool:
    try:
        reading(language)
    except LookupError:
        return False
    return True


@rule(
    "unworded-language",
    "error",
    advice="What frontdesk says by itself, such as asking again, would be English in the middle of another language.",
    good="language: de-DE",
    bad="language: cy-GB",
)
def unworded_language(subject: Subject) -> Iterator[Fault]:
    missing = [name for name in unworded(subject.flow.language) if name not in subject.flow.prompts]
    if missing:
        some = listed([f"`{name}`" for name in missing[:3]])
        message = (
            f"frontdesk has no words of its own in {subject.flow.language}: {len(missing)} prompts, such as {some}"
        )
        yield (
            subject.place("flow", "language"),
            message,
            "Write them under `prompts:`, or in the prompts of the language.",
        )
