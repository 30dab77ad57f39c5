"""A small classifier trained from a flow's phrases when it loads: which phrase an utterance is nearest to, or none.

Kernel ridge regression, one class against the rest, over the cosine of weighted word and letter n-grams. Everyday
sentences of the language stand for "none of these"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.understanding.language import Words
from engine.understanding.phrases import expand, plain_words

Vector = dict[str, float]
_RIDGE = 0.35
_NONE = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """The best name with its score (about 1 for a phrase of the flow, 0 for anything), and the lead over the next."""

    name: str
    score: float
    lead: float
    nearest: float
    """Cosine to the nearest phrase of that name."""


class Classifier:
    """Trained once; `guess` is pure. `phrases` maps each name to its example phrases."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], words: Words) -> None:
        self._words = words
        rows: list[tuple[str, str]] = [
            (name, wording) for name, given in phrases.items() for phrase in given for wording in expand(phrase)[:12]
        ]
        rows += [(_NONE, sentence) for sentence in words.background]
        self._names = tuple(phrases)
        self._of = np.array([self._names.index(name) if name else -1 for name, _ in rows], dtype=np.int64)
        counts = [
            _features([token.plain for token in plain_words(text, words, fillers=True)], words) for _, text in rows
        ]
        self._idf = _idf(counts)
        postings: dict[str, list[tuple[int, float]]] = {}
        vectors = [self._weighted(count) for count in counts]
        for row, vector in enumerate(vectors):
            for feature, weight in vector.items():
                postings.setdefault(feature, []).append((row, weight))
        self._index = {feature: _columns(entries) for feature, entries in postings.items()}
        self._weights = self._train(vectors)

    def _train(self, vectors: Sequence[Vector]) -> npt.NDArray[np.float64]:
        size = len(vectors)
        kernel = np.stack([self._cosines(vector, size) for vector in vectors])
        wanted = np.zeros((size, len(self._names)))
        for row, name in enumerate(self._of):
            if name >= 0:
                wanted[row, name] = 1.0
        return np.asarray(np.linalg.solve(kernel + _RIDGE * np.eye(size), wanted), dtype=np.float64)

    def _cosines(self, vector: Vector, size: int) -> npt.NDArray[np.float64]:
        near = np.zeros(size)
        for feature, weight in vector.items():
            if (column := self._index.get(feature)) is not None:
                rows, weights = column
                near[rows] += weight * weights
        return near

    def _weighted(self, counts: Mapping[str, float]) -> Vector:
        unseen = self._idf.get("", 3.0)
        vector = {feature: weight * self._idf.get(feature, unseen) for feature, weight in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        return {feature: weight / length for feature, weight in vector.items()}

    def guess(self, plain: Sequence[str], allowed: frozenset[str]) -> Guess | None:
        """The likeliest of `allowed` for the plain words of an utterance."""
        if not plain or not self._names:
            return None
        near = self._cosines(self._weighted(_features(plain, self._words)), len(self._of))
        scores = near @ self._weights
        order = [int(index) for index in np.argsort(-scores, kind="stable") if self._names[int(index)] in allowed]
        if not order:
            return None
        best = order[0]
        lead = float(scores[best] - scores[order[1]]) if len(order) > 1 else float(scores[best])
        mine = near[self._of == best]
        return Guess(self._names[best], float(scores[best]), lead, float(mine.max(initial=0.0)))


def _features(plain: Sequence[str], words: Words) -> dict[str, float]:
    """Words, pairs of words with the edges of the utterance, and letter triples of the words that mean something."""
    found: dict[str, float] = {}
    for word in plain:
        _add(found, word, 1.0)
        if word not in words.light and not word.startswith("{") and len(word) > 3:
            edged = f"<{word}>"
            for at in range(len(edged) - 2):
                _add(found, f"~{edged[at : at + 3]}", 0.25)
    for one, other in pairwise(("^", *plain, "$")):
        _add(found, f"{one} {other}", 0.5)
    return {feature: min(weight, 1.5) for feature, weight in found.items()}


def _columns(entries: Sequence[tuple[int, float]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The rows that have a feature, each once, and its weight in them."""
    rows, weights = zip(*entries, strict=True)
    return np.array(rows, dtype=np.int64), np.array(weights, dtype=np.float64)


def _add(found: dict[str, float], feature: str, weight: float) -> None:
    found[feature] = found.get(feature, 0.0) + weight


def _idf(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    seen: Counter[str] = Counter()
    for row in rows:
        seen.update(row.keys())
    size = len(rows)
    idf = {feature: math.log(1 + size / (0.5 + count)) for feature, count in seen.items()}
    idf[""] = math.log(1 + size)
    return idf
