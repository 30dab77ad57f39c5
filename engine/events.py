"""What happened in a conversation: everything that enters the dialogue, in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.acts import Act, Tier


@dataclass(frozen=True, slots=True)
class CallStarted:
    """`caller` and `called` are numbers as the line gave them; `open_speech` is false where the recogniser of this
    line knows small grammars only, so that names and free text are kept as recordings. `variant` is the one of the
    flow that answers this call, where it has several."""

    caller: str | None = None
    called: str | None = None
    open_speech: bool = True
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """The caller said something in answer to `Listen(turn)`; empty `acts` mean that it was not understood. `tier` is
    the stage of the understanding that found them; nothing depends on it."""

    turn: int
    words: str
    acts: tuple[Act, ...] = ()
    tier: Tier = "none"


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys pressed in answer to `Listen(turn)`, without the terminator, except that a lone `#`, `*` or `*0` stays."""

    turn: int
    keys: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came within `Listen(turn).expecting.noinput` seconds after we had finished speaking."""

    turn: int


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The caller spoke or keyed over `Say(say)`; `heard_until` is the number of its prompts that were played whole."""

    say: int
    heard_until: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """`Say(say)` was played to its end."""

    say: int


@dataclass(frozen=True, slots=True)
class ToolReturned:
    act: int
    outcome: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transferred:
    """`outcome`: connected, busy, no_answer, declined, closed or failed."""

    act: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """`Record(act)` ended; zero `seconds` mean that nobody spoke."""

    act: int
    ref: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TimeUp:
    """A timer of the state's `timers` ran out."""

    timer: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """Somebody at the console decides over the call: it goes to a `person`, or to its `end` with a goodbye."""

    what: Literal["person", "end"]


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Event: TypeAlias = (
    CallStarted
    | Heard
    | Digits
    | Silence
    | Interrupted
    | Spoken
    | ToolReturned
    | Transferred
    | Recorded
    | TimeUp
    | Ordered
    | HungUp
)
