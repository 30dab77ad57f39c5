"""Letters and digits said one by one, as codes and addresses are: "m for mother", "double u", "sierra", "oh", "22"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.slots.numerals import ONES, TEENS, TENS, ZEROS
from engine.slots.spelling import NATO

LETTER_NAMES: Final = {
    "ay": "a", "bee": "b", "be": "b", "cee": "c", "see": "c", "sea": "c", "dee": "d", "ee": "e", "eff": "f",
    "gee": "g", "aitch": "h", "haitch": "h", "eye": "i", "jay": "j", "kay": "k", "ell": "l", "el": "l", "em": "m",
    "en": "n", "pea": "p", "pee": "p", "queue": "q", "cue": "q", "kew": "q", "are": "r", "ess": "s", "tea": "t",
    "tee": "t", "you": "u", "vee": "v", "ex": "x", "why": "y", "wye": "y", "zed": "z", "zee": "z",
}  # fmt: skip
"""How letters may be written by a recogniser that took them for words."""
_DIGITS: Final = {**dict.fromkeys(ZEROS, "0"), **{word: str(value) for word, value in {**ONES, **TEENS}.items()}}
_REPEATS: Final = {"double": 2, "triple": 3, "treble": 3}
_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[^\w\s]|_")
_FOR: Final = ("for", "as", "like", "is")


@dataclass(frozen=True, slots=True)
class Sign:
    """One token as the signs that it stands for, in lower case; `letter` when it was said as a single letter, `sure`
    when a word with it leaves no doubt which letter ("s for sugar")."""

    signs: str
    start: int
    end: int
    letter: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int


def tokens(low: str) -> list[Token]:
    """Words, numbers and single marks of a folded text."""
    return [Token(found[0], *found.span()) for found in _TOKEN.finditer(low)]


def read_sign(words: list[Token], at: int, names: bool = True) -> tuple[Sign, int] | None:
    """The letter, digits or written code that begins at a token, and how many tokens it takes; None for other words.
    Without `names`, words such as "you" and "are" are no letters."""
    word = words[at].text
    following = words[at + 1].text if at + 1 < len(words) else ""
    if word in ("capital", "letter") and following:
        inner = read_sign(words, at + 1, names)
        return (inner[0], inner[1] + 1) if inner else None
    if word in _REPEATS and following:
        return _repeated(words, at, names)
    return _digits(words, at, following) or _letter(words, at, following, names)


def _repeated(words: list[Token], at: int, names: bool) -> tuple[Sign, int] | None:
    """ "Double T", "treble five"; "double u" is a letter of its own."""
    if words[at].text == "double" and words[at + 1].text in ("u", "you"):
        return _with_for(words, at, "w", 2)
    inner = read_sign(words, at + 1, names)
    if inner is None or len(inner[0].signs) != 1:
        return None
    sign, taken = inner
    signs = sign.signs * _REPEATS[words[at].text]
    return Sign(signs, words[at].start, sign.end, sign.letter, sign.sure), taken + 1


def _digits(words: list[Token], at: int, following: str) -> tuple[Sign, int] | None:
    word = words[at].text
    if word in TENS:
        ones = following if following in ONES else ""
        return _sign(words, at, str(TENS[word] + ONES.get(ones, 0)), 2 if ones else 1)
    if word in ("oh", "ow") and is_digit(following):
        return _sign(words, at, "0", 1)
    if not is_digit(word):
        return None
    after = words[at + 2].text if at + 2 < len(words) else ""
    if following == "hundred" and not (after in TENS or after == "and" or is_digit(after)):
        return _sign(words, at, f"{_DIGITS.get(word, word)}00", 2)
    return _sign(words, at, _DIGITS.get(word, word), 1)


def _letter(words: list[Token], at: int, following: str, names: bool) -> tuple[Sign, int] | None:
    word = words[at].text
    if word in ("oh", "ow"):
        return _sign(words, at, "o", 1)
    if len(word) == 1 and word.isalpha():
        return _with_for(words, at, word, 1)
    if word in NATO:
        return Sign(NATO[word], words[at].start, words[at].end, True, True), 1
    if word in ("x", "ex") and following == "ray":
        return Sign("x", words[at].start, words[at + 1].end, True, True), 2
    if names and word in LETTER_NAMES:
        return _with_for(words, at, LETTER_NAMES[word], 1)
    if word.isascii() and any(sign.isdigit() for sign in word):
        return _sign(words, at, word, 1)
    return None


def is_digit(word: str) -> bool:
    """Whether a word is a digit, written or said."""
    return word in _DIGITS or word.isdigit()


def _sign(words: list[Token], at: int, signs: str, taken: int) -> tuple[Sign, int]:
    return Sign(signs, words[at].start, words[at + taken - 1].end), taken


def _with_for(words: list[Token], at: int, letter: str, taken: int) -> tuple[Sign, int]:
    """A letter, with the word that tells which ("m for mother", "p as in peter")."""
    start, after = words[at].start, at + taken
    ahead = [token.text for token in words[after : after + 4]]
    skip = 1 if ahead[:1] == [","] else 0
    if len(ahead) > skip + 1 and ahead[skip] in _FOR:
        skip += 1 + (ahead[skip] in ("as", "is") and ahead[skip + 1] in ("in", "for"))
        skip += len(ahead) > skip and ahead[skip] in ("a", "an")
        if len(ahead) > skip and len(ahead[skip]) > 1 and ahead[skip][0] == letter:
            end = words[after + skip].end
            return Sign(letter, start, end, True, True), taken + skip + 1
    return Sign(letter, start, words[after - 1].end, True, False), taken
