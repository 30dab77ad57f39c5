"""A voice whose engine runs in a worker process: started when first needed, replaced if it dies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any, Final

from engine.errors import PeerError
from engine.persona.prosody import Utterance
from engine.speech.vendors.messages import Decoder, Kind, Message, encode

LEAVE_SECONDS: Final = 0.5


class ProcessVoice:
    """A `Voice` with one worker process for all calls of this process.

    `request` makes JSON data of an utterance and a sampling rate; `deadline` is how many seconds the worker may take
    until its next piece of sound, and a tenth of what it may take to start. `speak` raises PeerError when the worker
    failed twice or cannot say this.
    """

    def __init__(
        self,
        name: str,
        version: str,
        command: Sequence[str],
        request: Callable[[Utterance, int], dict[str, Any]],
        deadline: float,
    ) -> None:
        self.name = name
        self.version = version
        self._command = tuple(command)
        self._request = request
        self._deadline = deadline
        self._worker: Worker | None = None
        self._starting: asyncio.Task[Worker] | None = None

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        """Streams the utterance at the voice's own level; its volume is applied by `loudness`."""
        request = json.dumps(self._request(utterance, rate)).encode()
        given = 0
        for last_try in (False, True):
            worker = await self._take()
            skip = given
            try:
                async with aclosing(worker.stream(request, self._deadline)) as chunks:
                    async for chunk in chunks:
                        fresh, skip = chunk[skip:], max(0, skip - len(chunk))
                        given += len(fresh)
                        if fresh:
                            yield fresh
                return
            except WorkerLost as error:
                await self._drop(worker)
                if last_try:
                    raise PeerError(f"the voice {self.name} failed twice: {error}") from error
            except WorkerRefused as error:
                raise PeerError(f"the voice {self.name} cannot say this: {error}") from error
            finally:
                self._give_back(worker)

    async def close(self) -> None:
        """Ends the worker process; a later `speak` starts another."""
        if self._starting is not None:
            with suppress(WorkerRefused):
                self._worker = await self._starting
            self._starting = None
        if self._worker is not None:
            await self._drop(self._worker)

    async def _take(self) -> Worker:
        """The worker; one that is being started is waited for. Whoever gives up waiting does not end the start."""
        if self._worker is not None:
            return self._worker
        if self._starting is None:
            self._starting = asyncio.create_task(Worker.start(self._command, self._deadline), name="voice-start")
        starting = self._starting
        try:
            worker = await asyncio.shield(starting)
        except WorkerRefused as error:
            raise PeerError(f"the voice {self.name} cannot be used: {error}") from error
        finally:
            if starting.done() and self._starting is starting:
                self._starting = None
        if self._worker is None:
            self._worker = worker
        return self._worker

    def _give_back(self, worker: Worker) -> None:
        """After every `_take`, whatever became of the job."""

    async def _drop(self, worker: Worker) -> None:
        if self._worker is worker:
            self._worker = None
        await worker.end()


class WorkerRefused(Exception):
    """The process said why it cannot; another one would say the same."""


class WorkerLost(Exception):
    """The process died, or did not answer in time; another one may do."""


class Worker:
    """One process and the streams of its jobs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._jobs: dict[int, asyncio.Queue[Message | None]] = {}
        self._last = 0
        self._hello: asyncio.Queue[Message | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(), name="voice-worker")

    @classmethod
    async def start(cls, command: Sequence[str], deadline: float) -> Worker:
        """Starts the process and waits until it is ready; imports on a busy machine get ten deadlines."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        worker = cls(process)
        hello: Message | None = None
        try:
            with suppress(TimeoutError):
                hello = await asyncio.wait_for(worker._hello.get(), 10 * deadline)
        finally:
            if hello is None or hello.kind is not Kind.READY:
                await worker.end()
        if hello is None or hello.kind is not Kind.READY:
            raise WorkerRefused("it did not start" if hello is None else hello.payload.decode(errors="replace"))
        return worker

    @property
    def alive(self) -> bool:
        """Whether its process still talks to us."""
        return not self._reading.done()

    async def stream(self, request: bytes, deadline: float) -> AsyncGenerator[bytes]:
        """The sound of one job. Closing the iterator stops it within one piece of sound."""
        if not self.alive:
            raise WorkerLost("its process ended")
        self._last += 1
        job = self._last
        arrived = self._jobs[job] = asyncio.Queue()
        over = False
        try:
            self._send(Message(Kind.SPEAK, job, request))
            while not over:
                try:
                    message = await asyncio.wait_for(arrived.get(), deadline)
                except TimeoutError as error:
                    raise WorkerLost(f"no sound for {deadline:g} s") from error
                over = message is None or message.kind is not Kind.CHUNK
                if message is None:
                    raise WorkerLost("its process ended")
                if message.kind is Kind.FAIL:
                    raise WorkerRefused(message.payload.decode(errors="replace"))
                if message.payload:
                    yield message.payload
        finally:
            del self._jobs[job]
            if not over:
                self._send(Message(Kind.STOP, job))

    async def end(self) -> None:
        """Waits until the process is gone: it leaves when its input is closed, and is killed if it hangs."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), LEAVE_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._reading

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(encode(message))

    async def _read(self) -> None:
        """Hands every message to its job until the process is gone; then tells every job."""
        assert self._process.stdout is not None
        decoder = Decoder()
        with suppress(ValueError, ConnectionError):
            while data := await self._process.stdout.read(65536):
                for message in decoder.feed(data):
                    place = self._hello if message.job == 0 else self._jobs.get(message.job)
                    if place is not None:
                        place.put_nowait(message)
        for place in (self._hello, *self._jobs.values()):
            place.put_nowait(None)
