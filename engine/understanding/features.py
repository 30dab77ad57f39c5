"""What the classifier sees of an utterance: five groups of features, each to be weighed on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from engine.slots.yes_no import answer_in, is_unsure
from engine.understanding.globals import globals_in
from engine.understanding.language import Words
from engine.understanding.phrases import stem

GROUPS: Final[Mapping[str, float]] = {"word": 1.0, "pair": 1.0, "apart": 1.5, "letters": 0.5, "sense": 1.5}
"""The groups and how much each counts."""
_MOST: Final = 2.0
_SIGN: Final = 2.0
_LIGHT: Final = 0.7
_REACH: Final = 9
"""How many words two may stand apart to be seen together ("what name ... for me")."""

Features = dict[str, dict[str, float]]


class Extractor:
    """Made once for a language; pure."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._concepts: dict[str, tuple[str, ...]] = {}
        for word, concepts in words.concepts.items():
            for form in {word, stem(word, words)}:
                self._concepts[form] = tuple(dict.fromkeys((*self._concepts.get(form, ()), *concepts)))

    def features(self, low: str, plain: Sequence[str]) -> Features:
        """Of a folded text and its plain words (fillers included): counts by group."""
        found: Features = {
            "word": _counted((word, self._weight(word)) for word in plain),
            "pair": _counted(self._pairs(plain)),
            "apart": _counted(self._apart(plain)),
            "letters": _counted((letters, 1.0) for letters in self._letters(plain)),
            "sense": _counted(self._senses(plain)),
        }
        for sign, weight in self._signs(low):
            found["sense"][f"!{sign}"] = weight
        return found

    def calls(self, features: Features) -> set[str]:
        """The wishes that hold in any call, such as a person or to hear it again, among these features."""
        return {name for name in self._words.whole if f"!{name}" in features["sense"]}

    def _weight(self, word: str) -> float:
        return _LIGHT if word in self._words.light or word in "^$" or word.startswith("{") else 1.0

    def _pairs(self, words: Sequence[str]) -> Iterator[tuple[str, float]]:
        for one, other in pairwise(("^", *words, "$")):
            yield f"{one} {other}", max(self._weight(one), self._weight(other))

    def _apart(self, plain: Sequence[str]) -> Iterator[tuple[str, float]]:
        """Two words that do not stand side by side, by what they mean, in their order."""
        meant = ["^", *map(self._meant, plain), "$"]
        heavy = [1.0 if word.startswith("@") else self._weight(word) for word in meant]
        for one, word in enumerate(meant):
            for other in range(one + 2, min(one + _REACH + 1, len(meant))):
                if one or other < len(meant) - 1:
                    yield f"{word} > {meant[other]}", max(heavy[one], heavy[other])

    def is_solid(self, name: str) -> bool:
        """Whether a feature says more than that common words stood in a common order."""
        return any(self._weight(word) == 1.0 for word in name.split() if word != ">" and not word.endswith("~"))

    def _letters(self, plain: Sequence[str]) -> Iterator[str]:
        for word in plain:
            if len(word) > 2 and word not in self._words.light and not word.startswith("{"):
                edged = f"<{word}>"
                yield from (edged[at : at + 3] for at in range(len(edged) - 2))

    def _senses(self, plain: Sequence[str]) -> Iterator[tuple[str, float]]:
        for word in plain:
            light = self._weight(word) < 1.0
            for concept in self._concepts.get(word, ()):
                yield (f"{concept}~", _LIGHT) if light else (concept, 1.0)
        yield from self._pairs([self._meant(word) for word in plain])
        if plain:
            yield f"^{self._words.openings.get(plain[0], '')}~", _LIGHT

    def _meant(self, word: str) -> str:
        known = self._concepts.get(word)
        return known[0] if known and self._weight(word) == 1.0 else word

    def _signs(self, low: str) -> Iterator[tuple[str, float]]:
        """Ways of speaking that recognisers and patterns know: yes, no, maybe, wishes, small talk."""
        if is_unsure(low, self._words.language):
            yield "unsure", _SIGN
        elif answer := answer_in(low, self._words.language):
            yield "yes" if answer[0] else "no", _SIGN if answer[1] < 3 else 0.7 * _SIGN
        for act in globals_in(low, self._words, False, ()):
            yield act.name, _SIGN
        for name, pattern in self._words.signs.items():
            if pattern.search(low):
                yield f"{name}!", _SIGN


def _counted(names: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, weight in names:
        found[name] = min(_MOST, found.get(name, 0.0) + weight)
    return found
