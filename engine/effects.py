"""What a conversation asks the world to do: everything that leaves the dialogue, in the imperative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with the name of its slot type, so that it can be read aloud; `sensitive` values are masked in logs."""

    type: str
    value: object
    sensitive: bool = False
    speech: Literal["full", "last3"] = "full"
    join: Literal["or", "and"] = "or"
    """The word before the last item of a list: alternatives, or all of them."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to say. `id` is stable (`day.ask`, `day.nomatch.2`, `day.reject.closed`, a step's name);
    `text` has `{name}` and `{name:style}` placeholders, `values` fills them. `situation` colours the voice."""

    id: str
    text: str
    values: Mapping[str, Typed] = field(default_factory=dict)
    situation: Literal["plain", "question", "echo", "apology", "success", "goodbye", "wait"] = "plain"


@dataclass(frozen=True, slots=True)
class Say:
    """Speak the prompts in order; answered by `Spoken(say)` or `Interrupted(say, heard_until)`."""

    say: int
    prompts: tuple[Prompt, ...]
    interruptible: bool = True
    protected: int = 0
    """How many of the prompts, from the first on, are played whole before the caller may interrupt the rest."""
    pace: float = 1.0
    """Factor on the persona's pace; below 1 after a caller asked us to speak more slowly."""


@dataclass(frozen=True, slots=True)
class Keypad:
    """How digits are collected: up to `longest` keys, ended by `#`, by being complete, or by `pause` seconds. With
    `point`, a `*` after a digit is the decimal point and not the key that clears. With
    `items` several values are keyed in, each ended by `#`, and the whole by one more `#`."""

    longest: int = 1
    pause: float = 2.0
    shortest: int = 1
    point: bool = False
    items: bool = False


@dataclass(frozen=True, slots=True)
class Expecting:
    """All that the ear and the understanding need to know about the answer that is waited for."""

    step: str
    kind: Literal["intent", "slot", "choice", "yes_no", "which"]
    asked: str | None = None
    """The slot that the question is about."""
    open: tuple[str, ...] = ()
    """Slots that may be filled now, the asked one first."""
    yes_no: bool = False
    """Whether yes and no are answers here."""
    intents: tuple[str, ...] = ()
    """Intents of the open `listen` step, then of `anywhere:`; slot names where `kind` is `which`."""
    choices: tuple[object, ...] = ()
    """Values on offer for the asked slot, in the order in which they were read out."""
    keypad: Keypad = field(default_factory=Keypad)
    noinput: float = 6.0
    """Seconds of silence after our words before `Silence` is reported."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for the caller; answered by `Heard`, `Digits` or `Silence` of the same turn."""

    turn: int
    expecting: Expecting


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop speaking at once."""


@dataclass(frozen=True, slots=True)
class Act:
    """Run a tool; answered by `ToolReturned(act)`. The same `key` never has an effect twice."""

    act: int
    tool: str
    values: Mapping[str, object]
    key: str
    commits: bool = False


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask what became of the commit with this key; answered by `ToolReturned(act)`."""

    act: int
    tool: str
    key: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the call to a person; answered by `Transferred(act)`. `to` is a name from the settings. `whisper` is what
    they hear before they take it, where the settings ask for that; no sensitive value is in it."""

    act: int
    to: str
    context: Mapping[str, Typed]
    summary: str
    why: str
    whisper: Prompt | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Keep sound. `message` and `slot` end by silence, `#` or after `longest` seconds and are answered by
    `Recorded(act)`; `call` goes on until `StopRecording` or the end of the call and is not answered."""

    act: int
    kind: Literal["call", "message", "slot"]
    slot: str | None = None
    longest: float = 90.0


@dataclass(frozen=True, slots=True)
class StopRecording:
    """Stop the recording of the call."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Ends our part of the call. `why` is the step that led here; with `stay` the line itself is given back."""

    why: str
    stay: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the call log; no caller hears it. `kind` is a stable word (`stale`, `limit`, `not_heard`, ...)."""

    kind: str
    text: str


Effect: TypeAlias = Say | Listen | Hush | Act | LookUp | Transfer | Record | StopRecording | HangUp | Note
