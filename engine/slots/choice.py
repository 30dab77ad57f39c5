"""One of a few values that the flow lists, by name or by another word for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from rapidfuzz import fuzz

from engine.effects import Keypad
from engine.slots.registry import Context, Mention, register
from engine.slots.words import finish, fold, longest, span_of

_CLOSE: Final = 86.0
_WORD: Final = re.compile(r"[\w']+")
_LEADING: Final = re.compile(r"^(?:an?|the|with|for|to see|see) ")


class ChoiceType:
    """Values are the `value` of an entry in `options["choices"]` (objects with `value`, `label` and `hear`)."""

    name = "choice"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        names = _names(tuple((c.value, c.label, tuple(c.hear)) for c in context.options.get("choices", ())))
        mentions = longest(_exact(text, low, names))
        if not mentions and context.asked:
            mentions = longest(_close(text, low, names))
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
def _names(choices: tuple[tuple[str, str, tuple[str, ...]], ...]) -> dict[str, tuple[str, ...]]:
    """Every name and the values that it may mean; a word that two names share means both."""
    names: dict[str, list[str]] = {}
    words: dict[str, set[str]] = {}
    for value, label, hear in choices:
        for name in dict.fromkeys((label, value.replace("_", " "), *hear)):
            plain = _LEADING.sub("", fold(name).strip())
            if not plain:
                continue
            names.setdefault(plain, []).append(value)
            for word in _WORD.findall(plain):
                words.setdefault(word, set()).add(value)
    order = [value for value, _, _ in choices]
    for word, values in words.items():
        if len(word) >= 4 and word not in names and len(values) < max(2, len(order)):
            names[word] = sorted(values, key=order.index)
    return {name: tuple(dict.fromkeys(values)) for name, values in names.items()}


def _exact(text: str, low: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[Mention]:
    for name, values in names.items():
        for found in re.finditer(rf"(?<![\w']){re.escape(name)}(?:s|es|'s)?(?!\w)", low):
            yield Mention(values, span_of(text, *found.span()), 0.95)


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
