"""The words that callers are likely to say, whatever the flow: yes and no, wishes that always hold, fillers, and
ordinary words that stand for everything a grammar does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from engine.acts import GlobalName


def listed(text: str) -> tuple[str, ...]:
    """Words written one after the other, as a tuple."""
    return tuple(text.split())


YES: Final[Mapping[str, float]] = {
    "yes": 10, "yes please": 5, "yeah": 4, "that's right": 3, "yes that's right": 3, "yep": 1, "yup": 0.5,
    "yes it is": 1, "that's correct": 1.5, "yes that's correct": 1, "correct": 1.5, "right": 0.5, "sure": 1.5,
    "okay": 1, "of course": 0.7, "go ahead": 0.5, "please do": 0.3, "that's fine": 1, "yes that's fine": 1,
    "fine": 0.5, "perfect": 0.5, "yes you may": 0.3, "yes do": 0.2, "yeah that's right": 1, "absolutely": 0.3,
}  # fmt: skip
"""Ways to agree, and how often people use them."""

NO: Final[Mapping[str, float]] = {
    "no": 10, "no thank you": 4, "no thanks": 3, "nope": 1, "not really": 0.3, "no that's wrong": 1.5,
    "that's wrong": 1, "that's not right": 1, "no that's not right": 1, "no it isn't": 0.5, "no it's not": 0.5,
    "no that's all": 1.5, "that's all": 1, "that's it": 0.5, "nothing else": 0.5, "no I don't": 0.3,
    "no that's everything": 0.3, "I'd rather not": 0.3,
}  # fmt: skip
"""Ways to refuse, and how often people use them."""

GLOBALS: Final[Mapping[GlobalName, tuple[str, ...]]] = {
    "operator": (
        "operator", "talk to a person", "speak to a person", "talk to someone", "speak to someone", "a person please",
        "can I talk to a person", "I want to speak to a person", "a real person", "reception please",
        "speak to somebody", "can I speak to somebody", "can I speak to someone", "talk to somebody",
    ),
    "help": ("help", "help me please", "what can I say"),
    "repeat": (
        "repeat that", "can you repeat that", "could you repeat that please", "repeat that please", "say that again",
        "can you say that again", "could you say that again please", "pardon", "sorry what did you say",
        "could you repeat that", "could you say that again",
    ),
    "slower": ("slower please", "more slowly please", "can you speak more slowly"),
    "back": ("go back", "go back please"),
    "start_over": ("start again", "start over", "start again please", "can we start again"),
    "never_mind": ("never mind", "forget it"),
    "hold_on": ("hold on", "one moment please", "just a moment", "hold on a second", "wait a moment please"),
    "goodbye": ("goodbye", "bye", "bye bye", "thank you goodbye"),
}  # fmt: skip
"""Phrases for the wishes that hold at any point of a call."""

HESITATION: Final = ("um", "uh", "hello", "hi")
"""What people say before they answer."""

GARBAGE: Final = listed(
    """
    able above across actually afraid air along although always amount angry animal apple army around baby ball bank
    beach bear beautiful because before behind bicycle bird black blue body bottle bottom box boy bread bridge bring
    broken brother brown building bus butter camera camp carry cat chair cheap cheese chicken church city clean
    clock clothes cloud coffee college colour company computer cook corner country cousin cow cross cup daughter
    deep dinner direction doctor down dream dry early engine enough evil eye face family father field finger fish
    follow forward fruit funny game garden girl glass grass green ground hair hammer happy hat heart heavy high hill
    horse hospital hot house hungry island job juice jump key kitchen lake language large laugh leaf leather left
    letter light lion listen little long loud love lucky machine market marvin meat medicine metal milk money monkey
    mountain mouth movie music nature needle newspaper ocean office old orange outside owner paint paper park pencil
    picture pig plane plant plastic play pocket police poor potato pretty pull purple push question quick quiet
    rabbit radio rain rice roof room round salt sand school science sea shadow sheila ship shirt shoe shop short
    shoulder sister skin sleep slow small soft song south space spoon spring square stop story street strong student
    sugar summer sweet table teacher television theatre thick thin tired tower toy train travel tree turtle uncle
    under up village visual voice wall warm water wheel white wild window winter woman work wow young zebra
    """
)
"""Ordinary words of all sounds. A run of them in a grammar catches speech that is no answer."""

_PIECES: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|\{[a-z_]+\}|[0-9]+")
_UNITS: Final = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS: Final = listed("twenty thirty forty fifty sixty seventy eighty ninety")


def spelled(number: int) -> str:
    """A whole number from 0 to 99 in words; others digit by digit."""
    if 0 <= number < 20:
        return _UNITS[number]
    if number < 100:
        tens, unit = _TENS[number // 10 - 2], number % 10
        return f"{tens} {_UNITS[unit]}" if unit else tens
    return " ".join(_UNITS[int(digit)] for digit in str(number))


def spoken_words(text: str) -> tuple[str, ...]:
    """A phrase as the words that are said: lower case, no punctuation, numbers in words; `{slot}` stays as it is."""
    plain = text.lower().replace("’", "'").replace("&", " and ")
    words: list[str] = []
    for piece in _PIECES.findall(plain):
        words += spelled(int(piece)).split() if piece.isdigit() else [piece]
    return tuple(words)
