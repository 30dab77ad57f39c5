"""Everything that a conversation remembers between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from engine.dialogue.machine import Compiled
from engine.effects import Act, Listen, LookUp, Prompt, Record, Transfer

Status: TypeAlias = Literal["empty", "proposed", "valid", "confirmed"]
Waiting: TypeAlias = Listen | Act | LookUp | Transfer | Record


@dataclass(frozen=True, slots=True)
class SlotState:
    """What is known of one slot. `version` grows with every new value, so that a confirmation or a check says which
    value it was about. `candidates` wait for the caller to choose, or for the slots that this one depends on."""

    status: Status = "empty"
    value: object | None = None
    version: int = 0
    confidence: float = 1.0
    candidates: tuple[object, ...] = ()
    excluded: tuple[object, ...] = ()
    refused: str | None = None
    """Why the last value was refused; `candidates` then holds that value alone."""
    skipped: bool = False
    verified: bool = False
    beyond: bool = False
    """The value is past a limit that leads somewhere else."""

    @property
    def settled(self) -> bool:
        """Whether a form need not ask for it."""
        return self.skipped or self.status in ("valid", "confirmed")


EMPTY = SlotState()


@dataclass(frozen=True, slots=True)
class Timer:
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit whose result the caller has not heard yet."""

    key: str
    say: int | None = None


@dataclass(frozen=True)
class State:
    """A conversation between two steps. `position` is a state of the compiled machine."""

    call_id: str
    position: str
    slots: Mapping[str, SlotState] = field(default_factory=dict)
    results: Mapping[str, object] = field(default_factory=dict)
    caller: str | None = None
    called: str | None = None
    open_speech: bool = True
    started: datetime | None = None
    turn: int = 0
    """The number of the last `Listen`."""
    say: int = 0
    act: int = 0
    turns: int = 0
    """How often the caller had a turn."""
    failures: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    instance: int = 1
    attempt: int = 1
    checks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Versions of the slots that a form's check said yes to, by check."""
    form: str | None = None
    """The form that was worked on last."""
    home: str | None = None
    """The open question that was asked last: where `never mind` leads."""
    order: tuple[str, ...] = ()
    """Slots in the order in which they were filled, for `back`."""
    echoed: Mapping[str, int] = field(default_factory=dict)
    """Versions that the pending confirmation named."""
    echo_ends: int = 0
    """How many prompts of the last `Say` must be heard for the echo to count; 0 where it had none."""
    echo_cut: bool = False
    """The caller spoke over the pending confirmation before all its values were heard."""
    last: tuple[Prompt, ...] = ()
    """The last question, for `repeat`."""
    said: Mapping[str, int] = field(default_factory=dict)
    """How often prompts were said that have other words for the next time."""
    pace: float = 1.0
    consent: bool = False
    declined_offers: frozenset[str] = frozenset()
    commits: tuple[Commit, ...] = ()
    closed: Mapping[str, object] = field(default_factory=dict)
    """Values of the last booking that was made, for prompts that still speak of it."""
    why: str = "start"
    """The last trigger that moved the call on, for the person it is handed to."""
    waiting: Waiting | None = None
    timers: tuple[Timer, ...] = ()
    late: bool = False
    """The longest time of a call has passed once."""
    ended: bool = False

    @property
    def deadline(self) -> Timer | None:
        """The timer that runs out first; the session arms one clock with it."""
        return min(self.timers, key=lambda timer: timer.at, default=None)

    def slot(self, name: str) -> SlotState:
        return self.slots.get(name, EMPTY)


def new_state(compiled: Compiled, call_id: str) -> State:
    """A call that has not begun; the first event must be `CallStarted`."""
    return State(call_id=call_id, position=compiled.flow.start)
