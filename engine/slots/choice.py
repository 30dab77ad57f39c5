"""One of a few values that the flow lists, by name or by another word for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from rapidfuzz import fuzz

from engine.effects import Keypad
from engine.languages.sheet import Sheet, sheet_of
from engine.slots.grammar.choices import choice_words
from engine.slots.registry import Context, Mention, register
from engine.slots.words import finish, fold, longest, span_of

_CLOSE: Final = 86.0
_WORD: Final = re.compile(r"[\w']+")
_LEADING: Final = re.compile(r"^(?:(?:with|for|to) )?(?:(?:an?|the) )?")
_ARTICLES: Final = frozenset({"a", "an", "the", "my", "some", "your"})
_LIGHT: Final = frozenset(
    """
    a an the my your our some any this that it i i'd i'm we you he she they me us him her them is are was be been am
    do does did have has had having will would can could should may might must to of in on at for with from by as and
    or but if no not there here what when where which who how want need like get got let make take taken taking give
    given go going come see doing done book booking appointment please thanks just about more other another one
    someone somebody something anything thing
    """.split()  # noqa: SIM905
)
"""Words that say too little to stand for a longer name that holds them."""


@dataclass(frozen=True, slots=True)
class _Names:
    """What may be said for the values of a slot. `whole` are full names, and names of people or places within them
    ("Okafor" of "Doctor Okafor"); `parts` are telling words of longer names. A word that two values share means both.
    """

    whole: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]


class ChoiceType:
    """Values are the `value` of an entry in `options["choices"]` (objects with `value`, `label` and `hear`)."""

    name = "choice"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        choices = tuple((c.value, c.label, tuple(c.hear)) for c in context.options.get("choices", ()))
        names = _names(choices, sheet_of(context.language))
        mentions = longest(_exact(text, low, names.whole, 0.95))
        if not mentions and context.asked:
            mentions = longest(_close(text, low, names.whole))
        if not mentions and context.asked:
            single = {word: values for word, values in names.parts.items() if len(values) == 1}
            mentions = longest(_exact(text, low, single, 0.75)) or longest(_exact(text, low, names.parts, 0.7))
        return finish(text, low, mentions)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=1 if len(options.get("choices", ())) < 10 else 2)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """The number of the value, in the order of the flow."""
        choices = context.options.get("choices", ())
        if not (keys.isascii() and keys.isdigit() and 1 <= int(keys) <= len(choices)):
            return ()
        return (choices[int(keys) - 1].value,)

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, str):
            raise ValueError(f"{data!r} is no choice")
        return data


@lru_cache(maxsize=256)
def _names(choices: tuple[tuple[str, str, tuple[str, ...]], ...], other: Sheet | None) -> _Names:
    """Every name, and every word of a longer one, with the values that it may mean in the order of the flow."""
    leading, light = choice_words(other) if other else (_LEADING, _LIGHT)
    whole: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    proper: set[str] = set()
    for value, label, hear in choices:
        for name in dict.fromkeys((label, value.replace("_", " "), *hear)):
            plain = leading.sub("", fold(name).strip())
            if plain:
                whole.setdefault(plain, []).append(value)
            tokens = _WORD.findall(plain)
            for word in tokens if len(tokens) > 1 else ():
                words.setdefault(word, []).append(value)
            proper |= {fold(word) for word in _WORD.findall(name) if word[0].isupper()}
    telling = {
        word: tuple(dict.fromkeys(values))
        for word, values in words.items()
        if word not in whole and word not in light and len(word) >= 3
    }
    telling = {word: values for word, values in telling.items() if len(values) < max(2, len(choices))}
    names = {name: tuple(dict.fromkeys(values)) for name, values in whole.items()}
    own = {word: values for word, values in telling.items() if word in proper and len(values) == 1}
    return _Names({**own, **names}, {word: values for word, values in telling.items() if word not in own})


def _exact(text: str, low: str, names: Mapping[str, tuple[str, ...]], confidence: float) -> Iterator[Mention]:
    for name, values in names.items():
        for found in re.finditer(rf"(?<![\w'])(?:{_flexible(name)})(?:s|es|'s)?(?!\w)", low):
            yield Mention(values, span_of(text, *found.span()), confidence)


@lru_cache(maxsize=4096)
def _flexible(name: str) -> str:
    """The name as a pattern: blanks and hyphens are one, and any article, or none, may stand between its words."""
    words = re.split(r"[ -]+", name)
    telling = [re.escape(word) for at, word in enumerate(words) if at == 0 or word not in _ARTICLES]
    return rf"(?:[ -]|\s+(?:{'|'.join(sorted(_ARTICLES))})\s+)".join(telling)


def _close(text: str, low: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[Mention]:
    """Names that sound nearly so: the best one, if it is clearly best."""
    words = list(_WORD.finditer(low))
    scored: list[tuple[float, tuple[str, ...], int, int]] = []
    for name, values in names.items():
        length = len(_WORD.findall(name))
        for first in range(max(0, len(words) - length + 1)):
            start, end = words[first].start(), words[min(first + length, len(words)) - 1].end()
            score = fuzz.ratio(name, low[start:end])
            if score >= _CLOSE and len(name) >= 4:
                scored.append((score, values, start, end))
    scored.sort(key=lambda entry: -entry[0])
    if scored and all(entry[1] == scored[0][1] or entry[0] < scored[0][0] - 4 for entry in scored[1:]):
        score, values, start, end = scored[0]
        yield Mention(values, span_of(text, start, end), 0.75)


register(ChoiceType())
