"""A call as its page shows it: every line with its place in the recording, and how long each answer took by stages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.actions.archive import Entry
from engine.effects import Record, StopRecording
from engine.events import Digits, Heard, Interrupted, Spoken
from engine.watch.account import Line, account
from engine.watch.encoding import decode

STAGES: Final = ("endpoint", "words", "model", "step", "speak")
"""What an answer consists of, in its order; `recognise` and `understand` are inside of `words`."""
ANSWER: Final = "answer"


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a call. `sound` is where it begins in the recording, in seconds; None where it is not in it."""

    line: Line
    sound: float | None

    @property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """What was said, part by part, with whether the caller heard it whole."""
        line = self.line
        if not line.parts:
            return ((line.text, True),)
        heard = len(line.parts) if line.heard is None else line.heard
        return tuple((text, place < heard) for place, text in enumerate(line.parts))


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of ours: to what, when, and the milliseconds of each stage by name. `total` is from the end of the
    caller's words to our first sound; None where nothing was said."""

    at: datetime
    to: str
    stages: tuple[tuple[str, float], ...]
    total: float | None


def shown_lines(entries: Sequence[Entry], language: str, seconds: float | None) -> tuple[Shown, ...]:
    """The conversation; `seconds` is the length of its recording, None where there is none."""
    began, turns = None, []
    for entry in entries:
        if entry.kind == "timing":
            continue
        thing = decode(entry.body)
        if isinstance(thing, Record) and thing.kind == "call" and began is None:
            began = entry.at
        elif isinstance(thing, (Spoken, Interrupted, StopRecording)):
            turns.append(entry.at)
    return tuple(
        Shown(line, _sound(line, began, turns, seconds)) for line in account(entries, language) if line.who != "note"
    )


def _sound(line: Line, began: datetime | None, turns: Sequence[datetime], seconds: float | None) -> float | None:
    """What a caller says is kept when it is over; it began when we had spoken."""
    if began is None or seconds is None:
        return None
    place = bisect_right(turns, line.at) - 1
    at = turns[place] if line.who in ("caller", "keys") and place >= 0 else line.at
    sound = (at - began).total_seconds()
    return round(max(sound, 0.0), 2) if -1.0 < sound < seconds else None


def answers(entries: Sequence[Entry]) -> tuple[Answered, ...]:
    """How long each answer took."""
    return tuple(_answers(entries))


def _answers(entries: Sequence[Entry]) -> Iterator[Answered]:
    found: dict[str, float] = {}
    to, at = "", None
    for entry in entries:
        if entry.kind == "event":
            event = decode(entry.body, show_masks=True)
            if isinstance(event, Heard):
                to = event.words
            elif isinstance(event, Digits):
                to = event.keys
        if entry.kind != "timing":
            continue
        name, at = str(entry.body["name"]), entry.at
        if name == "endpoint" and "step" in found:  # the last answer was never spoken
            yield _answered(at, to, found)
            found = {}
        found[name] = float(entry.body["ms"]) + (found.get(name, 0.0) if name == "step" else 0.0)
        if name == ANSWER:
            yield _answered(at, to, found)
            found = {}


def _answered(at: datetime, to: str, found: dict[str, float]) -> Answered:
    stages = tuple((name, found[name]) for name in STAGES if name in found)
    return Answered(at, to, stages, found.get(ANSWER))
