"""A flow as typed data: what the loader makes of the YAML, and all that the rest of frontdesk ever sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.errors import Position
from engine.flow.calendar import Calendar
from engine.flow.guards import Condition
from engine.kinds import item_of

NOWHERE = Position()
Target: TypeAlias = str
"""Name of a step, or one of the built-in targets `end` (our part is over, the line stays) and `hangup`."""

BUILT_IN_TARGETS = ("end", "hangup")
TRANSFER_OUTCOMES = ("connected", "busy", "no_answer", "declined", "closed", "failed")
GO_ON = "go_on"
"""The target with which the outcome of a form's check goes on with the form."""
SLOT_TYPES = (
    "yes_no", "number", "party_size", "date", "time", "datetime", "duration", "date_of_birth", "phone", "person_name",
    "email", "money", "postcode", "address", "choice", "digits", "text",
)  # fmt: skip
ORDERED_TYPES = ("number", "party_size", "date", "time", "datetime", "duration", "money")
"""Slot types that have ranges."""
PARTS_OF_DAY = ("morning", "afternoon", "evening")
BUILT_INS: Mapping[str, str] = {"part_of_day": "choice", "caller": "phone"}
"""Values that are there without a slot or a tool, and their types; `part_of_day` is one of PARTS_OF_DAY."""
CONFIRM_POLICIES = ("never", "implicit", "explicit", "when_unsure")
ConfirmPolicy: TypeAlias = Literal["never", "implicit", "explicit", "when_unsure"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording; the first variant of a prompt whose condition holds is said. No condition always holds. `after` is
    how often the prompt must have been said in this call before."""

    text: str
    when: Condition | None = None
    at: Position = NOWHERE
    after: int = 0


@dataclass(frozen=True, slots=True)
class PromptText:
    """Everything that can be said at one place; `id` is what talk files and logs call it."""

    id: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs said one after the other when the caller was not understood or silent; above the last, `then`."""

    nomatch: tuple[PromptText, ...] = ()
    noinput: tuple[PromptText, ...] = ()
    then: Target | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """The flow's own ladder and the limits of a whole call."""

    ladder: Ladder = Ladder()
    failures: int = 8
    turns: int = 80
    minutes: float = 12.0


@dataclass(frozen=True, slots=True)
class Limit:
    """A smallest or largest value; beyond it callers are refused, or led to `then` once we have said what we heard."""

    value: Any
    then: Target | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a `choice` slot: its key in the YAML, how it is called aloud, and other words for it."""

    value: str
    label: str
    hear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuses a value of a slot while the condition holds; `name` is the reason, whose prompt is in the slot's
    `reject`."""

    name: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Slot:
    """`type` is a slot type, or a list or a range of one (`choice list`, `date range`). `options` holds what only this
    type knows (`country`, `length`, `choices` as a tuple of Choice, `step` in minutes, `at_least` and `at_most` of a
    list, `both_ends` of a range, ...). `earliest` and `latest` are offsets from today in days for dates. `open` names a
    calendar."""

    name: str
    type: str
    ask: PromptText
    at: Position
    label: str
    """What the slot is called aloud ("the day")."""
    options: Mapping[str, Any] = field(default_factory=dict)
    min: Limit | None = None
    max: Limit | None = None
    earliest: int | None = None
    latest: int | None = None
    open: str | None = None
    depends_on: tuple[str, ...] = ()
    optional: bool = False
    only_when_asked: bool = False
    confirm: ConfirmPolicy = "when_unsure"
    offer: str | None = None
    """`caller_number`: propose the number of the line."""
    keypad: Literal["digits", "record", "skip", "none"] = "digits"
    sensitive: bool = False
    speech: Literal["full", "last3"] = "full"
    reject: Mapping[str, PromptText] = field(default_factory=dict)
    either: bool = False
    """The values of a list are alternatives: one of them will do."""
    rules: tuple[Rule, ...] = ()
    """Looked at in their order, after the limits; `depends_on` holds every slot that they look at."""
    ladder: Ladder = Ladder()
    help: PromptText | None = None

    @property
    def item(self) -> str:
        """The type of one value: of an item of a list, of an end of a range."""
        return item_of(self.type)


@dataclass(frozen=True, slots=True)
class Intent:
    """What a caller may want: example phrases (may hold `{slot}`), an optional key, and where it leads."""

    name: str
    hear: tuple[str, ...]
    go: Target
    key: str | None = None
    label: str = ""
    at: Position = NOWHERE
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that a caller may ask anywhere, and what we say to it."""

    name: str
    hear: tuple[str, ...]
    say: PromptText
    at: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class Tool:
    """`takes` maps an argument to the slot or earlier result that it gets; `outcomes` maps each declared outcome to the
    values that it brings and their slot types (`time list` for lists). `does` names the action (`booking.find`)."""

    name: str
    does: str
    takes: Mapping[str, str]
    outcomes: Mapping[str, Mapping[str, str]]
    at: Position
    resource: str | None = None
    deadline: float = 5.0
    commits: bool = False
    subject: str = ""
    text: str = ""
    """What a message says, `{day}` for the argument `day`; empty for tools that write nothing."""

    @property
    def all_outcomes(self) -> tuple[str, ...]:
        """The declared outcomes, those that every tool has, and those that every commit has."""
        extra = ("failed", "unknown") if self.commits else ("failed",)
        return (*self.outcomes, *(name for name in extra if name not in self.outcomes))


@dataclass(frozen=True, slots=True)
class Check:
    """A tool that a form calls as soon as the slots it needs are valid. The target `go_on` goes on with the form."""

    call: str
    after: tuple[str, ...]
    on: Mapping[str, Target]
    at: Position


@dataclass(frozen=True, slots=True)
class SayStep:
    name: str
    at: Position
    say: PromptText
    then: Target
    clear: tuple[str, ...] = ()
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class NoticeStep:
    """What the law wants said first; not interruptible."""

    name: str
    at: Position
    notice: PromptText
    then: Target
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class ListenStep:
    name: str
    at: Position
    say: PromptText
    intents: Mapping[str, Intent]
    ladder: Ladder = Ladder()
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class AskStep:
    """A yes or no question."""

    name: str
    at: Position
    ask: PromptText
    yes: Target
    no: Target
    ladder: Ladder = Ladder()
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """Asks for leave to record the call; silence and not understood count as no."""

    name: str
    at: Position
    ask: PromptText
    yes: Target
    no: Target
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class FormStep:
    name: str
    at: Position
    slots: tuple[str, ...]
    checks: tuple[Check, ...]
    then: Target
    ladder: Ladder = Ladder()
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class ChooseSlotStep:
    """The caller picks a value for `slot` from the list `values` that a tool returned, or names another."""

    name: str
    at: Position
    say: PromptText
    slot: str
    values: str
    then: Target
    ladder: Ladder = Ladder()
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmStep:
    """Reads the slots back and asks whether that is right; `say` replaces the generated echo if given."""

    name: str
    at: Position
    slots: tuple[str, ...]
    yes: Target
    gave_up: Target
    say: PromptText | None = None
    ladder: Ladder = Ladder()
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class CallStep:
    name: str
    at: Position
    call: str
    on: Mapping[str, Target]
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    when: Condition
    go: Target
    at: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class ChooseStep:
    name: str
    at: Position
    branches: tuple[Branch, ...]
    otherwise: Target
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class TransferStep:
    """`calendar` says when a person answers; outside it the outcome is `closed` without ringing."""

    name: str
    at: Position
    to: str
    on: Mapping[str, Target]
    say: PromptText | None = None
    calendar: str | None = None
    context: tuple[str, ...] = ()
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class MessageStep:
    name: str
    at: Position
    ask: PromptText
    then: Target
    longest: float = 90.0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class HangupStep:
    name: str
    at: Position
    say: PromptText | None = None
    end_line: int = 0


Step: TypeAlias = (
    SayStep
    | NoticeStep
    | ListenStep
    | AskStep
    | ConsentStep
    | FormStep
    | ChooseSlotStep
    | ConfirmStep
    | CallStep
    | ChooseStep
    | TransferStep
    | MessageStep
    | HangupStep
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole flow; `use:` is already unfolded (steps of a used flow are named `<step>.<inner step>`).

    `prompts` overrides what the engine itself says (ids `engine.*`); `resources` is what `booking.*` tools offer, as
    plain data checked by the schema. `hash` names this version of all files that were read (hex SHA-256).
    """

    name: str
    path: str
    hash: str
    language: str
    timezone: str
    persona: str
    start: str
    operator: Target
    calendars: Mapping[str, Calendar]
    resources: Mapping[str, Any]
    slots: Mapping[str, Slot]
    anywhere: Mapping[str, Intent]
    answers: Mapping[str, Answer]
    tools: Mapping[str, Tool]
    steps: Mapping[str, Step]
    repair: Repair = Repair()
    prompts: Mapping[str, PromptText] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Every file that was read, as text, by its name in the flow's folder: what `hash` is the hash of."""
    bookings_of: str | None = None
    """The flow whose bookings its tools find, make and change; None for its own."""
    variant: str = ""
    """Which of its variants this is; empty for the flow as it stands."""
    variants: Mapping[str, int] = field(default_factory=dict)
    """The weights of all variants, of which each call takes one; empty where all calls are answered alike."""
