"""When speech begins and when an answer is over: a table of phases, and one of patience by question and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias

from engine.effects import Expecting
from engine.flow.model import Slot
from engine.kinds import is_list
from engine.speech.audio import FRAME_SECONDS


class Phase(Enum):
    QUIET = "quiet"
    RISING = "rising"
    """Sounds like speech, not yet long enough to be sure."""
    SPEAKING = "speaking"
    FALLING = "falling"
    """Silent, not yet long enough for the answer to be over."""


class Level(Enum):
    SPEECH = "speech"
    UNSURE = "unsure"
    SILENCE = "silence"


SURE_SPEECH: Final = 0.5
SURE_SILENCE: Final = 0.35
CONFIRMED_AFTER: Final = 5
"""Frames of rising speech until it counts: 100 ms, three windows of the detector; a short "yes" is longer."""

NEXT: Final[Mapping[tuple[Phase, Level], Phase]] = {
    (Phase.QUIET, Level.SPEECH): Phase.RISING,
    (Phase.QUIET, Level.UNSURE): Phase.QUIET,
    (Phase.QUIET, Level.SILENCE): Phase.QUIET,
    (Phase.RISING, Level.SPEECH): Phase.RISING,
    (Phase.RISING, Level.UNSURE): Phase.RISING,
    (Phase.RISING, Level.SILENCE): Phase.QUIET,
    (Phase.SPEAKING, Level.SPEECH): Phase.SPEAKING,
    (Phase.SPEAKING, Level.UNSURE): Phase.SPEAKING,
    (Phase.SPEAKING, Level.SILENCE): Phase.FALLING,
    (Phase.FALLING, Level.SPEECH): Phase.SPEAKING,
    (Phase.FALLING, Level.UNSURE): Phase.FALLING,
    (Phase.FALLING, Level.SILENCE): Phase.FALLING,
}


class Completeness(Enum):
    """What the words heard so far are to the question that was asked."""

    COMPLETE = "complete"
    """A whole answer: a yes, a full telephone number."""
    EXTENDABLE = "extendable"
    """An answer that may go on: "seven" and then "thirty"; also when nothing is known yet."""
    UNFINISHED = "unfinished"
    """Clearly not over: "my number is"."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of silence that end an answer, by how complete its words are; `longest` ends it in any case."""

    complete: float
    extendable: float
    unfinished: float
    longest: float = 15.0

    def silent_frames(self, completeness: Completeness) -> int:
        seconds = {
            Completeness.COMPLETE: self.complete,
            Completeness.EXTENDABLE: self.extendable,
            Completeness.UNFINISHED: self.unfinished,
        }
        return max(1, round(seconds[completeness] / FRAME_SECONDS))

    @property
    def longest_frames(self) -> int:
        return max(1, round(self.longest / FRAME_SECONDS))


PAUSED_AFTER: Final = 3
"""Frames of silence (60 ms) after which the words so far are asked for, in case they were all. The detector takes some
100 ms to be sure of a silence, so that the sounds inside a word are no pause."""

PATIENCE: Final[Mapping[str, Patience]] = {
    "yes_no": Patience(0.18, 0.40, 0.90, longest=6.0),
    "confirm": Patience(0.18, 0.48, 1.00, longest=10.0),  # "no, [breath] five people"
    "intent": Patience(0.20, 0.64, 1.30),
    "choice": Patience(0.16, 0.40, 1.00, longest=8.0),
    "which": Patience(0.16, 0.40, 1.00, longest=8.0),
    "party_size": Patience(0.18, 0.44, 1.20, longest=10.0),
    "number": Patience(0.20, 0.50, 1.20, longest=10.0),
    "date": Patience(0.20, 0.56, 1.30, longest=12.0),
    "time": Patience(0.20, 0.52, 1.30, longest=12.0),
    "datetime": Patience(0.24, 0.70, 1.40),
    "duration": Patience(0.20, 0.60, 1.30, longest=10.0),
    "money": Patience(0.20, 0.60, 1.30, longest=10.0),
    "date_of_birth": Patience(0.36, 0.80, 1.50),
    "digits": Patience(0.24, 1.10, 2.00, longest=20.0),
    "phone": Patience(0.36, 1.20, 2.00, longest=20.0),
    "postcode": Patience(0.36, 1.00, 2.00, longest=20.0),
    "email": Patience(0.60, 1.40, 2.20, longest=30.0),
    "person_name": Patience(0.50, 0.90, 1.60),
    "address": Patience(0.70, 1.20, 2.00, longest=30.0),
    "text": Patience(0.70, 1.20, 2.00, longest=30.0),
    "list": Patience(0.60, 1.00, 1.60, longest=20.0),
    "message": Patience(2.50, 2.50, 2.50, longest=90.0),
}
"""How long a pause each kind of answer may hold: people breathe inside a telephone number, and not inside a yes. To
each silence comes what the detector takes to be sure of it, some 100 ms: the comma in "yes, that's fine" is shorter."""

OTHERWISE: Final = Patience(0.36, 0.70, 1.50)


def patience_for(expecting: Expecting, slots: Mapping[str, Slot]) -> Patience:
    """The row for a question; `slots` are the flow's, and tell the type of the asked one."""
    match expecting.kind:
        case "yes_no":
            return PATIENCE["confirm" if expecting.open else "yes_no"]
        case "intent" | "which":
            return PATIENCE[expecting.kind]
        case "choice":
            return PATIENCE["choice"] if len(expecting.open) < 2 else PATIENCE["confirm"]
    slot = slots.get(expecting.asked or "")
    if slot is not None and is_list(slot.type):
        return PATIENCE["list"]
    return PATIENCE.get(slot.item, OTHERWISE) if slot else OTHERWISE


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an utterance stands. `frames` counts since the phase began, `total` since the speech began."""

    phase: Phase = Phase.QUIET
    frames: int = 0
    total: int = 0


Sign: TypeAlias = Literal["started", "paused", "ended", "nothing"]


def level(probability: float) -> Level:
    """Hysteresis: what is neither clearly speech nor clearly silence changes nothing."""
    if probability >= SURE_SPEECH:
        return Level.SPEECH
    return Level.SILENCE if probability < SURE_SILENCE else Level.UNSURE


def advance(
    progress: Progress,
    probability: float,
    patience: Patience,
    completeness: Completeness = Completeness.EXTENDABLE,
) -> tuple[Progress, Sign]:
    """One more frame of 20 ms. `paused` comes once in each silence that lasts `PAUSED_AFTER`, `ended` once the silence
    is as long as the completeness of the words asks for."""
    phase = NEXT[progress.phase, level(probability)]
    frames = progress.frames + 1 if phase is progress.phase else 1
    if phase is Phase.QUIET:
        return Progress(), "nothing"
    total = progress.total + 1
    if phase is Phase.RISING and frames >= CONFIRMED_AFTER:
        return Progress(Phase.SPEAKING, frames, total), "started"
    silent = phase is Phase.FALLING and frames >= patience.silent_frames(completeness)
    if (silent or total >= patience.longest_frames) and phase is not Phase.RISING:
        return Progress(), "ended"
    paused = phase is Phase.FALLING and frames == PAUSED_AFTER
    return Progress(phase, frames, total), "paused" if paused else "nothing"
