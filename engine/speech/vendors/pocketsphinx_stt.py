"""The recogniser that needs no download: pocketsphinx with one grammar per answer, in processes of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Iterable
from typing import Any, Final

from engine.effects import Expecting
from engine.errors import PeerError
from engine.speech.grammar import Grammar, Grammars
from engine.speech.stt import Transcript
from engine.speech.vendors.pocketsphinx_worker import LENGTH

_LOG: Final = logging.getLogger(__name__)
_WORKER: Final = ("-m", "engine.speech.vendors.pocketsphinx_worker")


class _Worker:
    """One process; takes one request at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @staticmethod
    async def start() -> _Worker:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, *_WORKER, stdin=pipe, stdout=pipe)
        return _Worker(process)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def ask(self, header: dict[str, Any], samples: bytes) -> dict[str, Any]:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise PeerError("the recogniser's process has no pipes")
        text = json.dumps(header).encode()
        try:
            stdin.write(LENGTH.pack(len(text)) + text + LENGTH.pack(len(samples)) + samples)
            await stdin.drain()
            (length,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
            answer: dict[str, Any] = json.loads(await stdout.readexactly(length))
        except (OSError, asyncio.IncompleteReadError) as error:
            raise PeerError(f"the recogniser's process ended (exit status {self.process.returncode})") from error
        return answer

    async def stop(self) -> None:
        """Ends the process at once; it keeps nothing that would be lost."""
        if self.alive:
            self.process.kill()
        await self.process.wait()


class Pocketsphinx:
    """A `Recogniser` for one flow.

    `workers` processes share the requests of all calls. A request without an answer `deadline` seconds after its turn
    came, or whose process dies, gives an empty transcript (the caller is asked again), and the process is replaced.
    """

    name = "pocketsphinx"
    open = False

    def __init__(self, grammars: Grammars, workers: int = 1, deadline: float = 4.0) -> None:
        self._grammars = grammars
        self.deadline = deadline
        self._workers = workers
        self._places = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._running: set[asyncio.Task[dict[str, Any]]] = set()
        self._warmed: set[str] = set()

    @property
    def processes(self) -> tuple[asyncio.subprocess.Process, ...]:
        """The running processes that wait for work."""
        return tuple(worker.process for worker in self._idle)

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        begun = time.perf_counter()
        answer = await self._ask(_header(self._grammars.grammar(expecting), rate), samples)
        text, confidence = answer.get("text", ""), answer.get("confidence", 0.0)
        return Transcript(text, confidence, tuple(answer.get("alternatives", ())), 1000 * (time.perf_counter() - begun))

    async def warm(self, questions: Iterable[Expecting] = ()) -> None:
        """Starts every process, loads its model, and compiles the grammars of these questions, each once, so that the
        first callers do not wait for it (0.4 s, and up to 0.3 s for each question)."""
        headers = [_header(self._grammars.grammar(expecting), 8000) for expecting in questions]
        new = [header for header in headers if header["key"] not in self._warmed]
        self._warmed.update(header["key"] for header in new)
        for header in new if headers else [{}]:
            await asyncio.gather(*(self._ask(header, b"") for _ in range(self._workers)))

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        while self._idle:
            await self._idle.pop().stop()

    async def _ask(self, header: dict[str, Any], samples: bytes) -> dict[str, Any]:
        """One request. When who asked is cancelled, the exchange ends by itself, so that its process is kept."""
        await self._places.acquire()
        task = asyncio.create_task(self._exchange(header, samples))
        self._running.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._running.discard(task)
        self._places.release()

    async def _exchange(self, header: dict[str, Any], samples: bytes) -> dict[str, Any]:
        worker = self._idle.pop() if self._idle else await _Worker.start()
        answer: dict[str, Any] | None = None
        try:
            answer = await asyncio.wait_for(worker.ask(header, samples), self.deadline)
        except TimeoutError:
            _LOG.warning("no answer from the recogniser within %.1f s; its process is replaced", self.deadline)
        except PeerError as error:
            _LOG.warning("%s; it is replaced", error)
        finally:
            if answer is None:
                await worker.stop()
            else:
                self._idle.append(worker)
        return answer or {}


def _header(grammar: Grammar, rate: int) -> dict[str, Any]:
    return {"rate": rate, "key": grammar.key, "jsgf": grammar.jsgf, "words": sorted(grammar.words)}
