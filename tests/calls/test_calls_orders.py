"""Somebody at the console gives a call to a person or ends it, wherever it stands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from engine.actions import orders
from engine.actions.store import Store, open_store
from engine.call.desk import Desk, DeskSettings
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Act, Effect, HangUp, Say, Transfer
from engine.events import CallStarted, Event, Heard, Ordered
from engine.people import Person
from tests.calls.virtual import START, FakeLine, flow, understanding


@dataclass
class Talk:
    """A conversation of the trattoria in which each say is heard to its end."""

    state: State = field(default_factory=lambda: new_state(flow(), "call"))
    said: list[str] = field(default_factory=list)
    last: tuple[Effect, ...] = ()

    def take(self, event: Event) -> None:
        self.state, self.last = step(flow(), self.state, event, START)
        for effect in self.last:
            if isinstance(effect, Say):
                self.said += [prompt.id for prompt in effect.prompts]

    def hear(self, words: str) -> None:
        acts = understanding().understand(words, self.state.waiting.expecting, START).acts  # type: ignore[union-attr]
        self.take(Heard(self.state.turn, words, acts))

    def has(self, kind: type) -> bool:
        return any(isinstance(effect, kind) for effect in self.last)


@pytest.mark.parametrize("words", [[], ["no"], ["no", "a table for four"], ["no", "banana"]])
def test_a_call_is_given_to_a_person_from_every_question(words: list[str]) -> None:
    talk = Talk()
    talk.take(CallStarted("+441632960123", "100"))
    for one in words:
        talk.hear(one)
    talk.take(Ordered("person"))
    assert talk.has(Transfer)
    assert talk.state.why == "ordered_person"


def test_a_call_is_ended_with_a_goodbye() -> None:
    talk = Talk()
    talk.take(CallStarted(None, None))
    talk.hear("no")
    talk.take(Ordered("end"))
    assert talk.has(HangUp)
    assert talk.has(Say)
    assert talk.state.why == "ordered_end"


def test_a_tool_that_runs_is_not_cut_off() -> None:
    talk = Talk()
    talk.take(CallStarted(None, None))
    for words in ("no", "a table for four on saturday at half past seven"):
        talk.hear(words)
    assert isinstance(talk.state.waiting, Act)
    before = talk.state
    talk.take(Ordered("end"))
    assert talk.state == before


def test_the_desk_follows_what_the_console_ordered(tmp_path: Path) -> None:
    async def call() -> State:
        with open_store(tmp_path / "frontdesk.db") as store:
            settings = DeskSettings(tmp_path / "recordings", {"reception": Person("200")})
            desk = Desk(settings, {"trattoria": flow().flow}, store, lambda: datetime.now().astimezone())
            following = asyncio.create_task(desk.follow_orders())
            line = FakeLine([])
            answered = asyncio.create_task(desk.answer(line, "trattoria"))
            try:
                await _ordered(store, answered)
                return await asyncio.wait_for(answered, 30)
            finally:
                following.cancel()
                await desk.close()

    assert asyncio.run(call()).why == "ordered_end"


async def _ordered(store: Store, answered: asyncio.Task[State]) -> None:
    """Orders the end of the first call, as soon as it is in the log."""
    while not answered.done():
        for row in await asyncio.to_thread(store.archive.calls):
            now = datetime.now().astimezone()
            if await asyncio.to_thread(orders.give, store, row.id, "end", "maria", now):
                return
        await asyncio.sleep(0.05)
