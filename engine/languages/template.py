"""Ways of saying something as templates: `[optional]`, `(one|or another)`, `{slot}`, and words.

`~` stands where the value begins, `$` where nothing more may follow, `-(word|word)` for words that may not follow,
`...` for up to three words, and a word that ends with `!` must have its accents. Compiled templates match whole words,
with any commas between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from engine.errors import SettingsError

_PIECE: Final = re.compile(r"\.\.\.|-\(|[\[\]()|~$]|\{\w+\}|[^\s\[\](){}|~$]+")
_GAP: Final = r"[\s,]*"
_START: Final = r"(?<![\w#'])(?=[\w#])"
_END: Final = r"(?![\w#])"
_STOP: Final = r"(?=[\s,.!?]*$)"
_ANYTHING: Final = rf"(?:{_GAP}[\w'#]+{_END}){{0,3}}?"
_OPEN: Final = {"[": "]", "(": ")", "-(": ")"}

Words = Callable[[str], str]
"""From a plain word of a template to the pattern that matches it."""


def compiled(template: str, terminals: Mapping[str, str], words: Words) -> re.Pattern[str]:
    """The pattern of one template. `terminals` are the patterns of its `{slots}`, each named by its slot. Raises
    SettingsError for brackets that do not pair, and for a slot that is unknown or stands twice."""
    try:
        return re.compile(_START + _body(template, terminals, words))
    except re.error as error:
        raise SettingsError(f"the template {template!r} cannot be used: {error}") from error


def any_phrase(templates: Iterable[str]) -> re.Pattern[str]:
    """A pattern for folded text that matches any of `templates`; nothing where there are none. A letter with an accent
    also matches without it."""
    bodies = [_body(template, {}, accented) for template in templates]
    return re.compile(_START + f"(?:{'|'.join(bodies)})") if bodies else re.compile(r"(?!)")


def accented(word: str) -> str:
    """A pattern for the word, with or without its accents; exactly as it is written where a `!` ends it."""
    if word.endswith("!"):
        return re.escape(word[:-1].lower())
    return "".join(_letter(sign) for sign in word.lower())


def _letter(sign: str) -> str:
    plain = unicodedata.normalize("NFD", sign)[0]
    if sign == "ß":
        return "(?:ß|ss)"
    return re.escape(sign) if plain == sign else f"[{sign}{plain}]"


def _body(template: str, terminals: Mapping[str, str], words: Words) -> str:
    pieces = _PIECE.findall(template)
    body, at = _sequence(template, pieces, 0, "", terminals, words)
    if at != len(pieces):
        raise SettingsError(f"the template {template!r} has a bracket too many")
    return body


def _sequence(
    template: str, pieces: list[str], at: int, close: str, terminals: Mapping[str, str], words: Words
) -> tuple[str, int]:
    """The pattern up to the closing bracket, and the place behind it."""
    made = ""
    while at < len(pieces) and pieces[at] != close:
        piece = pieces[at]
        at += 1
        if piece in _OPEN:
            inner, at = _sequence(template, pieces, at, _OPEN[piece], terminals, words)
            made += {"[": f"(?:{inner})?", "(": f"(?:{inner})", "-(": f"(?!{inner})"}[piece]
        elif piece in ("]", ")"):
            raise SettingsError(f"the template {template!r} has a bracket too many")
        else:
            made += _atom(template, piece, terminals, words)
    if close and at == len(pieces):
        raise SettingsError(f"the template {template!r} lacks a `{close}`")
    return made, at + bool(close)


def _atom(template: str, piece: str, terminals: Mapping[str, str], words: Words) -> str:
    if piece == "|":
        return "|"
    if piece == "~":
        return rf"{_GAP}(?P<from>)"
    if piece == "$":
        return _STOP
    if piece == "...":
        return _ANYTHING
    if piece.startswith("{"):
        name = piece[1:-1]
        if name not in terminals:
            raise SettingsError(
                f"the template {template!r} asks for {piece}; there are {', '.join(terminals) or 'none'}"
            )
        return rf"{_GAP}(?P<{name}>{terminals[name]}){_END}"
    return rf"{_GAP}{words(piece)}{_END}"
