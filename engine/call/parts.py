"""What all calls of one line share, made once when the server starts."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from engine.actions.contract import Toolbox
from engine.call.disk import Disk, ThreadDisk
from engine.dialogue.machine import Compiled
from engine.effects import Effect
from engine.events import Event
from engine.flow.variants import drawn
from engine.people import Person
from engine.persona.persona import Persona
from engine.speech.rendering import Renderer
from engine.speech.stt import Recogniser
from engine.speech.vad import Detector
from engine.understanding.cascade import Understanding
from engine.understanding.tier import ModelTier


class Observer(Protocol):
    """Sees everything that enters and leaves a conversation, as it happens; must return at once."""

    def event(self, event: Event, now: datetime) -> None: ...

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None: ...

    def timing(self, name: str, milliseconds: float) -> None:
        """How long a stage of the last turn took, in the order in which they come:

        - `endpoint`: from the end of the speech until it is known to be over
        - `words`: from then until its words are there; `recognise` and `understand` are the work on them, part of which
          was done before the end was known
        - `model`: waiting for the language model, where it is asked
        - `step`: the dialogue's decision
        - `speak`: from the order to speak until the first audible sample leaves us
        - `answer`: all of it, from the last sound of the caller to our first
        """


@dataclass(frozen=True)
class Parts:
    """`people` maps a transfer's `to` to who is rung; `mark` notes in the database whether a caller heard
    the result of a commit (key, heard). Times in seconds."""

    compiled: Compiled
    understanding: Understanding
    persona: Persona
    toolbox: Toolbox
    recogniser: Recogniser
    renderer: Renderer
    detector: Detector
    recordings: Path
    mark: Callable[[str, bool], Awaitable[None]]
    clock: Callable[[], datetime]
    people: Mapping[str, Person] = field(default_factory=dict)
    ticks: Callable[[], float] = time.monotonic
    """A clock that never jumps, for pacing and measuring."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What a call that we make is about, as JSON data by name."""
    model: ModelTier | None = None
    """Asked for what the understanding leaves open; None where no model is served."""
    disk: Disk = field(default_factory=ThreadDisk)
    """What calls write goes through it."""
    variants: Mapping[str, Parts] = field(default_factory=dict)
    """The same for each variant of the flow, of which a call takes one."""

    def of_call(self, call_id: str) -> Parts:
        """The parts of the variant that the call with this id takes; these where the flow has none."""
        found = self.variants.get(drawn(self.compiled.flow.variants, call_id))
        return self if found is None else replace(found, about=self.about)


def steady(clock: Callable[[], datetime], ticks: Callable[[], float]) -> Callable[[], datetime]:
    """The time of day as it is now, carried on by `ticks`: a computer's clock that is set, forwards or back, while a
    call goes on moves no deadline of that call."""
    start, began = clock(), ticks()
    universal = start.astimezone(UTC)
    return lambda: (universal + timedelta(seconds=ticks() - began)).astimezone(start.tzinfo)
