"""Talks run with a model, over and over: how often each passes, and what the model took."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from engine.acts import Understood
from engine.effects import Expecting
from engine.errors import Finding, Position
from engine.simulate.answers import FILE, Recorder, Recording, Replayer, Stale, read_recording
from engine.simulate.result import Result
from engine.simulate.runner import run_file
from engine.simulate.stage import Stage
from engine.simulate.world import Understand
from engine.understanding.client import open_model
from engine.understanding.model import Model, ModelSettings
from engine.understanding.tier import ModelTier

T = TypeVar("T")

RECORDED: Final = "recorded"
"""Stands where the address of a server stands, for answers that were recorded."""
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Repeated:
    """All runs of one talk. `shown` is the first that failed, else the first."""

    runs: tuple[Result, ...]

    @property
    def passed(self) -> int:
        return sum(1 for run in self.runs if run.passed)

    @property
    def rate(self) -> float:
        """The part of the runs that passed, 0 to 1."""
        return self.passed / len(self.runs)

    @property
    def shown(self) -> Result:
        return next((run for run in self.runs if not run.passed), self.runs[0])


@dataclass(slots=True)
class Asked:
    """What became of the questions; thread-safe as far as it is used."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    unfit: Counter[str] = field(default_factory=Counter)

    def asked(self, outcome: str, seconds: float) -> None:
        self.outcomes[outcome] += 1
        self.seconds.append(seconds)

    def dropped(self, why: str) -> None:
        self.unfit[why] += 1

    def breaker(self, is_open: bool) -> None:
        """Nothing to count: each question that is not asked is counted."""


class Loop:
    """An event loop in a thread of its own, so that runs in other threads may wait for it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of some work; blocks."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(slots=True)
class Repeats:
    """Runs talks with a model; open it with `repeats`."""

    loop: Loop
    model: Model | None
    """None replays recordings."""
    keep: bool
    watch: Asked = field(default_factory=Asked)
    recordings: dict[Path, Recording] = field(default_factory=dict)
    tiers: dict[tuple[str, Path], ModelTier] = field(default_factory=dict)

    def run(
        self, files: Sequence[Path], times: int, flow: str | None = None, jobs: int | None = None
    ) -> Iterator[Repeated]:
        """Each talk so many times, in their order."""
        for folder in {file.parent for file in files}:
            if self.model is None:
                self.recordings[folder] = read_recording(folder)
            elif self.keep:
                self.recordings[folder] = Recording(folder / FILE)
        with ThreadPoolExecutor(1 if self.model is None else jobs or _AT_ONCE) as pool:
            pending = [[pool.submit(self._one, file, flow) for _ in range(times)] for file in files]
            for runs in pending:
                yield Repeated(tuple(run.result() for run in runs))
        if self.keep:
            for recording in self.recordings.values():
                recording.write()

    def _one(self, file: Path, flow: str | None) -> Result:
        try:
            return run_file(file, flow, hear=lambda stage: self._understand(stage, file.parent))
        except Stale as stale:
            hint = "Record it again: `frontdesk simulate … --with-llm URL --record`."
            finding = Finding("talk.recording", "error", str(stale), Position(str(file)), hint)
            return Result(str(file), faults=(finding,))

    def _understand(self, stage: Stage, folder: Path) -> Understand:
        tier = self._tier(stage, folder)

        def understand(words: str, expecting: Expecting, now: datetime) -> Understood:
            found = stage.understand(words, expecting, now)
            if tier.skips(words, found, expecting):
                return found
            return self.loop.run(tier.ask(words, found, expecting, now))

        return understand

    def _tier(self, stage: Stage, folder: Path) -> ModelTier:
        key = (f"{stage.flow.hash}/{stage.flow.language}", folder)
        if key not in self.tiers:
            recording = self.recordings.get(folder)
            model: Model
            if self.model is None:
                assert recording is not None
                model = Replayer(recording)
            else:
                model = self.model if recording is None else Recorder(self.model, recording)
            self.tiers[key] = ModelTier(stage.flow, model, self.watch)
        return self.tiers[key]


@contextmanager
def repeats(settings: ModelSettings | None, keep: bool = False) -> Iterator[Repeats]:
    """Runs with a server, or with recorded answers where there are no settings. Raises ModelFault when the server does
    not answer at all."""
    loop = Loop()
    watch = Asked()
    server = None
    try:
        if settings is not None:
            server = loop.run(_opened(settings, watch))
        yield Repeats(loop, server, keep, watch)
    finally:
        if server is not None:
            loop.run(server.close())
        loop.close()


async def _opened(settings: ModelSettings, watch: Asked) -> Any:
    server = open_model(settings, watch)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.close)
        await server.served()
        stack.pop_all()
    return server
