"""Many calls: which line answers, how many at a time, and what is kept of each."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from engine.actions import orders
from engine.actions.exchange import Exchange
from engine.actions.outside import Outside
from engine.actions.registry import Toolbox
from engine.actions.retention import USUAL, Keep
from engine.actions.store import Store
from engine.call.disk import ThreadDisk
from engine.call.line import Line
from engine.call.news import MessageNews
from engine.call.parts import Observer, Parts
from engine.call.session import Session
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import State
from engine.effects import Prompt
from engine.errors import FrontdeskError
from engine.flow.loader import variants_of
from engine.flow.model import Flow
from engine.people import Person
from engine.persona.persona import persona_beside
from engine.persona.prompts import utterance
from engine.speech.cache import PromptCache
from engine.speech.engines import Listening, open_detector, open_recogniser
from engine.speech.rendering import Renderer
from engine.speech.stt import Recogniser
from engine.speech.vendors.xtts_settings import Xtts
from engine.speech.voices import open_others, open_spare, open_voice
from engine.understanding.cascade import Understanding
from engine.understanding.client import open_model
from engine.understanding.model import ModelSettings
from engine.understanding.tier import ModelTier
from engine.watch.calllog import CallLog
from engine.watch.metrics import Metrics
from engine.watch.traces import open_tracing

ORDERS_EVERY: Final = 0.5
"""Seconds between two looks at what the console ordered."""
log = logging.getLogger(__name__)


class Busy(FrontdeskError):
    """There are as many calls as this server takes."""


class NoSuchLine(FrontdeskError):
    """No line of the settings has this name."""


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """`people` maps a transfer's `to` to who is rung; `keep` says for how long each kind of data is kept;
    `traces` is the address of an OpenTelemetry collector."""

    recordings: Path
    people: Mapping[str, Person] = field(default_factory=dict)
    most_calls: int = 20
    longest_call: float | None = None
    """Seconds after which a call is brought to its end where the flow allows more."""
    keep: Keep = USUAL
    listening: Listening = field(default_factory=Listening)
    voice: str = "espeak"
    voices: Path | None = None
    xtts: Xtts = field(default_factory=Xtts)
    cache: Path | None = None
    model: ModelSettings | None = None
    traces: str | None = None
    outside: Outside | None = None
    """Webhooks, mail and what else tools of flows need; without it, as in a trial, those tools answer `failed`."""


class Desk:
    """Open it with the flows that were found sound; each call then gets a line by name. Close it at the end."""

    def __init__(
        self,
        settings: DeskSettings,
        flows: Mapping[str, Flow],
        store: Store,
        clock: Callable[[], datetime],
        recogniser: Recogniser | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._running = 0
        self._exchange = Exchange(settings.outside, store) if settings.outside is not None else None
        self.metrics = Metrics()
        self._recogniser = recogniser
        voice = open_voice(settings.voice, settings.voices, settings.xtts)
        others = open_others(settings.voice, settings.voices)
        spare = open_spare(settings.voices)
        self._renderer = Renderer(voice, PromptCache(settings.cache), others, spare=spare)
        self._detector = open_detector()
        self._disk = ThreadDisk()
        self._model = open_model(settings.model, self.metrics.model) if settings.model else None
        self._tracing = open_tracing(settings.traces) if settings.traces else None
        self._sessions: dict[str, Session] = {}
        self._calls: Counter[int] = Counter()
        """Calls by the parts that they run on, which may be older than those of their line."""
        self._retired: dict[int, Parts] = {}
        self.lines: dict[str, Parts] = {name: self._parts(flow) for name, flow in flows.items()}

    def _parts(self, flow: Flow) -> Parts:
        settings = self._settings
        if settings.longest_call is not None and settings.longest_call < flow.repair.minutes * 60:
            flow = replace(flow, repair=replace(flow.repair, minutes=settings.longest_call / 60))
        parts = Parts(
            compiled=compile_flow(flow),
            understanding=Understanding(flow),
            persona=persona_beside(flow.path, flow.persona),
            toolbox=Toolbox(flow, self._store, self._exchange),
            recogniser=self._recogniser or open_recogniser(flow, settings.listening),
            renderer=self._renderer,
            detector=self._detector,
            recordings=settings.recordings,
            mark=self._mark,
            clock=self._clock,
            people=settings.people,
            model=ModelTier(flow, self._model, self.metrics.model) if self._model else None,
            disk=self._disk,
        )
        return replace(parts, variants=dict(self._variants(flow, parts)))

    @staticmethod
    def _variants(flow: Flow, parts: Parts) -> Iterator[tuple[str, Parts]]:
        """Every variant with its own words and persona; all else is shared."""
        for one in variants_of(flow) if flow.variants else ():
            compiled = compile_flow(replace(one, repair=flow.repair))
            yield one.variant, replace(parts, compiled=compiled, persona=persona_beside(one.path, one.persona))

    async def replace(self, name: str, flow: Flow) -> None:
        """Gives a line another version of its flow, which was found sound. Calls that are running keep theirs to
        their end. Raises FrontdeskError, and keeps the old version, where the new one cannot be run."""
        parts = await asyncio.to_thread(self._parts, flow)
        await asyncio.gather(parts.recogniser.warm(()), self._warm_model(parts))
        old, self.lines[name] = self.lines.get(name), parts
        if old is not None:
            self._retired[id(old)] = old
            await self._let_go(old)

    async def _let_go(self, parts: Parts) -> None:
        """Ends what only an older version of a line needed, once no call runs on it."""
        if self._calls[id(parts)] > 0:
            return
        del self._calls[id(parts)]
        if self._retired.pop(id(parts), None) is not None:
            await self._close(parts)

    async def _warm_model(self, parts: Parts) -> None:
        """Lets the model's server learn what it is asked about this flow. One that is
        away learns it when it comes back."""
        if self._model is not None and parts.model is not None:
            await self._model.warm(parts.model.warming, parts.model.schema)

    async def _close(self, parts: Parts) -> None:
        asked = {other.model.system for other in self.lines.values() if other.model is not None}
        if self._model is not None and parts.model is not None and parts.model.system not in asked:
            self._model.forget(parts.model.warming)
        if parts.recogniser is not self._recogniser:
            await parts.recogniser.close()

    @property
    def running(self) -> int:
        """Calls at this moment."""
        return self._running

    @property
    def full(self) -> bool:
        """Whether one more call is one too many."""
        return self._running >= self._settings.most_calls

    async def answer(
        self, line: Line, name: str, observers: Sequence[Observer] = (), about: Mapping[str, Any] | None = None
    ) -> State:
        """Holds one conversation on an open line; `about` is what a call that we make is about. Raises Busy and
        NoSuchLine before anything is said."""
        parts = self.lines.get(name)
        if parts is None:
            raise NoSuchLine(f"there is no line {name!r}; there is {', '.join(sorted(self.lines)) or 'none'}")
        if self.full:
            raise Busy(f"{self._running} calls are running, which is as many as this server takes")
        self._running += 1
        self._calls[id(parts)] += 1
        try:
            return await self._converse(line, parts if about is None else replace(parts, about=about), observers)
        finally:
            self._running -= 1
            self._calls[id(parts)] -= 1
            await self._let_go(parts)

    async def _converse(self, line: Line, parts: Parts, observers: Sequence[Observer]) -> State:
        call_id = f"{self._clock():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        parts = parts.of_call(call_id)
        flow = parts.compiled.flow
        now = self._clock()
        caller, called = line.caller, line.called
        record = CallLog(self._store, call_id, flow=flow, line=line.id, caller=caller, called=called, now=now)
        if self._exchange is not None:
            self._exchange.call_started(call_id, flow.name, called, now)
        counts = self.metrics.observe(flow, now)
        trace = self._tracing.observe(flow.name, call_id) if self._tracing else None
        outcome = "failed"
        news = MessageNews(self._exchange, call_id, flow.name, caller) if self._exchange is not None else None
        ours: list[Observer | None] = [record, counts, trace, news]
        session = Session(line, parts, call_id, (*(one for one in ours if one is not None), *observers))
        self._sessions[call_id] = session
        try:
            state = await session.run()
            outcome = state.why
        finally:
            del self._sessions[call_id]
            recording = session.sound.recording
            ref = f"{recording.parent.name}/{recording.name}" if recording else None
            record.end(outcome, self._clock(), ref)
            if self._exchange is not None:
                self._exchange.call_ended(call_id, flow.name, outcome, self._clock())
            counts.end(outcome, self._clock())
            if trace is not None:
                trace.end(outcome)
        log.info("call %s on %s ended: %s", call_id, flow.name, outcome)
        return state

    async def follow_orders(self) -> None:
        """Looks twice a second, for ever, whether somebody at the console decided over one of our calls."""
        while True:
            await asyncio.sleep(ORDERS_EVERY)
            ours = [call_id for call_id, session in self._sessions.items() if session.takes_orders]
            try:
                taken = await asyncio.to_thread(orders.take, self._store, ours, self._clock()) if ours else ()
            except FrontdeskError as fault:
                log.error("orders of the console cannot be read: %s", fault)
                continue
            for order in taken:
                if order.call_id in self._sessions:
                    log.info("%s ordered for call %s: %s", order.by, order.call_id, order.what)
                    self._sessions[order.call_id].order(order.what)

    async def words(self, name: str, text: str, rate: int) -> bytes:
        """A text as a line says it, 16-bit little-endian mono at `rate`; raises what the last voice raises."""
        parts = self.lines[name]
        flow = parts.compiled.flow
        spoken = utterance(Prompt(name, text), parts.persona, flow.language, self._clock())
        return await self._renderer.whole(spoken, rate)

    async def _mark(self, key: str, heard: bool) -> None:
        try:
            await asyncio.to_thread(self._store.mark_heard if heard else self._store.mark_not_heard, key)
        except FrontdeskError as fault:
            log.error("whether the caller heard of %s could not be noted: %s", key, fault)

    async def warm(self) -> None:
        """Starts the voices and what sends messages, and loads the recognisers' models and the prompts of the model's
        server, so that the first caller does not wait for them."""
        if self._exchange is not None:
            self._exchange.start()
        ready = [work for parts in self.lines.values() for work in (parts.recogniser.warm(()), self._warm_model(parts))]
        spoken = {parts.compiled.flow.language for parts in self.lines.values()}
        await asyncio.gather(*ready, *(self._renderer.start(language) for language in sorted(spoken)))

    async def purge(self) -> None:
        """Deletes what has been kept long enough."""
        purged = await asyncio.to_thread(self._store.purge, self._clock(), self._settings.keep)
        log.info("deleted what was kept for long enough: %s", purged)

    async def close(self) -> None:
        """Ends the worker processes of voices and recognisers; what has not been sent waits for the next start."""
        self._disk.close()
        if self._exchange is not None:
            await asyncio.to_thread(self._exchange.close)
        await self._renderer.close()
        for parts in (*self.lines.values(), *self._retired.values()):
            await self._close(parts)
        if self._recogniser is not None:
            await self._recogniser.close()
        if self._model is not None:
            await self._model.close()
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)
