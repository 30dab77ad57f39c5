"""What a caller can mean: a closed alphabet of acts, each with the words that show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, get_args

GlobalName: TypeAlias = Literal[
    "operator", "help", "repeat", "slower", "back", "start_over", "never_mind", "hold_on", "goodbye"
]
Tier: TypeAlias = Literal["none", "keys", "recognisers", "phrases", "model"]
"""A stage of the understanding, by what it works with."""
GLOBALS: Final[tuple[GlobalName, ...]] = get_args(GlobalName)

SURE: Final = 0.85
"""Confidence (0 to 1) from which a value counts as surely understood and `when_unsure` does not ask back."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words of the caller; `start` and `end` are code points of the utterance, half open."""

    text: str = ""
    start: int = 0
    end: int = 0


KEYED: Final = Span()
"""The span of an act that came from keys or from a talk file, not from words."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name; either part may be empty. `heard` are the recogniser's readings of the words that it was taken
    from, best first, where there were several: they help to find a known person, and make no other name of it."""

    first: str = ""
    last: str = ""
    heard: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return " ".join(part for part in (self.first, self.last) if part)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount to the cent, and its currency by the three letters of ISO 4217."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"


@dataclass(frozen=True, slots=True)
class Recording:
    """What a caller said where no recogniser can know the words: kept as sound. `ref` names the file."""

    ref: str
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"recording {self.ref}"


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` to `end`, both included; None where it is open on that side, never on both."""

    start: Any | None
    end: Any | None

    def __str__(self) -> str:
        return f"{'' if self.start is None else self.start}..{'' if self.end is None else self.end}"


@dataclass(frozen=True, slots=True)
class Fill:
    """A value for a slot; more than one candidate when the words are ambiguous (am or pm, the 5th or the 15th).

    With `more` the items of a list come to those that are there already ("and also the manicure").
    """

    slot: str
    candidates: tuple[object, ...]
    span: Span = KEYED
    confidence: float = 1.0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Exclude:
    """A value that the caller does not want ("not Friday")."""

    slot: str
    value: object
    span: Span = KEYED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Affirm:
    span: Span = KEYED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Deny:
    span: Span = KEYED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Want:
    """An intent of the open `listen` step or of the flow's `anywhere:`.

    When the caller is asked which part of an echo is wrong, `intent` is the name of the slot.
    """

    intent: str
    span: Span = KEYED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of the flow's `answers:`."""

    answer: str
    span: Span = KEYED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Global:
    """A wish that holds at any point of a call."""

    name: GlobalName
    span: Span = KEYED
    confidence: float = 1.0


Act: TypeAlias = Fill | Exclude | Affirm | Deny | Want | Ask | Global


@dataclass(frozen=True, slots=True)
class Understood:
    """What the understanding made of one utterance; `tier` says which stage of the cascade decided last."""

    acts: tuple[Act, ...] = ()
    tier: Tier = "none"
    milliseconds: float = field(default=0.0, compare=False)
