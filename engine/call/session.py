"""One live call: events go in at one end, effects come out at the other, and one timer is armed at the deadline."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Final, assert_never

from engine.actions.contract import Outcome, ToolCall
from engine.actions.orders import What
from engine.call.line import Digit, Frame, Line, RunsScripts, Whisper
from engine.call.parts import Observer, Parts, steady
from engine.call.scripted import PREFIX, arguments_of, outcome_of, wanted_of
from engine.call.sound import Sound
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Act, Effect, HangUp, Hush, Listen, LookUp, Note, Prompt, Record, Say, StopRecording, Transfer
from engine.errors import FrontdeskError
from engine.events import CallStarted, Digits, Event, Heard, HungUp, Ordered, TimeUp, ToolReturned, Transferred
from engine.flow.model import Tool
from engine.persona.prompts import utterance
from engine.persona.spoken import spoken

FINISH_WITHIN: Final = 10.0
"""Seconds that a commit may go on after the caller has gone."""
WHISPER_READY_WITHIN: Final = 2.0
"""Seconds that the words to a person may take to be spoken before their telephone rings."""
log = logging.getLogger(__name__)


class Session:
    """Runs one call to its end. `call_id` names it in the log, in keys of commits and in the folder of its sound."""

    def __init__(self, line: Line, parts: Parts, call_id: str, observers: Sequence[Observer] = ()) -> None:
        self._line = line
        self._parts = parts = replace(parts, clock=steady(parts.clock, parts.ticks))
        self._observers = observers
        self._inbox: asyncio.Queue[Event] = asyncio.Queue()
        self._tools: set[asyncio.Task[None]] = set()
        self._others: set[asyncio.Task[None]] = set()
        self._transfer: asyncio.Task[None] | None = None
        self._unheard: list[str] = []
        self._hang_up: HangUp | None = None
        self._fault: BaseException | None = None
        self.state = new_state(parts.compiled, call_id)
        folder = parts.recordings / re.sub(r"[^\w.-]", "_", call_id)
        self.sound = Sound(
            line, parts, folder, self._inbox.put_nowait, lambda work: self._start(work, self._others), self._timing
        )

    async def run(self) -> State:
        """Answers once the conversation is over and everything that must be kept is kept. A fault in any part of the
        call is raised here, so that whoever holds the line can give the caller to a person."""
        self._start(self.sound.mouth.run(), self._others)
        self._start(self._arrivals(), self._others)
        try:
            caller, called = self._line.caller, self._line.called
            variant = self._parts.compiled.flow.variant
            await self._advance(CallStarted(caller, called, self._parts.recogniser.open, variant))
            while not self.state.ended:
                event = await self._next()
                if self._fault is not None:
                    raise self._fault
                await self._advance(event)
            if self._hang_up is not None:
                await self.sound.spoken()
                await self._settle_inbox()
                if not self._hang_up.stay:
                    await self._line.hang_up()
        finally:
            await self._close()
        return self.state

    @property
    def takes_orders(self) -> bool:
        """Whether somebody at the console may decide over the call now: not while a tool or a transfer is under way, or
        a recording."""
        return not self.state.ended and (self.state.waiting is None or isinstance(self.state.waiting, Listen))

    def order(self, what: What) -> None:
        """Gives the call to a person or ends it, as somebody at the console decided. What we are saying is cut off."""
        self.sound.cut()
        self._inbox.put_nowait(Ordered(what))

    async def _close(self) -> None:
        """Waits for commits that are under way; nothing of the call runs any more afterwards."""
        others = tuple(self._others)
        try:
            await self.sound.close()
            for task in others:
                task.cancel()
            if self._tools:
                await asyncio.wait(self._tools, timeout=FINISH_WITHIN)
            for key in self._unheard:
                await self._parts.mark(key, False)
        finally:
            left = (*others, *self._others, *self._tools)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _settle_inbox(self) -> None:
        """What still came in while we said goodbye: above all, that it was heard."""
        while not self._inbox.empty():
            await self._advance(self._inbox.get_nowait())

    async def _next(self) -> Event:
        """The next event: one that came in, keys that are complete by now, or the timer that ran out."""
        while True:
            timer = self.state.deadline
            left = None if timer is None else max(0.0, (timer.at - self._parts.clock()).total_seconds())
            collector = self.sound.collector
            keys = collector.deadline - self._parts.ticks() if collector and collector.deadline else None
            waits = [seconds for seconds in (left, keys) if seconds is not None]
            try:
                async with asyncio.timeout(max(0.0, min(waits)) if waits else None):
                    return await self._inbox.get()
            except TimeoutError:
                self.sound.expire_keys()
            if self._inbox.empty() and timer is not None and self._parts.clock() >= timer.at:
                return TimeUp(timer.name)

    async def _advance(self, event: Event) -> None:
        now = self._parts.clock()
        for observer in self._observers:
            observer.event(event, now)
        began = self._parts.ticks()
        self.state, effects = step(self._parts.compiled, self.state, event, now)
        if isinstance(event, Heard | Digits):
            self._timing("step", self._parts.ticks() - began)
        for observer in self._observers:
            observer.effects(effects, now)
        self.sound.happened(event, effects)
        for effect in effects:
            await self._perform(effect)

    async def _perform(self, effect: Effect) -> None:  # noqa: C901 - one row per effect
        match effect:
            case Say():
                self.sound.say(effect)
            case Listen():
                self.sound.listen(effect)
                self._start(self._parts.recogniser.warm((effect.expecting,)), self._others)
            case Hush():
                self.sound.hush()
            case Act() | LookUp():
                self.sound.caller_waits()
                self._start(self._run_tool(effect), self._tools)
            case Transfer():
                self._transfer = self._start(self._run_transfer(effect), self._others)
            case Record(kind="call"):
                self.sound.record_call()
            case Record():
                name = effect.slot or f"message-{effect.act}"
                self._start(self.sound.record(effect.act, name, effect.longest), self._others)
            case StopRecording():
                self.sound.stop_recording()
            case HangUp():
                self._hang_up = effect
            case Note(kind="heard"):
                await self._parts.mark(effect.text, True)
            case Note(kind="not_heard"):
                self._unheard.append(effect.text)
            case Note():
                pass
            case _:
                assert_never(effect)

    def _start(self, work: Coroutine[None, None, None], tasks: set[asyncio.Task[None]]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(self._watch)
        return task

    def _watch(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._fault = task.exception()
            self._inbox.put_nowait(TimeUp("fault"))

    # what the caller does

    async def _arrivals(self) -> None:
        async for arrival in self._line.arrivals():
            match arrival:
                case Frame():
                    self.sound.frame(arrival.samples)
                case Digit():
                    self.sound.key(arrival.key)
        self.sound.caller_gone()
        if self._transfer is not None:
            await asyncio.wait({self._transfer})
        self._inbox.put_nowait(HungUp())

    def _timing(self, name: str, seconds: float) -> None:
        for observer in self._observers:
            observer.timing(name, seconds * 1000)

    # what we do outside

    async def _run_tool(self, effect: Act | LookUp) -> None:
        toolbox, tool = self._parts.toolbox, self._parts.compiled.flow.tools[effect.tool]
        values = effect.values if isinstance(effect, Act) else {}
        now, caller = self._parts.clock(), self.state.caller
        call = ToolCall(
            tool.name, tool.does, values, effect.key, self.state.call_id, now, caller, tool.resource, self._parts.about
        )
        try:
            if tool.does.startswith(PREFIX) and isinstance(effect, Act):
                outcome = await self._run_script(tool, call)
            else:
                outcome = await (toolbox.run(call) if isinstance(effect, Act) else toolbox.look_up(call))
        except FrontdeskError:
            outcome = Outcome("failed")
        self._inbox.put_nowait(ToolReturned(effect.act, outcome.name, outcome.values))

    async def _run_script(self, tool: Tool, call: ToolCall) -> Outcome:
        """A tool that has the line for itself meanwhile."""
        if not isinstance(self._line, RunsScripts):
            return Outcome("failed")
        await self.sound.spoken()
        flow = self._parts.compiled.flow
        given, wanted = arguments_of(flow, tool, call), wanted_of(tool)
        found = await self._line.run_script(tool.does.removeprefix(PREFIX), given, wanted, tool.deadline)
        return outcome_of(tool, found, flow.language, call.now)

    async def _run_transfer(self, effect: Transfer) -> None:
        await self.sound.spoken()
        person = self._parts.people.get(effect.to)
        if person is None:
            self._inbox.put_nowait(Transferred(effect.act, "failed"))
            return
        flow = self._parts.compiled.flow
        now = self._parts.clock()
        context = {name: spoken(typed, None, flow.language, now) for name, typed in effect.context.items()}
        context |= {"summary": effect.summary, "why": effect.why}
        if person.blind:
            outcome = await self._line.pass_on(person.to, context)
        else:
            whisper = await self._whisper(effect.whisper) if person.whisper and effect.whisper else None
            outcome = await self._line.transfer(person.to, context, person.ring, whisper)
        self._inbox.put_nowait(Transferred(effect.act, outcome))

    async def _whisper(self, prompt: Prompt) -> Whisper | None:
        """What the person is told, spoken; a voice that fails leaves it out, since the caller waits."""
        parts = self._parts
        words = utterance(prompt, parts.persona, parts.compiled.flow.language, parts.clock())
        try:
            async with asyncio.timeout(WHISPER_READY_WITHIN):
                return Whisper(await parts.renderer.whole(words, self._line.rate))
        except (TimeoutError, FrontdeskError) as fault:
            log.warning("call %s: nothing is whispered to the person: %s", self.state.call_id, fault)
            return None
