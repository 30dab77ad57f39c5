"""Calls for the console's tests: a caller's words run through the dialogue and kept as a live call keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from engine.actions.store import Store
from engine.dialogue.machine import Compiled, compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Act, Listen, Transfer
from engine.events import CallStarted, Event, Heard, Spoken, ToolReturned, Transferred
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.cascade import Understanding
from engine.watch.calllog import CallLog

SECOND = timedelta(seconds=1)
BOOKED = {"find_table": ("free", {}), "book_table": ("booked", {"reference": "471100"})}
"""What the tools of the trattoria answer."""

STAGES = {"endpoint": 210.0, "words": 48.0, "recognise": 35.0, "understand": 11.0, "step": 2.0, "speak": 15.0}
"""Milliseconds of each stage of an answer."""


@cache
def flow(name: str) -> Compiled:
    return compile_flow(load_flow(find_flow(name)))


@cache
def understanding(name: str) -> Understanding:
    return Understanding(flow(name).flow)


@dataclass
class Talk:
    """A call of `name`'s flow that is kept in a store, a few seconds a turn. It goes on until it is over or `end`ed."""

    store: Store
    call_id: str
    now: datetime
    name: str = "trattoria"
    caller: str | None = "+441632960123"
    transfer: str = "connected"
    state: State = field(init=False)
    log: CallLog = field(init=False)

    def __post_init__(self) -> None:
        compiled = flow(self.name)
        self.state = new_state(compiled, self.call_id)
        about = {"caller": self.caller, "called": "100", "line": f"PJSIP/{self.call_id}", "now": self.now}
        self.log = CallLog(self.store, self.call_id, flow=compiled.flow, **about)  # type: ignore[arg-type]
        self.take(CallStarted(self.caller, "100"))

    def take(self, event: Event) -> None:
        """Something happens; tools and people answer at once, and what we say is heard to its end."""
        waiting: list[Event] = [event]
        while waiting and not (self.state.ended and not isinstance(waiting[0], Spoken)):
            one = waiting.pop(0)
            self.log.event(one, self.now)
            self.state, effects = step(flow(self.name), self.state, one, self.now)
            if isinstance(one, Heard):
                for name, took in (*STAGES.items(), ("answer", 280.0 + 40 * (self.state.turn % 5))):
                    self.log.timing(name, took)
            self.log.effects(effects, self.now)
            self.now += 2 * SECOND
            for effect in effects:
                if isinstance(effect, Act):
                    outcome, values = BOOKED.get(effect.tool, ("failed", {}))
                    waiting.append(ToolReturned(effect.act, outcome, values))
                elif isinstance(effect, Transfer):
                    waiting.append(Transferred(effect.act, self.transfer))
        if self.state.ended:
            self.end(self.state.why)

    def say(self, words: str) -> None:
        """The caller says it, in answer to the open question."""
        waiting = self.state.waiting
        assert isinstance(waiting, Listen), waiting
        understood = understanding(self.name).understand(words, waiting.expecting, self.now)
        self.take(Heard(waiting.turn, words, understood.acts, understood.tier))

    def say_all(self, words: Sequence[str]) -> Talk:
        for one in words:
            self.say(one)
        return self

    def end(self, outcome: str) -> None:
        self.log.end(outcome, self.now)


BOOKING = ["no", "a table for four on friday at half past seven", "Maria Rossi", "yes", "yes", "no thanks"]
