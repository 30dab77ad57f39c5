"""An utterance as codes: numbers, months and weekdays become signs such as `#n25`, so that templates are short.

`#n` is a number, `#a` a word that may be an article or one, `#o` an ordinal, `#m` a month, `#w` a weekday, `#c` a clock
time and `#d` a date in figures, `#f` a figure with a point or comma in it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from engine.acts import Span
from engine.languages.building import build
from engine.languages.counting import Counting, Piece, counting, number_at, ordinal_at
from engine.languages.sheet import Sheet
from engine.languages.template import compiled
from engine.slots.words import fold

_TOKEN: Final = re.compile(
    r"(?P<clock>(?<![0-9])(?:[01]?[0-9]|2[0-4])[:h][0-5][0-9](?![0-9]))"
    r"|(?P<date>(?<![0-9])(?:[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2}(?![0-9]))?"
    r"|[0-9]{1,2}/[0-9]{1,2}(?:/(?:[0-9]{4}|[0-9]{2}))?|[0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9]))"
    r"|(?P<figure>(?<![0-9])[0-9]+[.,][0-9]+(?![0-9]))|(?P<digits>[0-9]+(?:\.(?=\s+\w|$|\s*[)!?]))?)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)|(?P<sign>[^\w\s])"
)
_LONGEST_PIECE: Final = 40


@dataclass(frozen=True, slots=True)
class Names:
    """The sections' words that stand for a number of their own: months (1 to 12) and weekdays (0 is Monday). `tails`
    are parts of the day that are written onto a weekday ("Samstagabend")."""

    months: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    weekdays: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    tails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A code and the stretch of the text that it stands for."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """An utterance as codes with single blanks between them; `starts` are the places where the codes begin."""

    text: str
    codes: str
    starts: tuple[int, ...]
    tokens: tuple[Token, ...]

    def span(self, start: int, end: int) -> Span:
        """The words of the caller for a stretch of `codes`, without signs at its edges."""
        inside = list(self.tokens[self.index(start) : self.index(max(start, end - 1)) + 1])
        while len(inside) > 1 and inside[-1].code in ",.;:!?":
            inside.pop()
        while len(inside) > 1 and inside[0].code in ",.;:!?":
            inside.pop(0)
        first, last = inside[0].start, inside[-1].end
        last -= self.text[last - 1] == "." and last - first > 1
        return Span(self.text[first:last], first, last)

    def index(self, place: int) -> int:
        """The number of the token at a place of `codes`."""
        return max(0, bisect_right(self.starts, place) - 1)


class Lexicon:
    """Turns utterances and templates of one language into codes."""

    def __init__(self, sheet: Sheet) -> None:
        self.numbers = counting(sheet)
        dates = {key: value for key, value in sheet.section("dates").items() if key in ("months", "weekdays", "tails")}
        names = build(Names, dates, f"{sheet.file}: dates")
        self._codes = {self.plain(word): f"#m{value}" for value, words in names.months.items() for word in words}
        self._codes |= {self.plain(word): f"#w{value}" for value, words in names.weekdays.items() for word in words}
        self._tails = tuple(self.plain(word) for word in names.tails)
        self._pieces = _pieces(self.numbers, self.plain)
        self._by_length = tuple(sorted(self._pieces.items(), key=lambda entry: -len(entry[0])))

    def plain(self, word: str) -> str:
        """A word without accents, in lower case, and with letters that can be written in two ways in one of them."""
        low = unicodedata.normalize("NFD", word.lower())
        low = "".join(sign for sign in low if not unicodedata.combining(sign))
        for written, instead in self.numbers.letters.items():
            low = low.replace(written, instead)
        return low

    def line(self, text: str) -> Line:
        """The utterance as codes."""
        tokens = list(self._tokens(text))
        starts, at = [], 0
        for token in tokens:
            starts.append(at)
            at += len(token.code) + 1
        return Line(text, " ".join(token.code for token in tokens), tuple(starts), tuple(tokens))

    def template(self, template: str, terminals: Mapping[str, str]) -> re.Pattern[str]:
        """The pattern of a template for the codes of a line."""
        return compiled(template, terminals, self._code_of)

    def _code_of(self, word: str) -> str:
        return r" ?".join(re.escape(token.code) for token in self._tokens(word))

    def _tokens(self, text: str) -> Iterator[Token]:
        held: list[Token] = []
        for found in _TOKEN.finditer(fold(text)):
            if found.lastgroup == "word":
                held.append(Token(self.plain(found[0]), *found.span()))
                continue
            yield from self._worded(held)
            held = []
            yield Token(_figures(found), *found.span())
        yield from self._worded(held)

    def _worded(self, words: Sequence[Token]) -> Iterator[Token]:
        """Words one after another, those that count or name a day as codes."""
        at = 0
        while at < len(words):
            run = self._run(words, at)
            number = number_at(run, 0, self.numbers) if run else None
            ordinal = ordinal_at(run, 0) if run else None
            if ordinal and (number is None or ordinal[1] >= number[1]) and _whole(run, ordinal[1]):
                end = run[ordinal[1] - 1].word + 1
                yield Token(f"#o{ordinal[0]}", words[at].start, words[end - 1].end)
            elif number and _whole(run, number[1]):
                end = run[number[1] - 1].word + 1
                sign = "a" if number[1] == 1 and run[0].kind == "article" else "n"
                yield Token(f"#{sign}{number[0]}", words[at].start, words[end - 1].end)
            else:
                end = at + 1
                yield from self._named(words[at])
            at = end

    def _named(self, word: Token) -> Iterator[Token]:
        code = self._codes.get(word.code)
        if code:
            yield Token(code, word.start, word.end)
            return
        for tail in self._tails:
            head = word.code.removesuffix(tail)
            if head != word.code and head in self._codes and word.end - word.start == len(word.code):
                cut = word.start + len(head)
                yield Token(self._codes[head], word.start, cut)
                yield Token(tail, cut, word.end)
                return
        yield word

    def _run(self, words: Sequence[Token], at: int) -> list[Piece]:
        """The parts of numbers from a word on, as far as words are such parts."""
        run: list[Piece] = []
        index = at
        while index < len(words) and len(run) < _LONGEST_PIECE:
            pieces = self._split(words[index].code)
            if not pieces or (index == at and pieces[0].kind == "link"):
                break
            run += [Piece(piece.kind, piece.value, index) for piece in pieces]
            index += 1
        return run

    def _split(self, word: str) -> tuple[Piece, ...]:
        """The parts of numbers that a word is made of; none when it is another word."""
        if word in self._pieces:
            return (self._pieces[word],)
        if not self.numbers.joined or len(word) > _LONGEST_PIECE:
            return ()
        return _parted(word, self._by_length)


def _parted(word: str, known: Sequence[tuple[str, Piece]]) -> tuple[Piece, ...]:
    """The parts of a joined word; none when something is left. Every ending is tried once."""
    ways: dict[int, tuple[Piece, ...]] = {0: ()}
    for at in range(len(word)):
        if at in ways:
            for part, piece in known:
                if word.startswith(part, at):
                    ways.setdefault(at + len(part), (*ways[at], piece))
    return ways.get(len(word), ())


def _whole(run: Sequence[Piece], end: int) -> bool:
    """Whether a number ends with a word and not inside one."""
    return end == len(run) or run[end].word != run[end - 1].word


def _pieces(numbers: Counting, plain: Callable[[str], str]) -> dict[str, Piece]:
    """Every part that a number may be made of."""
    made: dict[str, Piece] = {}
    tables = {"unit": numbers.units, "own": numbers.own, "ten": numbers.tens, "hundreds": numbers.hundreds}
    for kind, table in tables.items():
        made |= {plain(word): Piece(kind, value) for value, words in table.items() for word in words}
    for kind, value, words in (
        ("zero", 0, numbers.zero),
        ("hundred", 100, numbers.hundred),
        ("thousand", 1000, numbers.thousand),
        ("link", 0, numbers.links),
        ("article", 1, numbers.articles),
    ):
        made |= {plain(word): Piece(kind, value) for word in words}
    for value, firsts in numbers.ordinals.items():
        made |= {plain(word + ending): Piece("ordinal", value) for word in firsts for ending in numbers.endings}
    return made


def _figures(found: re.Match[str]) -> str:
    kind, text = found.lastgroup, found[0]
    if kind == "clock":
        return "#c" + text.replace("h", ":")
    if kind == "date":
        return "#d" + text
    if kind == "figure":
        return "#f" + text
    return f"#n{text}" if kind == "digits" else text


@lru_cache(maxsize=32)
def lexicon(sheet: Sheet) -> Lexicon:
    """The lexicon of a language. Raises SettingsError for sections that are wrong."""
    return Lexicon(sheet)


@lru_cache(maxsize=64)
def line_of(text: str, sheet: Sheet) -> Line:
    """An utterance as codes; several slot types read the same one."""
    return lexicon(sheet).line(text)
