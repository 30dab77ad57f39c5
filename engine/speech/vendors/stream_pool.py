"""A voice whose engine says one thing at a time: several processes of it, one for each sentence that is being said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.errors import PeerError
from engine.persona.prosody import Utterance
from engine.speech.tts import VoiceBusy
from engine.speech.vendors.process_voice import ProcessVoice, Worker

log = logging.getLogger(__name__)
WAIT: Final = 0.4
"""Seconds that a sentence waits for a free process; then another voice had better say it."""
AGAIN: Final = 60.0
"""Seconds until a process that could not be started is tried again, where others run: loading costs them time."""


class PooledVoice(ProcessVoice):
    """A `ProcessVoice` with `streams` processes, all started with the first sentence, each of which has one listener.

    One that dies or hangs is replaced in the background, and another goes on with the sentence where it stopped: the
    worker must make the same sound of the same request. `speak` raises VoiceBusy when all of them speak.
    """

    def __init__(
        self,
        name: str,
        version: str,
        command: Sequence[str],
        request: Callable[[Utterance, int], dict[str, Any]],
        deadline: float,
        streams: int,
    ) -> None:
        super().__init__(name, version, command, request, deadline)
        self._streams = streams
        self._workers: set[Worker] = set()
        self._free: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._starts: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0

    async def close(self) -> None:
        """Ends every process; a later `speak` starts others."""
        starts = tuple(self._starts)
        for start in starts:
            start.cancel()
        await asyncio.gather(*starts, return_exceptions=True)
        ending, self._workers, self._free = self._workers, set(), asyncio.LifoQueue()
        await asyncio.gather(*(worker.end() for worker in ending))

    async def _take(self) -> Worker:
        """A process of one's own, until it is given back."""
        self._start_missing()
        if not self._workers:
            await self._first_start()
        try:
            async with asyncio.timeout(WAIT):
                while not (worker := await self._free.get()).alive:
                    await self._drop(worker)
        except TimeoutError as error:
            raise VoiceBusy(f"all {self._streams} streams of the voice {self.name} are in use") from error
        return worker

    def _give_back(self, worker: Worker) -> None:
        if worker in self._workers:
            self._free.put_nowait(worker)

    async def _drop(self, worker: Worker) -> None:
        self._workers.discard(worker)
        await worker.end()
        self._start_missing()

    def _start_missing(self) -> None:
        if self._workers and asyncio.get_running_loop().time() < self._rests_until:
            return
        for _ in range(self._streams - len(self._workers) - len(self._starts)):
            start = asyncio.create_task(self._start(), name="voice-start")
            self._starts.add(start)
            start.add_done_callback(self._started)

    async def _start(self) -> None:
        worker = await Worker.start(self._command, self._deadline)
        self._workers.add(worker)
        self._free.put_nowait(worker)

    def _started(self, start: asyncio.Task[None]) -> None:
        self._starts.discard(start)
        fault = None if start.cancelled() else start.exception()
        if fault is not None:
            self._rests_until = start.get_loop().time() + AGAIN
            log.warning("a process of the voice %s could not be started: %s", self.name, fault)

    async def _first_start(self) -> None:
        """Waits until one of the processes is ready. Who gives up waiting does not end the start."""
        waiting: set[asyncio.Task[None]] = set(self._starts)
        faults: list[BaseException | None] = []
        while waiting and not self._workers:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            faults += [start.exception() for start in done if not start.cancelled()]
        fault = next(filter(None, faults), None)
        if fault is not None and not self._workers:
            raise PeerError(f"the voice {self.name} cannot be used: {fault}") from fault
