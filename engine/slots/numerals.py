"""Numbers as people say them: cardinals, ordinals, and strings of digits ("oh seven double nine")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from engine.slots.words import any_of

ONES: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
ZEROS: Final = ("zero", "nought", "naught", "nil")
SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_FIRSTS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
}  # fmt: skip
_TENTHS: Final = {
    "tenth": 10, "eleventh": 11, "twelfth": 12, "twelveth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
}  # fmt: skip
_ROUND: Final = {"twentieth": 20, "thirtieth": 30}

SMALL: Final = rf"(?:{any_of(TENS)}(?:[ -]{any_of(ONES)})?|{any_of([*TEENS, *ONES])})"
"""Matches one to ninety-nine in words."""
ORDINAL: Final = (
    rf"(?:\d{{1,2}} ?(?:st|nd|rd|th)|{any_of(['twenty', 'thirty'])}[ -]{any_of(_FIRSTS)}"
    rf"|{any_of([*_TENTHS, *_ROUND, *_FIRSTS])})"
)
"""Matches an ordinal up to thirty-ninth, in words or as "21st"."""

_WORD_VALUE: Final = {**ONES, **TEENS, **TENS, **dict.fromkeys(ZEROS, 0)}
_ORDINAL_VALUE: Final = {**_FIRSTS, **_TENTHS, **_ROUND}
_NUMBER_WORD: Final = any_of([*_WORD_VALUE, *SCALES])
_MARKS: Final = r"(?<![\w.,'])"
_NUMBER: Final = re.compile(
    rf"(?P<minus>(?<!\w)(?:minus|negative)\s+|(?<![\w)])-)?"
    rf"(?:(?P<digits>{_MARKS}\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?"
    rf"|(?<![\w,])\d*\.?\d+)(?P<scaled>(?:\s+{any_of(SCALES)}\b)*)(?!\w)"
    rf"|(?<!\w)(?P<words>(?:an?\s+(?={any_of(SCALES)}))?{_NUMBER_WORD}(?:(?:\s+and\s+|\s*-\s*"
    rf"|\s+){_NUMBER_WORD})*)(?!\w)"
    rf"(?P<point>\s+point(?:\s+(?:{any_of([*ONES, *ZEROS])}|oh?|\d))+(?!\w))?)"
)
_DOZEN: Final = re.compile(
    rf"(?<!\w)(?:(?P<half>half an?)|(?P<count>an?|{SMALL}|\d+))\s+dozens?(?!\w)"
    r"|(?<!\w)an?\s+(?P<pair>couple|pair)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands."""

    value: int | float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Keys:
    """A string of digits somebody said one by one or in groups, and where it stands."""

    digits: str
    start: int
    end: int


def small(words: str) -> int | None:
    """The value of `SMALL`, of digits, or of a word for nought; None for anything else."""
    words = words.strip()
    if words.isascii() and words.isdigit():
        return int(words)
    parts = re.split(r"[ -]+", words)
    if any(part not in _WORD_VALUE for part in parts):
        return None
    return sum(_WORD_VALUE[part] for part in parts)


def ordinal(words: str) -> int | None:
    """The value of `ORDINAL`; None for anything else."""
    if found := re.fullmatch(r"(\d{1,2}) ?(?:st|nd|rd|th)", words):
        return int(found[1])
    parts = re.split(r"[ -]+", words.strip())
    if parts[-1] not in _ORDINAL_VALUE or any(part not in TENS for part in parts[:-1]):
        return None
    return _ORDINAL_VALUE[parts[-1]] + sum(TENS[part] for part in parts[:-1])


def numbers(low: str) -> list[Number]:
    """Every cardinal number of a folded text, left to right ("two hundred and five", "3.5", "half a dozen")."""
    found = [Number(_dozen(match), *match.span()) for match in _DOZEN.finditer(low)]
    for match in _NUMBER.finditer(low):
        if any(match.start() < other.end and other.start < match.end() for other in found):
            continue
        found += _cardinals(match)
    return sorted(found, key=lambda number: number.start)


_COUNTED: Final = re.compile(
    r"[ -]?(?:people|persons?|of us|of them|guests|adults?|kids|child(?:ren)?|babies|friends|minutes?|hours?|days?"
    r"|nights?|weeks?|months?|years?|or so|o'? ?clock|[ap]\.? ?m\b|ish\b|per ?cent|%|times\b|th\b|st\b|nd\b|rd\b"
    r"|past|to \w+|[:/.]\d"
    r"|(?:of )?(?:january|february|march|april|may|june|july|august|september|october|november|december)\b)"
)
_CLOCK_BEFORE: Final = re.compile(r"(?:\d[:./]|\bat |past |quarter to |half |\bthe )$")


