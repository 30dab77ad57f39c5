"""A small classifier trained from a flow's phrases when it loads: which phrase an utterance is nearest to, or none.

Ridge regression, one class against the rest, over weighted features of words, pairs, letters and senses. Everyday
sentences of the language stand for "none of these"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.slots.words import fold
from engine.understanding.features import GROUPS, Extractor, Features
from engine.understanding.language import Words
from engine.understanding.phrases import expand, plain_words

Vector = dict[tuple[str, str], float]
_RIDGE: Final = 0.5
_MOST_WORDINGS: Final = 12
_NONE: Final = ""
_SCALE: Final = math.sqrt(sum(weight * weight for weight in GROUPS.values()))


@dataclass(frozen=True, slots=True)
class Guess:
    """The best name with its score (about 0.6 for a phrase of the flow, 0 for anything), and its lead over the next."""

    name: str
    score: float
    lead: float
    solid: float
    """The part of the score that telling words, and not common ones, brought."""
    strange: bool
    """Whether the words call for something that holds in any call, and that no phrase calls for."""


class Classifier:
    """Trained once; `guess` is pure. `phrases` maps each name to its example phrases."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], words: Words) -> None:
        self._words = words
        self._extractor = Extractor(words)
        rows: list[tuple[str, str]] = [
            (name, wording)
            for name, given in phrases.items()
            for phrase in given
            for wording in expand(phrase)[:_MOST_WORDINGS]
        ]
        self._names = tuple(phrases)
        labels = [self._names.index(name) for name, _ in rows] + [-1] * len(words.background)
        texts = [text for _, text in rows] + list(words.background)
        seen = [self._features(text) for text in texts]
        self._calls = frozenset[str]().union(*map(self._extractor.calls, seen[: len(rows)]))
        self._rarity = {group: _rarity([one[group] for one in seen]) for group in GROUPS}
        self._unseen = math.log(1 + len(seen))
        vectors = [self._vector(one) for one in seen]
        self._columns = {name: at for at, name in enumerate(dict.fromkeys(name for one in vectors for name in one))}
        self._weights = self._train(vectors, np.array(labels, dtype=np.int64))
        self._solid = np.array([self._extractor.is_solid(name) for _, name in self._columns], dtype=np.float64)

    def _features(self, text: str) -> Features:
        plain = [token.plain for token in plain_words(text, self._words, fillers=True)]
        return self._extractor.features(fold(text), plain)

    def _train(self, vectors: Sequence[Vector], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """What each feature says for each name: a row for a feature."""
        table = np.zeros((len(vectors), len(self._columns)), dtype=np.float32)  # half the time of doubles, good enough
        for row, vector in enumerate(vectors):
            table[row, [self._columns[name] for name in vector]] = list(vector.values())
        wanted = np.zeros((len(vectors), len(self._names)))
        of_phrases = np.flatnonzero(labels >= 0)
        wanted[of_phrases, labels[of_phrases]] = 1.0
        sizes = np.bincount(labels[of_phrases], minlength=len(self._names))
        trust = np.ones(len(vectors))
        if of_phrases.size:
            trust[of_phrases] = np.sqrt(sizes.mean() / sizes[labels[of_phrases]])  # many phrases must not win by number
        kernel = (table @ table.T).astype(np.float64) + np.diag(_RIDGE / trust)
        dual = np.linalg.solve(kernel, wanted).astype(np.float32)
        return np.asarray(table.T @ dual, dtype=np.float64)

    def _vector(self, features: Features) -> Vector:
        """Each group has the length of its weight, the whole has length 1."""
        made: Vector = {}
        for group, counts in features.items():
            rarity = self._rarity[group]
            weighed = {name: count * rarity.get(name, self._unseen) for name, count in counts.items()}
            length = _SCALE * math.sqrt(sum(weight * weight for weight in weighed.values())) / GROUPS[group]
            made.update({(group, name): weight / length for name, weight in weighed.items()})
        return made

    def guess(self, low: str, plain: Sequence[str], allowed: frozenset[str]) -> Guess | None:
        """The likeliest of `allowed` for a folded text and its plain words, fillers included."""
        open_names = [index for index, name in enumerate(self._names) if name in allowed]
        if not plain or not open_names:
            return None
        seen = self._extractor.features(low, plain)
        vector = self._vector(seen).items()
        known = [(at, weight) for name, weight in vector if (at := self._columns.get(name)) is not None]
        rows = [at for at, _ in known]
        said = np.array([weight for _, weight in known])[:, None] * self._weights[rows]
        scores, solid = said.sum(axis=0), self._solid[rows] @ said
        ranked = sorted(open_names, key=lambda index: -scores[index])
        second = float(scores[ranked[1]]) if len(ranked) > 1 else 0.0
        best = float(scores[ranked[0]])
        strange = not self._extractor.calls(seen) <= self._calls
        return Guess(self._names[ranked[0]], best, best - second, float(solid[ranked[0]]), strange)


def _rarity(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    seen: Counter[str] = Counter()
    for row in rows:
        seen.update(row.keys())
    return {name: math.log(1 + len(rows) / (0.5 + count)) for name, count in seen.items()}
