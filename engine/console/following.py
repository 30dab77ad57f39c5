"""A call as it stands: its events run through the dialogue once more, so that its step and all that is known show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from engine.actions.archive import Entry
from engine.check.graph import base
from engine.dialogue.machine import Compiled
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.events import Event
from engine.watch.account import Line, account, value_text
from engine.watch.encoding import MASK, decode


@dataclass(frozen=True, slots=True)
class Known:
    """Something that the caller has said: a slot, its value for people, whether the caller has confirmed it."""

    label: str
    value: str
    verified: bool


class Following:
    """One call, followed by its log: `take` what was kept since. Without a flow that can run it, it has words alone."""

    def __init__(self, call_id: str, language: str, compiled: Compiled | None) -> None:
        self._language = language
        self._compiled = compiled
        self._state: State | None = new_state(compiled, call_id) if compiled else None
        self._entries: list[Entry] = []
        self._answers: list[float] = []
        self.visited: list[str] = []
        """Steps in the order in which the call came to them."""

    @property
    def seq(self) -> int:
        """The number of the last entry that was taken."""
        return self._entries[-1].seq if self._entries else 0

    @property
    def last_at(self) -> datetime | None:
        """When something last happened."""
        return self._entries[-1].at if self._entries else None

    def take(self, entries: Iterable[Entry]) -> None:
        """What was kept next, in its order."""
        for entry in entries:
            self._entries.append(entry)
            if entry.kind == "event":
                self._advance(decode(entry.body), entry.at)
            elif entry.kind == "timing" and entry.body.get("name") == "answer":
                self._answers.append(float(entry.body["ms"]))

    def _advance(self, event: Event, at: datetime) -> None:
        if self._compiled is None or self._state is None:
            return
        self._state, _ = step(self._compiled, self._state, event, at)
        place = base(self._state.position)
        if not self.visited or self.visited[-1] != place:
            self.visited.append(place)

    @property
    def lines(self) -> Sequence[Line]:
        """The conversation so far."""
        return account(self._entries, self._language)

    @property
    def step(self) -> str | None:
        """The step of the flow in which the call is; None where that cannot be told."""
        return self.visited[-1] if self.visited else None

    @property
    def known(self) -> Sequence[Known]:
        """What the caller has said, in the order in which it came; what is sensitive stays masked."""
        if self._compiled is None or self._state is None:
            return ()
        slots = self._compiled.flow.slots
        found = []
        for name in self._state.order:
            slot, state = slots.get(name), self._state.slot(name)
            if slot is None or state.value is None:
                continue
            shown = MASK if slot.sensitive else _shown(state.value)
            found.append(Known(slot.label or name, shown, state.verified))
        return tuple(found)

    @property
    def last_answer(self) -> float | None:
        """Milliseconds from the end of the caller's last words to our first."""
        return self._answers[-1] if self._answers else None

    @property
    def usual_answer(self) -> float | None:
        """The median of them in this call."""
        return median(self._answers) if self._answers else None


def _shown(value: object) -> str:
    """A value for people; a day by its name, since they talk of it so."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%a} {value.day} {value:%b}"
    return value_text(value)
