"""Worker processes that each do one thing at a time: JSON and samples in, JSON out."""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, BinaryIO, Final

from engine.errors import PeerError

_LOG: Final = logging.getLogger(__name__)
LENGTH: Final = struct.Struct(">I")
"""Before each message: its length in bytes. A request is a JSON header, then the samples; an answer is JSON."""


class _Worker:
    """One process; takes one request at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @staticmethod
    async def start(command: Sequence[str]) -> _Worker:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, *command, stdin=pipe, stdout=pipe)
        return _Worker(process)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def tell(self, header: dict[str, Any], samples: bytes) -> None:
        """Sends what the process has to work on; whether an answer comes is for both sides to know."""
        text = json.dumps(header).encode()
        if self.process.stdin is not None:
            self.process.stdin.write(LENGTH.pack(len(text)) + text + LENGTH.pack(len(samples)) + samples)

    async def ask(self, header: dict[str, Any], samples: bytes) -> dict[str, Any]:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise PeerError("the recogniser's process has no pipes")
        try:
            self.tell(header, samples)
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


class Processes:
    """`count` processes that share the requests of all calls, started when they are first needed.

    `command` is what Python runs. A request without an answer `deadline` seconds after its turn came is answered by an
    empty object; its process finishes the work, for it is warm, and only one that gives no sign for `hang` seconds is
    replaced, as is one that dies: on a machine that is too busy, new processes would make it busier still.
    """

    def __init__(self, command: Sequence[str], count: int, deadline: float, hang: float = 30.0) -> None:
        self.count = count
        self.deadline = deadline
        self.hang = hang
        self._command = command
        self._places = count
        """Processes that may still be started."""
        self._idle: list[_Worker] = []
        self.leases: list[Lease] = []
        self._waiting: deque[asyncio.Future[_Worker | None]] = deque()
        self._running: set[asyncio.Task[dict[str, Any] | None]] = set()

    @property
    def idle(self) -> tuple[asyncio.subprocess.Process, ...]:
        """The running processes that wait for work."""
        return tuple(worker.process for worker in self._idle)

    async def ask(self, header: dict[str, Any], samples: bytes, deadline: float | None = None) -> dict[str, Any]:
        """One request. When who asked is cancelled or has waited long enough, the exchange ends by itself."""
        worker = await self._take(recalling=bool(samples))
        return await self.within(self.run(self._request(worker, header, samples)), deadline) or {}

    async def ask_all(self, header: dict[str, Any], deadline: float | None = None) -> list[dict[str, Any]]:
        """The same request, without samples, to every process; starts those that do not run yet."""
        return await asyncio.gather(*(self.ask(header, b"", deadline) for _ in range(self.count)))

    def lease(self) -> Lease | None:
        """A process for as long as somebody speaks, where one has nothing to do. Whoever needs an answer and finds no
        other process takes it away."""
        if not self._idle:
            return None
        lease = Lease(self, self._idle.pop())
        self.leases.append(lease)
        return lease

    async def close(self) -> None:
        """Ends every process."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for lease in tuple(self.leases):
            lease.release()
        while self._idle:
            await self._idle.pop().stop()

    def run(self, exchange: Coroutine[Any, Any, dict[str, Any] | None]) -> asyncio.Task[dict[str, Any] | None]:
        """An exchange that goes on when who waits for it does not."""
        task = asyncio.create_task(exchange)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def within(
        self, task: asyncio.Task[dict[str, Any] | None], deadline: float | None = None
    ) -> dict[str, Any] | None:
        """What the exchange came to; empty when it takes longer than the deadline."""
        seconds = self.deadline if deadline is None else deadline
        try:
            return await asyncio.wait_for(asyncio.shield(task), seconds)
        except TimeoutError:
            _LOG.warning("no answer from the recogniser within %.1f s", seconds)
            return {}

    async def answered(self, worker: _Worker, header: dict[str, Any], samples: bytes) -> dict[str, Any] | None:
        """One exchange with a process; None when it died or gave no sign for too long, and was ended."""
        answer: dict[str, Any] | None = None
        try:
            answer = await asyncio.wait_for(worker.ask(header, samples), self.hang)
        except TimeoutError:
            _LOG.warning("no sign of the recogniser's process for %.1f s; it is replaced", self.hang)
        except PeerError as error:
            _LOG.warning("%s; it is replaced", error)
        finally:
            if answer is None:
                await worker.stop()
        return answer

    def give(self, worker: _Worker | None, lease: Lease | None = None) -> None:
        """Takes a process back, or the place of one that ended, for whoever has waited longest."""
        if lease is not None:
            self.leases.remove(lease)
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(worker)
                return
        if worker is None:
            self._places += 1
        else:
            self._idle.append(worker)

    async def _take(self, recalling: bool) -> _Worker | None:
        """The next process; None for the right to start one."""
        if self._idle:
            return self._idle.pop()
        if self._places:
            self._places -= 1
            return None
        for lease in tuple(self.leases) if recalling else ():
            worker = lease.recall()
            if worker is not None:
                return worker
        waiter: asyncio.Future[_Worker | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.give(waiter.result())
            raise

    async def _request(self, worker: _Worker | None, header: dict[str, Any], samples: bytes) -> dict[str, Any] | None:
        answer = None
        try:
            worker = worker or await _Worker.start(self._command)
            answer = await self.answered(worker, header, samples)
        finally:
            self.give(worker if answer is not None else None)
        return answer


class Lease:
    """One process that works for one caller while they speak: it is told things, and asked in between."""

    def __init__(self, processes: Processes, worker: _Worker) -> None:
        self._processes = processes
        self._worker: _Worker | None = worker
        self._asking: asyncio.Task[dict[str, Any] | None] | None = None
        self._released = False

    def tell(self, header: dict[str, Any], samples: bytes) -> None:
        """What needs no answer; nothing happens where the process is gone."""
        if self._worker is not None:
            self._worker.tell(header, samples)

    async def ask(self, header: dict[str, Any], samples: bytes = b"") -> dict[str, Any] | None:
        """As `Processes.ask`; None where the process was taken away or died."""
        if self._asking is not None:
            await asyncio.wait({self._asking})
        if self._worker is None:
            return None
        self._asking = self._processes.run(self._exchange(self._worker, header, samples))
        return await self._processes.within(self._asking)

    def recall(self) -> _Worker | None:
        """Gives the process up to somebody else, unless it is about to answer."""
        if self._asking is not None or self._worker is None:
            return None
        worker, self._worker = self._worker, None
        self._processes.leases.remove(self)
        return worker

    def release(self) -> None:
        """The caller has spoken."""
        self._released = True
        if self._worker is not None and self._asking is None:
            worker, self._worker = self._worker, None
            self._processes.give(worker, self)

    async def _exchange(self, worker: _Worker, header: dict[str, Any], samples: bytes) -> dict[str, Any] | None:
        answer = None
        try:
            answer = await self._processes.answered(worker, header, samples)
        finally:
            self._asking = None
            if answer is None:
                self._worker = None
                self._processes.give(None, self)
            elif self._released:
                self.release()
        return answer


def serve(
    requests: BinaryIO, answers: BinaryIO, hear: Callable[[bytes, dict[str, Any]], dict[str, Any] | None]
) -> None:
    """The loop of a worker process: answers requests with `hear(samples, header)`, or not where that gives None, until
    the parent closes the pipe."""
    while (head := _read(requests)) is not None and (samples := _read(requests)) is not None:
        header: dict[str, Any] = json.loads(head)
        answer = hear(samples, header)
        if answer is not None:
            text = json.dumps(answer).encode()
            answers.write(LENGTH.pack(len(text)) + text)
            answers.flush()


def _read(stream: BinaryIO) -> bytes | None:
    """The next message; None when the parent has gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None
