"""Postcodes, by the pattern of a country: "S W one A, one double A", "one oh one one five", "S for sugar, O one"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.effects import Keypad
from engine.slots.numerals import numbers
from engine.slots.post_codes import COUNTRIES, written
from engine.slots.registry import Context, Mention, register
from engine.slots.spoken_signs import LETTER_NAMES, Sign, Token, is_digit, read_sign, tokens
from engine.slots.words import fold, longest, span_of

_CUE: Final = re.compile(r"\b(?:post ?-?code|postal code|zip(?: code)?|eir ?code|plz)\b")
_LARGE: Final = re.compile(r"\bthousand\b")
_JOINTS: Final = frozenset({",", "-", ".", "then", "and", "space", "dash", "hyphen"})
_CODE: Final = re.compile(r"[a-z]{0,3}\d[a-z\d]{0,6}|[a-z]{2}")
_WORDS: Final = frozenset(
    """
    am an as at be by do go he hi if in is it me my no of oh ok on or so to um up us we
    """.split()  # noqa: SIM905
)
"""Words of two letters that are no part of a code."""
_NO_CODES: Final = _WORDS | LETTER_NAMES.keys()
_LOOK_ALIKES: Final = frozenset("bcdegptvzmnfsajk")
"""Letters that telephones make sound alike, so that one of them alone is never sure."""


class PostcodeType:
    """A postcode; values are text as the country writes it ("SW1A 1AA"). `options`: `country`, two letters, GB unless
    given."""

    name = "postcode"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        country = country_of(context.options)
        if not (context.asked or _CUE.search(low) or not COUNTRIES[country].digits):
            return ()
        if COUNTRIES[country].digits and _LARGE.search(low):
            return longest(_as_number(text, low, country))
        return longest(_codes(text, low, country, context.asked))

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        known = COUNTRIES[country_of(options)]
        if not known.digits:
            return None
        return Keypad(longest=max(known.lengths), shortest=min(known.lengths), pause=3.0)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """The figures of a code; nothing for countries whose codes have letters."""
        country = country_of(context.options)
        if not COUNTRIES[country].digits or not (keys.isascii() and keys.isdigit()):
            return ()
        code = written(keys, country)
        return (code,) if code else ()

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        signs = re.sub(r"[ -]", "", data).upper() if isinstance(data, str) else ""
        if not re.fullmatch(r"[A-Z0-9]{4,9}", signs) or not any(written(signs, country) for country in COUNTRIES):
            raise ValueError(f"{data!r} is no postcode")
        return data.upper()


def country_of(options: Mapping[str, Any]) -> str:
    """Whose postcodes are meant; GB also where the country is none that we know, which `check` finds."""
    country = str(options.get("country", "GB"))
    return country if country in COUNTRIES else "GB"


def _codes(text: str, low: str, country: str, asked: bool) -> Iterator[Mention]:
    """Codes in each run of letters and figures; a run may hold more than a code, but not more than one of figures."""
    known = COUNTRIES[country]
    for run in _runs(low):
        for first in range(len(run)):
            for part in _parts(run[first : first + max(known.lengths)], known.lengths):
                whole = len(part) == len(run)
                code = written("".join(sign.signs for sign in part), country) if whole or not known.digits else None
                if code:
                    yield Mention((code,), span_of(text, part[0].start, part[-1].end), _confidence(part, whole, asked))


def _parts(signs: Sequence[Sign], lengths: Sequence[int]) -> Iterator[Sequence[Sign]]:
    """What a run begins with that is as long as a code."""
    length = 0
    for last, sign in enumerate(signs, 1):
        length += len(sign.signs)
        if length in lengths:
            yield signs[:last]


def _confidence(signs: Sequence[Sign], whole: bool, asked: bool) -> float:
    if any(sign.letter and not sign.sure and sign.signs[0] in _LOOK_ALIKES for sign in signs):
        return 0.8
    return (0.95 if asked else 0.9) if whole else 0.8


def _runs(low: str) -> Iterator[list[Sign]]:
    words, run, at = tokens(low), list[Sign](), 0
    while at < len(words):
        read = _sign(words, at, bool(run))
        if read is not None:
            run.append(read[0])
            at += read[1]
            continue
        if not (run and words[at].text in _JOINTS):
            if run:
                yield run
            run = []
        at += 1
    if run:
        yield run


def _sign(words: list[Token], at: int, inside: bool) -> tuple[Sign, int] | None:
    """The sign at a token. Words that are letters by their sound ("you") and written parts ("sw") count inside a code,
    or where another sign follows."""
    word = words[at].text
    following = words[at + 1].text if at + 1 < len(words) else ""
    beside = inside or len(following) == 1 or is_digit(following) or any(sign.isdigit() for sign in following)
    figures = any(sign.isdigit() for sign in word)
    if _CODE.fullmatch(word) and not word.isdigit() and (figures or (beside and word not in _NO_CODES)):
        lone = None if figures else read_sign(words, at, names=False)
        return lone or (Sign(word, words[at].start, words[at].end), 1)
    return read_sign(words, at, names=beside)


def _as_number(text: str, low: str, country: str) -> Iterator[Mention]:
    """ "Eighty thousand three hundred and thirty-one"."""
    for number in numbers(low):
        signs = str(number.value)
        if " " in low[number.start : number.end] and len(signs) in COUNTRIES[country].lengths:
            code = written(signs, country)
            if code:
                yield Mention((code,), span_of(text, number.start, number.end), 0.9)


register(PostcodeType())
