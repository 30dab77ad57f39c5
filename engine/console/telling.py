"""A trial as it goes on, for the page that shows it: new lines of the conversation, and the step that it is at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.actions.archive import Entry
from engine.check.graph import base
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Effect
from engine.events import Event
from engine.flow.model import Flow
from engine.watch.account import Line, account
from engine.watch.encoding import encode


class Telling:
    """An observer of a call. `show` makes the page's text of lines; `tell` gets what the page should know."""

    def __init__(
        self, flow: Flow, show: Callable[[Sequence[Line], str], str], tell: Callable[[Mapping[str, Any]], None]
    ) -> None:
        self._flow, self._show, self._tell = flow, show, tell
        self._compiled = compile_flow(flow)
        self._state: State = new_state(self._compiled, "trial")
        self._entries: list[Entry] = []
        self._told = 0

    def event(self, event: Event, now: datetime) -> None:
        """Something happened; the step that the call comes to is followed by the dialogue's own rules."""
        self._keep("event", event, now)
        self._state, _ = step(self._compiled, self._state, event, now)

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        """What follows from it."""
        for effect in effects:
            self._keep("effect", effect, now)
        self.flush()

    def timing(self, name: str, milliseconds: float) -> None:
        """How long the caller waited for us."""
        if name == "answer":
            self._tell({"answer": round(milliseconds)})

    def flush(self) -> None:
        """Tells what is new."""
        lines = account(self._entries, self._flow.language)
        new, self._told = lines[self._told :], len(lines)
        shown = self._show(new, self._flow.timezone) if new else ""
        self._tell({"lines": shown, "step": base(self._state.position), "over": self._state.ended})

    def _keep(self, kind: str, what: Event | Effect, now: datetime) -> None:
        self._entries.append(Entry(len(self._entries) + 1, now, kind, encode(what)))
