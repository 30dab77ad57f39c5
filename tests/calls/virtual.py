"""A call in simulated time: an event loop that never waits, a telephone, a voice and a detector that are fakes."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine.actions.contract import Outcome, ToolCall
from engine.call.line import Arrival, Digit, Frame, Whisper
from engine.call.parts import Parts
from engine.call.session import Session
from engine.dialogue.machine import Compiled, compile_flow
from engine.effects import Effect, Listen, Record, Say
from engine.events import Event
from engine.flow.loader import load_flow
from engine.people import Person
from engine.persona.persona import Persona
from engine.persona.prosody import Utterance
from engine.shipped import find_flow
from engine.speech.rendering import Renderer
from engine.speech.vendors.scripted import Scripted
from engine.understanding.cascade import Understanding
from engine.understanding.model import Model
from engine.understanding.tier import ModelTier

T = TypeVar("T")
RATE = 8000
FRAME = 0.02
START = datetime(2026, 10, 1, 12, 5, tzinfo=ZoneInfo("Europe/London"))
LOUD = b"\x00\x20" * 160
SOFT = b"\x00\x08" * 160
QUIET = bytes(320)
OURS = ("Session.", "Sound.", "Hearing.", "Mouth.")
"""Whose tasks end with their call."""


class _Selector(selectors.DefaultSelector):
    """Does not wait: what a loop would sleep, its clock is advanced by."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


