"""Finding a known person by what was heard of a name, through all readings of the recogniser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cdist

from engine.acts import PersonName
from engine.slots.spelling import spelled
from engine.slots.words import fold

_FITS: Final = 0.85
_AHEAD: Final = 0.08
"""The score and the lead from which a match is clear: seven in a thousand of those are the wrong person."""
_LATER: Final = 0.985
"""How much less each further reading counts than the one before it."""
_SPELLING: Final = 0.55
_WORD: Final = re.compile(r"[^\W\d_]+")
_RULES: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:kn|gn|pn)", "n"), (r"^wr", "r"), (r"^wh", "w"), (r"^x", "s"), (r"ph", "f"), (r"gh(?=[aeiou])", "g"),
        (r"gh", ""), (r"sch|sh|ti(?=on)|ch", "x"), (r"ck|q|c(?![eiy])", "k"), (r"c", "s"), (r"dg(?=e)|j", "j"),
        (r"th", "t"), (r"z", "s"), (r"v", "f"), (r"h(?![aeiou])", ""), (r"(?<=[aeiou])[wy]", ""), (r"(.)\1", r"\1"),
        (r"y", "i"), (r"ou|oo|au|aw", "o"), (r"ea|ee|ie|ei|ai|ay", "e"), (r"(?<=\w)e$", ""),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """A known person and how well the readings fit, 0 to 1; `lead` is how much better than the next person."""

    person: PersonName
    score: float
    lead: float

    @property
    def clear(self) -> bool:
        """Whether it is good enough to stand for the name, beside something else that the person must know."""
        return self.score >= _FITS and self.lead >= _AHEAD


def find_person(readings: Sequence[str], known: Iterable[PersonName]) -> Match | None:
    """The known person who fits best; None where nobody is known or nothing was heard. `readings` are the
    recogniser's, best first. The caller decides which score and lead are enough, and still confirms."""
    heard = [words for text in readings if (words := _words(text))]
    people = [person for person in dict.fromkeys(known) if person.first or person.last]
    if not heard or not people:
        return None
    scores = _scores(heard, people)
    best, *others = np.argsort(-scores, kind="stable")
    lead = scores[best] - (scores[others[0]] if others else 0.0)
    return Match(people[best], float(scores[best]), float(lead))


def _words(text: str) -> tuple[str, ...]:
    """The words of a reading, and what was spelled out as words of its own; neighbours also joined."""
    low = fold(text)
    plain = _WORD.findall(low)
    joined = ["".join(pair) for pair in pairwise(plain)]
    return tuple(dict.fromkeys((*plain, *joined, *(run.word for run in spelled(low)))))


def _scores(heard: Sequence[tuple[str, ...]], people: Sequence[PersonName]) -> npt.NDArray[np.float64]:
    """How well each person fits: half by one reading that has both names, half by the best reading of each name,
    for recognisers get first and last name right in different readings."""
    firsts = [fold(person.first or person.last) for person in people]
    lasts = [fold(person.last or person.first) for person in people]
    parts = {part: index for index, part in enumerate(dict.fromkeys((*firsts, *lasts)))}
    words = {word: index for index, word in enumerate(dict.fromkeys(word for reading in heard for word in reading))}
    alike = _alike(list(words), list(parts))
    best = np.stack(
        [_LATER**rank * alike[[words[word] for word in reading]].max(axis=0) for rank, reading in enumerate(heard)]
    )
    first, last = best[:, [parts[name] for name in firsts]], best[:, [parts[name] for name in lasts]]
    together = ((first + last) / 2).max(axis=0)
    apart = (first.max(axis=0) + last.max(axis=0)) / 2
    return np.asarray((together + apart) / 2, dtype=np.float64)


def _alike(ones: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.float64]:
    """How alike words are, written and spoken, 0 to 1: one row for each of `ones`."""
    written = cdist(ones, others, scorer=JaroWinkler.similarity)
    spoken = cdist([*map(_sound, ones)], [*map(_sound, others)], scorer=JaroWinkler.similarity)
    return np.asarray(_SPELLING * written + (1 - _SPELLING) * spoken, dtype=np.float64)


@lru_cache(maxsize=16384)
def _sound(word: str) -> str:
    """Roughly how an English speaker says it: words that sound alike look alike."""
    for pattern, sound in _RULES:
        word = pattern.sub(sound, word)
    return word
