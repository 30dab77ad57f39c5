"""Whether what we said is what a talk expects: by a prompt's id, by its words, or by what the prompt means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Final

from engine.flow.model import Flow, PromptText
from engine.simulate.result import Spoke

_WORD: Final = re.compile(r"\w+")
_SMALL: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_NUMBERS: Final = {word: str(number) for number, word in enumerate(_SMALL)}
"""So that `nine` and `9 o'clock` are the same words."""
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_GAP: Final = 12
"""Words that a value read aloud may have."""


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text without case, punctuation and apostrophes; small numbers as digits."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return tuple(_NUMBERS.get(word, word) for word in _WORD.findall(plain))


def find_text(said: Sequence[Spoke], text: str) -> int | None:
    """The number of the prompt in which `text` ends: it may run over several prompts, read aloud or as written."""
    wanted = words_of(text)
    for shown in ([spoke.text for spoke in said], [spoke.written or spoke.text for spoke in said]):
        words: list[str] = []
        owner: list[int] = []
        for number, part in enumerate(shown):
            found = words_of(part)
            words += found
            owner += [number] * len(found)
        for start in range(len(words) - len(wanted) + 1):
            if tuple(words[start : start + len(wanted)]) == wanted:
                return owner[start + len(wanted) - 1]
    return None


def find_id(said: Sequence[Spoke], prompt: str) -> int | None:
    """The number of the first prompt with this id."""
    return next((number for number, spoke in enumerate(said) if spoke.id == prompt), None)


def find_meaning(said: Sequence[Spoke], text: str, known: Mapping[str, Sequence[str]]) -> int | None:
    """The number of the first prompt that `text` is another wording of: a variant, or the same with other values."""
    wanted = words_of(text)
    for number, spoke in enumerate(said):
        if any(_fits(template, wanted) for template in (spoke.template, *known.get(spoke.id, ())) if template):
            return number
    return None


def name_of(text: str, known: Mapping[str, Sequence[str]]) -> str | None:
    """The id of the prompt that would be said like this."""
    wanted = words_of(text)
    return next((name for name, templates in known.items() if any(_fits(one, wanted) for one in templates)), None)


def _fits(template: str, wanted: Sequence[str]) -> bool:
    """Whether the words hold those of a template, with a few words of any kind for each value between them."""
    parts = [part for piece in _PLACEHOLDER.split(template) if (part := words_of(piece))]
    if sum(len(part) for part in parts) < 2:
        return False
    ends = set(range(len(wanted)))
    for number, part in enumerate(parts):
        gaps = range(_GAP + 1) if number else range(1)
        ends = {
            end + gap + len(part)
            for end in ends
            for gap in gaps
            if tuple(wanted[end + gap : end + gap + len(part)]) == part
        }
    return bool(ends)


def prompts_of(flow: Flow) -> Mapping[str, tuple[str, ...]]:
    """Every prompt that the flow's author wrote: its wordings, by id."""
    return {prompt.id: tuple(variant.text for variant in prompt.variants) for prompt in _prompts(flow)}


def _prompts(value: Any) -> Iterator[PromptText]:
    if isinstance(value, PromptText):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _prompts(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _prompts(item)
    elif is_dataclass(value):
        for part in fields(value):
            yield from _prompts(getattr(value, part.name))
