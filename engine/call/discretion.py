"""When the recording of a call is silent: while a sensitive value is asked for, given, keyed in or read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.acts import Exclude, Fill
from engine.effects import Effect, Listen, Record, Say
from engine.events import Digits, Event, Heard, Interrupted, Recorded, Silence, Spoken
from engine.flow.model import Flow

BEFORE_INTERRUPTION: Final = 1.5
"""Seconds by which the caller's words may have begun before we knew that they interrupt us."""


class Discretion:
    """Follows one call. Positions are seconds of the recording; nothing here knows of sound."""

    def __init__(self, flow: Flow) -> None:
        self._secret = frozenset(name for name, slot in flow.slots.items() if slot.sensitive)
        self._asked = False
        self._said: int | None = None
        self._began = 0.0

    @property
    def quiet(self) -> bool:
        """Whether both sides are silent in the recording from now on."""
        return self._asked or self._said is not None

    def event(self, event: Event, position: float) -> tuple[float, float] | None:
        """Takes what happened; gives the stretch that has to become silent although it was kept already: words in
        which the caller gave a sensitive value without having been asked for it."""
        stretch: tuple[float, float] | None = None
        match event:
            case Heard():
                if not self._asked and self._gives(event):
                    stretch = self._began, position
                self._asked = False
            case Digits() | Silence() | Recorded():
                self._asked = False
            case Spoken():
                self._over(event.say)
                self._began = position
            case Interrupted():
                self._over(event.say)
                self._began = max(0.0, position - BEFORE_INTERRUPTION)
            case _:
                pass
        return stretch

    def effects(self, effects: Sequence[Effect]) -> None:
        """Takes what we are about to do."""
        for effect in effects:
            match effect:
                case Say() if any(typed.sensitive for prompt in effect.prompts for typed in prompt.values.values()):
                    self._said = effect.say
                case Listen():
                    self._asked = effect.expecting.asked in self._secret
                case Record(kind="slot"):
                    self._asked = effect.slot in self._secret
                case _:
                    pass

    def _over(self, say: int) -> None:
        if self._said is not None and say >= self._said:
            self._said = None

    def _gives(self, heard: Heard) -> bool:
        return any(isinstance(act, Fill | Exclude) and act.slot in self._secret for act in heard.acts)
