"""Names of people by table: what introduces them, words that are none, and letters spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from engine.acts import PersonName
from engine.languages.building import build
from engine.languages.sheet import Sheet
from engine.languages.template import any_phrase
from engine.slots.registry import Context, Mention
from engine.slots.words import fold, span_of

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_SINGLE: Final = re.compile(r"[^\W\d_]+")
_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class NameWords:
    """The section `names`. `leads` introduce a whole name, `first` and `last` a part of it, `weak` leads introduce one
    only where it is written large or was asked for. `around` are words that may stand around a name that is said alone;
    `no_names` never begin or end one. `last_names` says how many last names people mostly have,
    and `capitals` whether names alone are written large. Letters may be said by
    `letters` (their names), with one of `like` between a letter and a word for it, or by words of an `alphabet`;
    `times` repeat the letter that follows."""

    leads: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    titles: frozenset[str] = frozenset()
    particles: frozenset[str] = frozenset()
    no_names: frozenset[str] = frozenset()
    last_names: int = 1
    capitals: bool = True
    like: tuple[str, ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    alphabet: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    low: str
    start: int
    end: int


class _Names:
    """The patterns of one language."""

    def __init__(self, sheet: Sheet) -> None:
        self.words = build(NameWords, sheet.section("names"), f"{sheet.file}: names")
        w = self.words
        self.leads = tuple(
            (kind, any_phrase(given), sure)
            for kind, given, sure in (
                ("first", w.first, 0.95),
                ("last", w.last, 0.95),
                ("full", w.leads, 0.95),
                ("weak", w.weak, 0.9),
            )
            if given
        )
        self.around = any_phrase(w.around)
        self.times = {word: times for times, words in w.times.items() for word in words}
        self.no_names = w.no_names | w.titles


@lru_cache(maxsize=32)
def names_of(sheet: Sheet) -> _Names:
    """The names of a language, as patterns. Raises SettingsError for what is wrong in its file."""
    return _Names(sheet)


def names(text: str, context: Context, sheet: Sheet) -> list[Mention]:
    """The name in an utterance, introduced, spelled out, or alone where it was asked for; at most one."""
    known = names_of(sheet)
    words = [_Word(found[0], fold(found[0]), *found.span()) for found in _TOKEN.finditer(text)]
    found = next(_introduced(text, words, known, context.asked), None)
    letters = _letters([_Word(one[0], fold(one[0]), *one.span()) for one in _SINGLE.finditer(text)], known)
    if letters and (context.asked or found):
        word, start, end = letters
        said = found.candidates[0] if found else _before(text, words, start, known)
        begin = min(start, found.span.start) if found else start
        if isinstance(said, PersonName) and said.first and said.last.lower() != word:
            made = PersonName(said.first, word.capitalize()) if said.last else _one_of(said.first, word)
        else:
            made = PersonName(first=word.capitalize())
        return [Mention((made,), span_of(text, begin, end), 0.8)]
    if found:
        return [found]
    return list(_alone(text, words, known)) if context.asked else []


def _one_of(said: str, letters: str) -> PersonName:
    """A name of one word that was said and spelled: the letters stand in for it, unless they spell another."""
    same = said[:1].lower() == letters[:1]
    return PersonName(first=letters.capitalize()) if same else PersonName(said, letters.capitalize())


def _introduced(text: str, words: Sequence[_Word], known: _Names, asked: bool) -> Iterator[Mention]:
    low = fold(text)
    for kind, pattern, sure in known.leads:
        for lead in pattern.finditer(low):
            after = [word for word in words if word.start >= lead.end()]
            taken = _taken(text, lead.end(), after, known)
            large = known.words.capitals and all(word.text[0].isupper() for word in taken)
            if kind == "weak" and not (asked or large):
                continue
            if taken:
                value = _made(taken, kind, known, _titled(after, taken, known))
                yield Mention((value,), span_of(text, taken[0].start, taken[-1].end), sure)


def _taken(text: str, at: int, words: Sequence[_Word], known: _Names) -> list[_Word]:
    """The words that may be a name, up to the first that cannot, or to a comma."""
    taken: list[_Word] = []
    for word in words:
        if text[at : word.start].strip() not in ("", ",") or (taken and text[at : word.start].strip()):
            break
        plain = word.low.rstrip(".")
        at = word.end
        if not taken and plain in known.words.titles:
            continue
        particle = plain in known.words.particles
        if (plain in known.no_names and not (particle and taken)) or (len(plain) == 1 and not particle):
            break
        if taken and taken[0].text[0].isupper() and not word.text[0].isupper() and not particle:
            break
        taken.append(word)
        if len(taken) == _MOST or word.text.endswith("."):
            break
    while taken and taken[-1].low in known.words.particles:
        taken.pop()
    return taken


def _titled(words: Sequence[_Word], taken: Sequence[_Word], known: _Names) -> bool:
    return bool(words and words[0].low.rstrip(".") in known.words.titles and words[0] is not taken[0])


def _made(taken: Sequence[_Word], kind: str, known: _Names, titled: bool) -> PersonName:
    said = [_written(word.text.rstrip("."), word.low in known.words.particles) for word in taken]
    if kind == "last" or (titled and len(said) == 1):
        return PersonName(last=" ".join(said))
    if kind == "first":
        return PersonName(first=" ".join(said))
    if len(said) == 1:
        return PersonName(first=said[0])
    particle = next((at for at, word in enumerate(taken) if at and word.low in known.words.particles), len(said))
    cut = max(1, min(particle, len(said) - min(known.words.last_names, len(said) - 1)))
    return PersonName(" ".join(said[:cut]), " ".join(said[cut:]))


def _written(word: str, particle: bool) -> str:
    """A name as it is written: as heard when it has capitals, else with one."""
    if particle or (word != word.lower() and word != word.upper()):
        return word
    return re.sub(r"(?:^|(?<=[-'’]))\w", lambda first: first[0].upper(), word.lower())


def _alone(text: str, words: Sequence[_Word], known: _Names) -> Iterator[Mention]:
    """A name and nothing else but courtesy."""
    low = fold(text)
    covered = [found.span() for found in known.around.finditer(low)]
    left = [word for word in words if not any(start <= word.start and word.end <= end for start, end in covered)]
    if not left or re.search(r"\d", text):
        return
    titles = [word for word in left if word.low.rstrip(".") in known.words.titles]
    taken = _taken(text, left[0].start, left, known)
    if taken and len(taken) + len(titles) == len(left):
        value = _made(taken, "full", known, bool(titles))
        yield Mention((value,), span_of(text, taken[0].start, taken[-1].end), 0.9, bare=True)


def _before(text: str, words: Sequence[_Word], end: int, known: _Names) -> object:
    """The name that was said before it was spelled, or None."""
    head = text[:end]
    said = [word for word in words if word.end <= end]
    return next((mention.candidates[0] for mention in _alone(head, said, known)), None)


def _letters(words: Sequence[_Word], known: _Names) -> tuple[str, int, int] | None:
    """The longest run of at least two letters, with where it stands."""
    best: tuple[str, int, int] | None = None
    at = 0
    while at < len(words):
        made, end = _run(words, at, known)
        if len(made) >= 2 and (best is None or len(made) > len(best[0])):
            best = made, words[at].start, words[end - 1].end
        at = max(end, at + 1)
    return best


def _run(words: Sequence[_Word], at: int, known: _Names) -> tuple[str, int]:
    """Letters from a word on, and the place behind them; "M wie Martha" is one letter."""
    made, times = "", 1
    while at < len(words):
        plain = words[at].low.rstrip(".")
        letter = plain if len(plain) == 1 else known.words.letters.get(plain) or known.words.alphabet.get(plain)
        if plain in known.times:
            times, at = known.times[plain], at + 1
        elif letter is None:
            break
        else:
            made, times, at = made + letter * times, 1, at + 1
            if at + 1 < len(words) and words[at].low in known.words.like and len(words[at + 1].low) > 1:
                at += 2
    return made, at
