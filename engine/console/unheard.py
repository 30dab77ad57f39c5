"""Words that were not understood: brought together with what sounds alike, and made into phrases that a flow hears."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz import fuzz, process
from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from engine.actions.counting import Unheard
from engine.errors import Position
from engine.flow.model import Flow, ListenStep
from engine.yaml.position import Report
from engine.yaml.scanner import events

ALIKE: Final = 78.0
"""How alike two wordings are, of 100, to stand in one group."""
MOST_WORDINGS: Final = 400
"""Of one question; beyond them only the most frequent are looked at."""
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Group:
    """Wordings that are alike, the most frequent first; `call` is the newest in which one was said."""

    flow: str
    step: str
    slot: str
    wordings: tuple[tuple[str, int], ...]
    call: str

    @property
    def count(self) -> int:
        return sum(count for _, count in self.wordings)

    @property
    def words(self) -> str:
        return self.wordings[0][0]


def groups(found: Iterable[Unheard]) -> tuple[Group, ...]:
    """Groups of alike wordings at the same question, the largest first. `found` is newest first."""
    places: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    calls: dict[tuple[tuple[str, str, str], str], str] = {}
    for one in found:
        place, words = (one.flow, one.step, one.slot), plain_words(one.words)
        if words:
            places[place][words] += 1
            calls.setdefault((place, words), one.call_id)
    made = [group for place, wordings in places.items() for group in _alike(place, wordings, calls)]
    return tuple(sorted(made, key=lambda group: (-group.count, group.words)))


def _alike(place: tuple[str, str, str], wordings: Counter[str], calls: Mapping[Any, str]) -> Iterator[Group]:
    left = dict(wordings.most_common(MOST_WORDINGS))
    while left:
        first = next(iter(left))
        near = process.extract(first, left.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=None)
        some = tuple((words, left.pop(words)) for words in list(left) if words in {name for name, _, _ in near})
        yield Group(*place, some, calls[place, first])


def plain_words(text: str) -> str:
    """Words as a phrase: one space between them, no signs that a phrase cannot have."""
    return " ".join(re.sub(r"[^\w\s'’-]", " ", text).split())[:_LONGEST].strip().lower()


@dataclass(frozen=True, slots=True)
class Meaning:
    """Something of a flow that has phrases: an intent of a step, one for anywhere, or an answer."""

    key: str
    label: str
    at: Position


def meanings(flow: Flow, step: str = "") -> tuple[Meaning, ...]:
    """What words can be made to mean; what is on offer at `step` comes first."""
    listens = {name: one for name, one in flow.steps.items() if isinstance(one, ListenStep)}
    ordered = sorted(listens, key=lambda name: name != step)
    found = [
        Meaning(f"{name}.{intent.name}", f"{_said(name)}: {intent.label or _said(intent.name)}", intent.at)
        for name in ordered
        for intent in listens[name].intents.values()
    ]
    found += [Meaning(f"anywhere.{one.name}", f"anywhere: {_said(one.name)}", one.at) for one in flow.anywhere.values()]
    found += [Meaning(f"answers.{one.name}", f"answer: {_said(one.name)}", one.at) for one in flow.answers.values()]
    return tuple(found)


def _said(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")


def with_phrase(text: str, line: int, column: int, phrase: str) -> str | None:
    """A flow file in which the entry whose name stands at this place hears one phrase more; None where it has no list
    of phrases there. All else stays as it was written."""
    item, flowing = _last_phrase(text, line, column)
    if item is None:
        return None
    quoted = '"' + phrase.replace("\\", " ").replace('"', " ") + '"'
    if flowing:
        return f"{text[: item.index]}, {quoted}{text[item.index :]}"
    start = text.rfind("\n", 0, item.index) + 1
    end = text.find("\n", item.index)
    end = len(text) if end < 0 else end
    indent = re.match(r"[ ]*", text[start:])
    return f"{text[:end]}\n{indent[0] if indent else ''}- {quoted}{text[end:]}"


def _last_phrase(text: str, line: int, column: int) -> tuple[Any, bool]:
    """Where the last phrase of the entry at a place ends, and whether they stand between brackets."""
    stream = events(text, "", Report())
    for event in stream:
        if isinstance(event, ScalarEvent) and _stands_at(event.start_mark, line, column):
            break
    depth, hears = 0, False
    for event in stream:
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            if hears and depth == 1 and isinstance(event, SequenceStartEvent):
                return _end_of_list(stream), bool(event.flow_style)
            depth += 1
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
        if depth <= 0:
            return None, False
        hears = depth == 1 and isinstance(event, ScalarEvent) and event.value == "hear"
    return None, False


def _stands_at(mark: Any, line: int, column: int) -> bool:
    return (mark.line + 1, mark.column + 1) == (line, column)


def _end_of_list(stream: Iterator[Any]) -> Any:
    last = None
    for event in stream:
        if isinstance(event, ScalarEvent):
            last = event.end_mark
        elif isinstance(event, SequenceEndEvent):
            return last
    return None