def lone(low: str) -> list[Number]:
    """Cardinal numbers that stand by themselves: those of a string of numbers ("nine nine nine"), of times and of days
    are left out, and those that count people or the like."""
    found = numbers(low)
    strung = {
        number for pair in pairwise(found) if not low[pair[0].end : pair[1].start].strip(" ,-") for number in pair
    }
    return [
        number
        for number in found
        if number not in strung
        and not _COUNTED.match(low, number.end)
        and not _CLOCK_BEFORE.search(low[: number.start])
    ]


def _dozen(match: re.Match[str]) -> int:
    if match["pair"]:
        return 2
    if match["half"]:
        return 6
    return 12 * (1 if match["count"] in ("a", "an") else small(match["count"]) or 0)


def _cardinals(match: re.Match[str]) -> list[Number]:
    sign = -1 if match["minus"] else 1
    if match["digits"]:
        text = match["digits"].replace(",", "")
        value: int | float = float(text) if "." in text else int(text)
        for word in match["scaled"].split():
            value *= SCALES[word]
        return [Number(sign * value, *match.span())]
    words = list(re.finditer(r"[a-z]+", match["words"]))
    runs = _runs([word[0] for word in words])
    offset = match.start("words")
    made = []
    for first, last, whole in runs:
        made.append(Number(sign * whole, offset + words[first].start(), offset + words[last].end()))
    if match["minus"] and made:
        made[0] = Number(made[0].value, match.start(), made[0].end)
    if match["point"] and made:
        tail = _digits_of(match["point"].split()[1:])
        made[-1] = Number(made[-1].value + sign * float(f"0.{tail}"), made[-1].start, match.end())
    return made


def _digits_of(words: list[str]) -> str:
    return "".join(word if word.isdigit() else str(_WORD_VALUE.get(word, 0)) for word in words)


def _runs(words: list[str]) -> list[tuple[int, int, int]]:
    """Whole numbers as (first word, last word, value): "seven thirty" is two, "one hundred and six" one."""
    runs: list[tuple[int, int, int]] = []
    first, last = 0, -1
    total = group = 0
    room = 0
    for index, word in enumerate(words):
        if word in ("and", "a", "an"):
            continue
        value = _WORD_VALUE.get(word, SCALES.get(word, 0))
        joined = last >= 0 and (word in SCALES or value < room) and (value > 0) and not _loose_and(words, index, room)
        if last >= 0 and not joined:
            runs.append((first, last, total + group))
            total = group = 0
            first = index
        elif last < 0:
            first = index if index == 0 or words[index - 1] not in ("a", "an") else index - 1
        if word == "hundred":
            group = max(group, 1) * 100
            room = 100
        elif word in SCALES:
            total += max(group, 1) * value
            group, room = 0, 1000
        else:
            group += value
            room = 10 if word in TENS else 0
        last = index
    if last >= 0:
        runs.append((first, last, total + group))
    return runs


def _loose_and(words: list[str], index: int, room: int) -> bool:
    """Whether an "and" before this word parts two numbers ("two and three"); after a hundred it joins them."""
    return index > 0 and words[index - 1] == "and" and room < 100


_KEY: Final = {
    **{word: str(value) for word, value in {**ONES, **TEENS, **TENS}.items()},
    **dict.fromkeys([*ZEROS, "o", "oh", "ow"], "0"),
}
_REPEAT: Final = {"double": 2, "triple": 3, "treble": 3}
_KEY_WORD: Final = any_of([*_KEY, *_REPEAT, "hundred", "thousand"])
_KEYS: Final = re.compile(
    rf"(?:\+\s*|(?<!\w)plus\s+)?(?:\(?(?<!\w)(?:{_KEY_WORD}"
    rf"|\d+)(?!\w)\)?)(?:[\s,.()/-]*(?:\band\b\s*)?\(?(?<!\w)(?:{_KEY_WORD}|\d+)(?!\w)\)?)*"
)
_KEY_TOKEN: Final = re.compile(r"\d+|[a-z]+|\+")


def key_strings(low: str) -> list[Keys]:
    """Every run of spoken or written digits: "oh seven double nine", "07799", "twenty three forty five"."""
    found = []
    for match in _KEYS.finditer(low):
        digits = _spell(_KEY_TOKEN.findall(match[0]))
        if digits.strip("+"):
            found.append(Keys(digits, *match.span()))
    return found


def _spell(tokens: list[str]) -> str:
    out = ""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if token in ("+", "plus"):
            out += "+" if not out else ""
        elif token in _REPEAT:
            digit = following if len(following) == 1 and following.isdigit() else _KEY.get(following, "")
            out += digit * _REPEAT[token]
            index += 1
        elif token in ("hundred", "thousand"):
            out += "00" if token == "hundred" else "000"
        elif token in TENS and following in ONES:
            out += str(TENS[token] + ONES[following])
            index += 1
        elif token in TENS and len(following) == 1 and following.isdigit() and following != "0":
            out += str(TENS[token] + int(following))
            index += 1
        else:
            out += token if token.isdigit() else _KEY.get(token, "")
        index += 1
    return out
