"""Numbers, strings of digits and parties by table: "fünfundzwanzig", "null eins sieben doppel vier", "somos cinco"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from engine.languages.building import build
from engine.languages.sheet import Sheet, sheet_of
from engine.slots.grammar.lexicon import Line, lexicon, line_of
from engine.slots.grammar.matching import Found, either_of, finished, patterns_of, searched
from engine.slots.numerals import Keys
from engine.slots.numerals import key_strings as english
from engine.slots.registry import Context, Mention
from engine.slots.words import fold, span_of

_SURE: Final = 0.95
_NUMBER: Final = r"(?<![\w#])#(?:n\d+|f\d+[.,]\d+)\.?(?![\w#])"


@dataclass(frozen=True, slots=True)
class DigitWords:
    """The section `digits`: words that repeat the digit that follows, by how often, and those for a leading plus."""

    times: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    plus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeopleWords:
    """The section `people`. `counted` are templates over `{n}` that can only mean guests, `loosely` those that may mean
    something else; `fixed` are phrases for a number of people. A list of people is made of `me`, of `one` (nouns for
    one person), `pairs` (for two) and `many` (nouns that need a number), `own` words before them, `joins` between.
    `no_people` follows numbers that count something else."""

    counted: tuple[str, ...] = ()
    loosely: tuple[str, ...] = ()
    fixed: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    bare: tuple[str, ...] = ("{n}",)
    me: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    no_people: tuple[str, ...] = ()
    no_size: tuple[str, ...] = ()
    """Words before a bare number that is no party ("um acht")."""


class _Counts:
    """The patterns of one language."""

    def __init__(self, sheet: Sheet) -> None:
        codes = lexicon(sheet)
        digits = build(DigitWords, sheet.section("digits"), f"{sheet.file}: digits")
        self.times = {codes.plain(word): times for times, words in digits.times.items() for word in words}
        self.plus = {codes.plain(word) for word in digits.plus}
        self.point = {codes.plain(word) for word in codes.numbers.point}
        self.minus = {codes.plain(word) for word in codes.numbers.minus}
        words = build(PeopleWords, sheet.section("people"), f"{sheet.file}: people")
        self.stop = re.compile(rf"\s*(?:{either_of(codes, words.no_people)}|#m\d|#n[0-5]\d|#c)")
        self.counted = patterns_of(codes, words.counted)
        self.loosely = patterns_of(codes, words.loosely)
        self.fixed = tuple((count, patterns_of(codes, given)) for count, given in words.fixed.items())
        self.bare = patterns_of(codes, words.bare)
        self.no_size = re.compile(either_of(codes, words.no_size))
        me, own, one, pairs, many, joins = (
            either_of(codes, part) for part in (words.me, words.own, words.one, words.pairs, words.many, words.joins)
        )
        self.item = re.compile(
            rf"(?P<me>{me})|(?:(?P<own>{own})\s*)?(?:(?P<one>(?:#[na]1 )?{one})|(?P<pair>{pairs})"
            rf"|(?P<count>#n\d\d?) (?P<many>{many}|{one}))"
        )
        item = re.sub(r"\(\?P<\w+>", "(?:", self.item.pattern)
        self.uncounted = re.compile(rf"\s*,?\s*(?:(?:{joins})\s*)+(?:{own}\s*)?{many}")
        self.list = re.compile(rf"(?<![\w#])(?:{item})(?:\s*,?\s*(?:(?:{joins})\s*,?\s*)*(?:{item}))*")


@lru_cache(maxsize=32)
def counts_of(sheet: Sheet) -> _Counts:
    """The counts of a language, as patterns. Raises SettingsError for what is wrong in its file."""
    return _Counts(sheet)


def numbers(text: str, sheet: Sheet) -> list[Mention]:
    """Every cardinal number of an utterance, with its point and its sign."""
    line, words = line_of(text, sheet), counts_of(sheet)
    made: list[Mention] = []
    skip = 0
    for index, token in enumerate(line.tokens):
        if index < skip or not re.fullmatch(_NUMBER, token.code):
            continue
        value: int | float
        if token.code.startswith("#f"):
            value = float(token.code[2:].replace(",", "."))
        else:
            value = int(token.code[2:].rstrip("."))
        skip = index + 1
        if skip < len(line.tokens) and line.tokens[skip].code in words.point:
            tail = _digits_from(line, skip + 1)
            if tail:
                value, skip = float(f"{value}.{tail}"), skip + 1 + len(tail)
        first = index - (index > 0 and line.tokens[index - 1].code in words.minus)
        value = -value if first < index else value
        made.append(
            Mention((value,), span_of(text, line.tokens[first].start, line.tokens[skip - 1].end), 0.9, bare=True)
        )
    return finished(line, made, sheet)


def _digits_from(line: Line, index: int) -> str:
    """Single digits one after another, from a token on."""
    digits = ""
    for token in line.tokens[index:]:
        if not re.fullmatch(r"#n\d", token.code):
            break
        digits += token.code[2:]
    return digits


def key_strings(text: str, language: str) -> list[Keys]:
    """Every run of spoken or written digits, in the language of a tag such as `de-AT`."""
    other = sheet_of(language)
    return _keys(text, other) if other else english(fold(text))


def _keys(text: str, sheet: Sheet) -> list[Keys]:
    line, words = line_of(text, sheet), counts_of(sheet)
    found: list[Keys] = []
    digits, start, end, times = "", -1, -1, 1
    for token in line.tokens:
        code = token.code
        if re.fullmatch(r"#n\d+\.?", code):
            said = code[2:].rstrip(".")
            digits += said * times if len(said) == 1 else said
            start, end, times = (token.start if start < 0 else start), token.end, 1
        elif code in words.times:
            start, times = (token.start if start < 0 else start), words.times[code]
        elif (code == "+" or code in words.plus) and not digits:
            digits, start = "+", token.start
        elif code not in (",", "-", "/", "(", ")", ".") and start >= 0:
            found += _run(digits, start, end)
            digits, start, end, times = "", -1, -1, 1
    return found + _run(digits, start, end)


def _run(digits: str, start: int, end: int) -> list[Keys]:
    return [Keys(digits, start, end)] if digits.strip("+") else []


def parties(text: str, context: Context, sheet: Sheet) -> list[Mention]:
    """How many people come, as often as it is said; a bare number only where that was asked."""
    line, words = line_of(text, sheet), counts_of(sheet)
    made = finished(line, _explicit(line, words), sheet)
    if context.asked and not made:
        bare = (
            found.mention((found.number("n", "count"),), 0.9, bare=True)
            for found in searched(line, words.bare, words.stop)
            if found.number("n", "count") and not _led(line, found, words)
        )
        made = finished(line, bare, sheet)
    return made


def _explicit(line: Line, words: _Counts) -> Iterator[Mention]:
    for sure, patterns in ((_SURE, words.counted), (0.8, words.loosely)):
        for found in searched(line, patterns, words.stop):
            if found.number("n"):
                yield found.mention((found.number("n"),), sure)
    for count, patterns in words.fixed:
        yield from (found.mention((count,), _SURE) for found in searched(line, patterns))
    for match in words.list.finditer(line.codes):
        total, own, speaker, items = _summed(match[0], words)
        if items < 2 or words.uncounted.match(line.codes, match.end()):
            continue  # one person is no party, and nobody knows how many "my kids" are
        candidates = (total + 1, total) if own and not speaker else (total,)
        yield Found({}, *match.span(), line).mention(candidates, 0.7 if len(candidates) > 1 else _SURE)


def _summed(listed: str, words: _Counts) -> tuple[int, bool, bool, int]:
    """People of a list: how many, whether some belong to the speaker, whether the speaker is in it, and its length."""
    total, own, speaker, items = 0, False, False, 0
    for part in words.item.finditer(listed):
        items += 1
        own = own or bool(part["own"])
        speaker = speaker or bool(part["me"])
        total += int(part["count"][2:]) if part["count"] else 2 if part["pair"] else 1
    return total, own, speaker, items


def _led(line: Line, found: Found, words: _Counts) -> bool:
    """Whether a word before the number says that it is something else."""
    before = line.codes[: found.start].rstrip()
    return any(match.end() == len(before) for match in words.no_size.finditer(before))
