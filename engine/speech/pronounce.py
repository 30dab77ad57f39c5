"""A guess at how an English word sounds, for words that the recogniser's dictionary lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VARIANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "four": ("F AO", "F AA R", "F AO ER"),
    "quarter": ("K AO T AH", "K W AO T AH"),
    "half": ("HH AA F",),
    "past": ("P AA S T",),
    "tomorrow": ("T AH M AA R OW",),
    "after": ("AA F T AH",),
    "can't": ("K AA N T",),
    "am": ("EY EH M",),
    "pm": ("P IY EH M",),
}
"""British and other ways to say common words that the dictionary gives in one American way only."""

_LONG: Final[Mapping[str, str]] = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW"}
_SOUNDS: Final[Mapping[str, str]] = {
    "tion": "SH AH N", "sion": "ZH AH N", "ough": "AO", "eigh": "EY", "augh": "AO",
    "igh": "AY", "tch": "CH", "sch": "SH", "eau": "OW", "eer": "IH R", "ear": "IH R", "air": "EH R", "our": "AO R",
    "oor": "AO R", "ire": "AY R", "ure": "Y UH R",
    "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "ck": "K", "ng": "NG", "qu": "K W", "kn": "N",
    "wr": "R", "gh": "G", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "oi": "OY", "oy": "OY",
    "ai": "EY", "ay": "EY", "ei": "EY", "ey": "IY", "ie": "IY", "oa": "OW", "au": "AO", "aw": "AO", "ew": "UW",
    "ue": "UW", "ui": "UW", "ar": "AA R", "er": "ER", "ir": "ER", "or": "AO R", "ur": "ER",
    "ce": "S EH", "ci": "S IH", "cy": "S IY", "ge": "JH EH", "gi": "JH IH", "gy": "JH IY",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH", "k": "K",
    "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T", "u": "AH", "v": "V",
    "w": "W", "x": "K S", "y": "Y", "z": "Z",
}  # fmt: skip
"""Letters to ARPABET sounds; the longest match wins."""
_VOWELS: Final = frozenset("aeiou")


def pronunciation(word: str) -> str | None:
    """Sounds of `word` in ARPABET, separated by spaces; None when it has no letter that sounds. A rough guess by
    spelling: good enough for a regular name, wrong for an irregular one."""
    letters = "".join(letter for letter in word.lower() if letter.isascii() and letter.isalpha())
    sounds: list[str] = []
    at = 0
    while at < len(letters):
        length, sound = _next(letters, at)
        if sound and (not sounds or sounds[-1] != sound):
            sounds.append(sound)
        at += length
    return " ".join(sounds) or None


def _next(letters: str, at: int) -> tuple[int, str]:
    """How many letters the next sound takes, and the sound (empty for a silent letter)."""
    rest = letters[at:]
    if rest in ("y", "i") and at:
        return 1, "IY"
    if rest in ("a", "ia") and at:
        return len(rest), "IY AH" if rest == "ia" else "AH"
    if rest == "o" and at:
        return 1, "OW"
    if rest == "e" and at > 1:
        return 1, "" if letters[at - 1] not in _VOWELS else "IY"
    if len(rest) == 3 and rest[0] in _VOWELS and rest[1] not in _VOWELS | {"r", "w", "y"} and rest[2] == "e":
        return 3, f"{_LONG[rest[0]]} {_SOUNDS['s' if rest[1] == 'c' else 'j' if rest[1] == 'g' else rest[1]]}"
    for length in range(min(4, len(rest)), 0, -1):
        sound = _SOUNDS.get(rest[:length])
        if sound is not None:
            return length, sound
    return 1, ""
