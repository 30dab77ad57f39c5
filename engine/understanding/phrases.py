"""The example phrases of a flow as templates: `[optional words]`, `(one|or another)` and `{slot}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from engine.acts import Span
from engine.slots.words import fold
from engine.understanding.language import Words

_MOST: Final = 48
_PIECE: Final = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)|(\{\w+\})|([^\[\](){}]+)")
_WORD: Final = re.compile(r"\{\w+\}|[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in its plain form, and where it stands."""

    plain: str
    start: int
    end: int


_SLOT: Final = re.compile(r"\{(\w+)\}")
_GONE: Final = Token("", 0, 0)


@dataclass(frozen=True, slots=True)
class Template:
    """One wording of a phrase: plain words, slots as `{type}`."""

    name: str
    words: tuple[str, ...]
    weight: int
    """How many of its words mean something."""


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    span: Span
    confidence: float


def expand(phrase: str) -> list[str]:
    """Every wording of a phrase, at most 48."""
    parts: list[tuple[str, ...]] = []
    for optional, either, slot, plain in _PIECE.findall(phrase):
        if optional:
            parts.append((f" {optional} ", " "))
        elif either:
            parts.append(tuple(f" {words} " for words in either.split("|")))
        else:
            parts.append((slot or plain,))
    made = []
    for choice in product(*parts):
        made.append(" ".join("".join(choice).split()))
        if len(made) == _MOST:
            break
    return made


def plain_words(text: str, words: Words, marks: Sequence[tuple[str, Span]] = (), fillers: bool = False) -> list[Token]:
    """The words of a text in plain form, without fillers unless wanted; stretches in `marks` become `{type}`."""
    dropped = words.hesitations if fillers else words.fillers
    low = fold(text)
    tokens: list[Token] = []
    inside = sorted(marks, key=lambda mark: mark[1].start)
    at = 0
    for kind, span in inside:
        if span.start >= at:
            tokens += _plain(low, at, span.start, words, dropped)
            if tokens and tokens[-1].plain in words.articles:
                tokens.pop()  # "I need a {service}" is "I need {service}"
            tokens.append(Token(f"{{{kind}}}", span.start, span.end))
            at = span.end
    return _joined(tokens + _plain(low, at, len(low), words, dropped), words)


def _joined(tokens: Sequence[Token], words: Words) -> list[Token]:
    """Verbs of two words as one, also with something between them ("call off my table", "call it off")."""
    left = list(tokens)
    for index, token in enumerate(tokens):
        for after in range(index + 1, min(index + 5, len(tokens))):
            if meaning := words.phrasal.get((token.plain, tokens[after].plain)):
                left[index] = Token(_bare(meaning), token.start, tokens[after].end if after == index + 1 else token.end)
                left[after] = _GONE
                break
    return [token for token in left if token is not _GONE]


def _plain(low: str, start: int, end: int, words: Words, dropped: frozenset[str]) -> list[Token]:
    made = []
    for found in _WORD.finditer(low, start, end):
        for word in words.contractions.get(found[0], found[0]).split():
            if word not in dropped:
                made.append(Token(stem(word, words), found.start(), found.end()))
    return made


def stem(word: str, words: Words) -> str:
    """The word without its ending, or the word that means the same here."""
    if word.startswith("{") or word in words.light:
        return word
    if word in words.same:
        return _bare(words.same[word])
    for ending, instead in words.endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            base = word[: len(word) - len(ending)] + instead
            base = base[:-1] if len(base) > 4 and base[-1] == base[-2] and base[-1] not in "lse" else base
            return _bare(words.same.get(base, words.same.get(base + "e", base)))
    return _bare(word)


def _bare(word: str) -> str:
    return word.removesuffix("e") if len(word) > 4 else word


def typed(phrase: str, types: Mapping[str, str]) -> str:
    """The phrase with the type of each slot in place of its name, so that values of a type stand for each other."""
    return _SLOT.sub(lambda slot: f"{{{types.get(slot[1], slot[1])}}}", phrase)


def templates(names: Mapping[str, Sequence[str]], words: Words) -> list[Template]:
    """All templates of the phrases of each name."""
    made: dict[tuple[str, tuple[str, ...]], Template] = {}
    for name, phrases in names.items():
        for phrase in phrases:
            for wording in expand(phrase):
                plain = tuple(token.plain for token in plain_words(wording, words))
                weight = sum(word not in words.light for word in plain)
                if plain:
                    made[name, plain] = Template(name, plain, weight)
    return list(made.values())


def matches(text: str, tokens: Sequence[Token], known: Sequence[Template], words: Words) -> Iterator[Hit]:
    """Templates whose words stand in the utterance one after the other; short ones only where nothing else does."""
    plain = tuple(token.plain for token in tokens)
    content = sum(word not in words.light and not word.startswith("{") for word in plain)
    for template in known:
        length = len(template.words)
        solid = template.weight >= 2 or (template.weight >= 1 and (content <= template.weight or length >= 3))
        if not solid and plain != template.words:
            continue
        for first in range(len(plain) - length + 1):
            if plain[first : first + length] == template.words:
                start, end = tokens[first].start, tokens[first + length - 1].end
                yield Hit(template.name, Span(text[start:end], start, end), 0.95)
                break
