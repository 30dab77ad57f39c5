"""A conversation typed instead of spoken: the real engine and real tools, no sound and no waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from engine.actions.contract import Outcome, ToolCall
from engine.acts import Understood
from engine.call.keypad import Collector
from engine.dialogue.state import new_state
from engine.dialogue.step import step
from engine.effects import Act, Effect, Expecting, HangUp, Listen, LookUp, Note, Record, Say, Transfer
from engine.errors import FrontdeskError
from engine.events import (
    CallStarted,
    Digits,
    Event,
    Heard,
    HungUp,
    Recorded,
    Silence,
    Spoken,
    TimeUp,
    ToolReturned,
    Transferred,
)
from engine.simulate.stage import Stage
from engine.understanding.tier import ModelTier

SECONDS_A_WORD: Final = 0.4


class Tools(Protocol):
    """A flow's toolbox, as `engine.actions.registry` makes it."""

    async def run(self, call: ToolCall) -> Outcome: ...
    async def look_up(self, call: ToolCall) -> Outcome: ...
    async def mark_heard(self, key: str) -> None: ...
    async def mark_not_heard(self, key: str) -> None: ...


class Conversation:
    """One typed call. `tell` sees every event and effect in order; `tier` is the model's, if one is asked, and
    `without` hears why it gave no answer; nobody pays for the line, so the longest time of a call does not hold here.
    """

    def __init__(
        self,
        stage: Stage,
        tools: Tools,
        clock: Callable[[], datetime],
        call_id: str,
        tell: Callable[[Event | Effect], None],
        tier: ModelTier | None = None,
        without: Callable[[str], None] | None = None,
    ) -> None:
        self._stage, self._tools, self._clock, self._tell = stage, tools, clock, tell
        self._tier, self._without = tier, without
        self._inbox: deque[Event] = deque()
        self._running: set[asyncio.Task[Event]] = set()
        self.state = new_state(stage.compiled, call_id)
        self.transfers = "connected"
        """How transfers turn out."""

    async def begin(self, caller: str | None) -> None:
        await self._feed(CallStarted(caller, variant=self._stage.flow.variant))

    async def say(self, words: str) -> None:
        """Words of the caller; kept as a recording where one is being made."""
        waiting = self.state.waiting
        if isinstance(waiting, Record):
            await self._feed(Recorded(waiting.act, "typed", len(words.split()) * SECONDS_A_WORD))
        elif isinstance(waiting, Listen):
            understood = await self._understand(words, waiting.expecting)
            await self._feed(Heard(waiting.turn, words, understood.acts, understood.tier))

    async def _understand(self, words: str, waiting: Expecting) -> Understood:
        """As on the telephone: a model is asked for what is not understood without it."""
        now = self._clock()
        understood = self._stage.understand(words, waiting, now)
        if self._tier is None or self._tier.skips(words, understood, waiting):
            return understood
        consulted = await self._tier.consult(words, understood, waiting, now)
        if consulted.fault and self._without is not None:
            self._without(consulted.fault)
        return consulted.understood

    async def press(self, keys: str) -> None:
        """Keys, collected into answers as on the telephone."""
        left = keys
        while left and isinstance(self.state.waiting, Listen):
            waiting = self.state.waiting
            collector = Collector(waiting.expecting)
            answer = None
            while left and answer is None:
                answer, left = collector.press(left[0], 0.0), left[1:]
            await self._feed(Digits(waiting.turn, answer or collector.expire(float("inf")) or keys))

    async def stay_silent(self) -> None:
        waiting = self.state.waiting
        if isinstance(waiting, Record):
            await self._feed(Recorded(waiting.act, "", 0.0))
        elif isinstance(waiting, Listen):
            await self._feed(Silence(waiting.turn))

    async def hang_up(self) -> None:
        """The caller is gone; a commit under way is completed."""
        await self._feed(HungUp())
        if self._running:
            await asyncio.wait(self._running)

    async def _feed(self, event: Event) -> None:
        """Until the caller is waited for again, or the call is over."""
        self._inbox.append(event)
        while self._inbox and not self.state.ended:
            await self._step(self._inbox.popleft())
            while not self._inbox and isinstance(self.state.waiting, (Act, LookUp)):
                await self._wait()

    async def _step(self, event: Event) -> None:
        self._tell(event)
        self.state, effects = step(self._stage.compiled, self.state, event, self._clock())
        for effect in effects:
            self._tell(effect)
            await self._perform(effect)

    async def _perform(self, effect: Effect) -> None:
        match effect:
            case Say():
                self._inbox.append(Spoken(effect.say))
            case Act() | LookUp():
                self._running.add(asyncio.create_task(self._run(effect)))
            case Transfer():
                self._inbox.append(Transferred(effect.act, self.transfers))
            case Note(kind="heard"):
                await self._tools.mark_heard(effect.text)
            case Note(kind="not_heard"):
                await self._tools.mark_not_heard(effect.text)
            case HangUp():
                self._inbox.clear()

    async def _run(self, effect: Act | LookUp) -> Event:
        tool = self._stage.flow.tools[effect.tool]
        values = effect.values if isinstance(effect, Act) else {}
        call = ToolCall(
            tool.name,
            tool.does,
            values,
            effect.key,
            self.state.call_id,
            self._clock(),
            self.state.caller,
            tool.resource,
        )
        try:
            outcome = await (self._tools.run(call) if isinstance(effect, Act) else self._tools.look_up(call))
        except FrontdeskError:
            outcome = Outcome("failed")
        return ToolReturned(effect.act, outcome.name, outcome.values)

    async def _wait(self) -> None:
        """For a tool, or for the timer that runs out before it answers."""
        timer = min((one for one in self.state.timers if one.name != "call"), key=lambda one: one.at, default=None)
        left = None if timer is None else max(0.0, (timer.at - self._clock()).total_seconds())
        done, self._running = await asyncio.wait(self._running, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        self._inbox.extend(task.result() for task in done)
        if not done and timer is not None:
            self._inbox.append(TimeUp(timer.name))