def _threaded(loop: asyncio.AbstractEventLoop, work: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """Another thread does the work, for which simulated time stands still."""
    result: asyncio.Future[Any] = loop.create_future()
    with ThreadPoolExecutor(1) as thread:
        result.set_result(thread.submit(work, *arguments).result())
    return result


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in simulated time; an hour takes as long as its work."""
    selector = _Selector()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    loop.run_in_executor = lambda executor, work, *arguments: _threaded(loop, work, arguments)  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(asyncio.wait_for(work, 3600))
    finally:
        loop.close()


@dataclass
class FakeVoice:
    """Not speech: 40 ms of tone for every word, or as many frames as it is told."""

    frames: int = 2
    name = "fake"
    version = "1"

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        for _ in utterance.text.split():
            yield LOUD * self.frames

    async def close(self) -> None:
        """Nothing to end."""


class FakeDetector:
    """Not a detector of speech: any loud sample counts as speech."""

    name = "fake"

    def listening(self, rate: int) -> FakeDetector:
        return self

    def feed(self, samples: bytes) -> float:
        return 1.0 if any(samples) else 0.0


class FakeDisk:
    """Writes at once."""

    def write(self, work: Callable[[], None]) -> asyncio.Future[None]:
        done = asyncio.get_running_loop().create_future()
        work()
        done.set_result(None)
        return done

    def close(self) -> None:
        """Nothing to end."""


@dataclass
class FakeTools:
    """Answers with what a test says, after a while; counts the commits."""

    outcomes: Mapping[str, str] = field(default_factory=dict)
    takes: float = 0.1
    calls: list[str] = field(default_factory=list)
    looked_up: str = "failed"

    async def run(self, call: ToolCall) -> Outcome:
        self.calls.append(call.tool)
        await asyncio.sleep(self.takes)
        name = self.outcomes.get(call.tool, "free" if call.tool.startswith("find") else "booked")
        return Outcome(name, {"reference": "471100"} if name == "booked" else {})

    async def look_up(self, call: ToolCall) -> Outcome:
        return Outcome(self.looked_up, {"reference": "471100"} if self.looked_up == "booked" else {})


@dataclass
class FakeLine:
    """A telephone in simulated time. `answers` says what the caller does at the n-th question: speak for that many
    seconds, or speak and pause and speak, press keys, or hang up (None); with `impatient` they do it while we still
    speak."""

    answers: list[float | tuple[float, ...] | str | None]
    impatient: bool = False
    transfers: list[str] = field(default_factory=list)
    id: str = "fake"
    caller: str | None = "+441632960123"
    called: str | None = "100"
    rate: int = RATE
    sent: list[bytes] = field(default_factory=list)
    sent_at: list[float] = field(default_factory=list)
    hung_up: bool = False
    _pending: list[Arrival] = field(default_factory=list)
    _gone: bool = False
    _asked: bool = False

    def event(self, event: Event, now: datetime) -> None:
        if type(event).__name__ in ("Spoken", "Interrupted") and self._asked and not self.impatient:
            self._answer()

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        for effect in effects:
            if isinstance(effect, Listen) or (isinstance(effect, Record) and effect.kind != "call"):
                self._asked = True
                said = any(isinstance(other, Say) for other in effects)
                if self.impatient or not said:
                    self._answer()

    def timing(self, name: str, milliseconds: float) -> None:
        """Not looked at."""

    def _answer(self) -> None:
        self._asked = False
        if not self.answers:
            return
        answer = self.answers.pop(0)
        if answer is None:
            self._gone = True
        elif isinstance(answer, str):
            self._pending += [Frame(QUIET)] * 10 + [Digit(key) for key in answer]
        else:
            self._pending += [Frame(QUIET)] * 15
            for number, seconds in enumerate(answer if isinstance(answer, tuple) else (answer,)):
                frames = round(seconds / FRAME)
                self._pending += [Frame(QUIET)] * frames if number % 2 else voice(frames)

    async def arrivals(self) -> AsyncIterator[Arrival]:
        while not self._gone and not self.hung_up:
            yield self._pending.pop(0) if self._pending else Frame(QUIET)
            await asyncio.sleep(FRAME)

    async def send(self, samples: bytes) -> None:
        self.sent.append(samples)
        self.sent_at.append(asyncio.get_running_loop().time())

    async def pass_on(self, to: str, context: Mapping[str, str]) -> str:
        return await self.transfer(to, context, 0)

    async def cut(self) -> None:
        pass

    async def transfer(self, to: str, context: Mapping[str, str], ring: float, whisper: Whisper | None = None) -> str:
        self.transfers.append(to)
        await asyncio.sleep(ring)
        return "no_answer"

    async def hang_up(self) -> None:
        self.hung_up = True


def voice(frames: int) -> list[Arrival]:
    """Somebody who speaks: as every voice it rises and falls."""
    return [Frame(SOFT if number % 10 == 9 else LOUD) for number in range(frames)]


@cache
def flow() -> Compiled:
    return compile_flow(load_flow(find_flow("trattoria")))


@cache
def understanding() -> Understanding:
    return Understanding(flow().flow)


@dataclass
class Held:
    """What came of a call."""

    session: Session
    events: list[Event]
    marks: dict[str, bool]
    seconds: float
    timings: dict[str, list[float]]


class _Keeper:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.timings: dict[str, list[float]] = {}

    def event(self, event: Event, now: datetime) -> None:
        self.events.append(event)

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        """Not kept."""

    def timing(self, name: str, milliseconds: float) -> None:
        self.timings.setdefault(name, []).append(milliseconds)


def hold(
    line: FakeLine,
    words: Sequence[str],
    tools: FakeTools,
    folder: Path,
    voice: FakeVoice | None = None,
    model: Model | None = None,
    change: Callable[[Parts], Parts] = lambda parts: parts,
) -> Held:
    """One call of the trattoria in simulated time; `words` is what the recogniser hears, in order. A `model` is asked
    for what is not understood without it. `change` exchanges parts, inside the loop of the call."""

    async def call() -> Held:
        loop = asyncio.get_running_loop()
        marks: dict[str, bool] = {}

        async def mark(key: str, heard: bool) -> None:
            marks[key] = heard

        parts = Parts(
            flow(), understanding(), Persona("fake"), tools, Scripted(words), Renderer(voice or FakeVoice()),
            FakeDetector(),
            folder, mark, lambda: START + timedelta(seconds=loop.time()), {"reception": Person("200")}, ticks=loop.time,
            model=ModelTier(flow().flow, model) if model else None, disk=FakeDisk(),
        )  # fmt: skip
        keeper = _Keeper()
        session = Session(line, change(parts), "call", (keeper, line))
        await session.run()
        left = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
        assert not [name for name in left if name.startswith(OURS)], "the call is over and something of it goes on"
        return Held(session, keeper.events, marks, loop.time(), keeper.timings)

    return run(call())
