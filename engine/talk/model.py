"""A conversation as data: what a talk file holds, line by line, still as its author wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from engine.errors import Position

Value: TypeAlias = str | tuple[str, ...]
"""A value as text, or a list of such texts; what type it has is known to the flow alone."""

Values: TypeAlias = tuple[tuple[str, Value], ...]

NOWHERE: Final = Position()

TRANSFER: Final = "transfer"
"""Stands where a tool's name stands, for the flow's transfers."""
MESSAGE: Final = "message"
"""Stands where a tool's name stands in `expect`, for voice messages."""


@dataclass(frozen=True, slots=True)
class Comment:
    text: str
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Blank:
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenFlow:
    """`path` is a file, a folder or a shipped name; relative to the talk file."""

    path: str
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenNow:
    """When the call starts, without a zone: it is the flow's. `weekday` where its day was written before it."""

    moment: datetime
    weekday: bool = False
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenCaller:
    """The number that the line presents; None where it is withheld."""

    number: str | None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenCalled:
    number: str
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenSpeech:
    """Whether the line's recogniser can hear any words (`CallStarted.open_speech`)."""

    open: bool
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenLanguage:
    """The language of the flow in which the call is held, such as `de`; else the flow's own."""

    language: str
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenVariant:
    """The variant of the flow that answers the call; else the flow as it stands."""

    variant: str
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool or a transfer returns, and after how many seconds (None: at its usual pace)."""

    outcome: str
    values: Values = ()
    after: float | None = None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenTool:
    """The answers of one tool, or of `transfer`, call after call; the last one stands for all later calls."""

    tool: str
    answers: tuple[Answer, ...]
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AgentSays:
    """A prompt by its id, or texts of which one must appear in what is said.

    `bare` is a line of a transcript: `texts` holds the one text that was said, or the id of a prompt.
    """

    prompt: str | None = None
    texts: tuple[str, ...] = ()
    bare: bool = False
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CallerSays:
    """`after` is how many seconds after we began to speak the caller begins; None waits until we are done."""

    words: str
    after: float | None = None
    bare: bool = False
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ActText:
    """One act as written: `fill(day, 2026-10-03)`, `deny`, `operator`."""

    name: str
    values: tuple[Value, ...] = ()
    confidence: float = 1.0
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CallerMeans:
    """What the caller means, past the understanding."""

    acts: tuple[ActText, ...]
    after: float | None = None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CallerKeys:
    keys: str
    after: float | None = None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CallerSilent:
    """Nothing for so many seconds after our words; None: until we speak again."""

    seconds: float | None = None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CallerRecords:
    """The caller speaks into a recording; zero seconds: says nothing."""

    seconds: float
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CallerHangsUp:
    after: float | None = None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pin:
    """What the engine made of the caller's last line: `day 2026-10-03`, `not day 2026-10-02`, `noinput 1`, `deny`."""

    name: str
    value: Value | None = None
    excluded: bool = False
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pins:
    pins: tuple[Pin, ...]
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExpectEnd:
    """The call is over, and `where` names its last step, or how it ended."""

    where: str | None = None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExpectCalls:
    """How often a tool was called so far, counting the calls with these values only."""

    tool: str
    times: int
    values: Values = ()
    at: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExpectSlot:
    """The value of a slot, or its status (`empty`, `proposed`, `valid`, `confirmed`), or both."""

    slot: str
    value: Value | None = None
    status: str | None = None
    at: Position = field(default=NOWHERE, compare=False, repr=False)


Given: TypeAlias = (
    GivenFlow | GivenLanguage | GivenVariant | GivenNow | GivenCaller | GivenCalled | GivenSpeech | GivenTool
)
Caller: TypeAlias = CallerSays | CallerMeans | CallerKeys | CallerSilent | CallerRecords | CallerHangsUp
Expect: TypeAlias = ExpectEnd | ExpectCalls | ExpectSlot
Line: TypeAlias = Comment | Blank | Given | AgentSays | Caller | Pins | Expect

STATUSES: Final = ("empty", "proposed", "valid", "confirmed")


@dataclass(frozen=True, slots=True)
class Talk:
    """A whole talk file; `file` is the name that errors use."""

    lines: tuple[Line, ...]
    file: str = field(default="?", compare=False)

    @property
    def title(self) -> str:
        """The first comment, or nothing."""
        return next((line.text for line in self.lines if isinstance(line, Comment)), "")
