"""Worker processes that each answer one request at a time: JSON and samples in, JSON out."""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import sys
from collections.abc import Callable, Sequence
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
        self._places = asyncio.Semaphore(count)
        self._idle: list[_Worker] = []
        self._running: set[asyncio.Task[dict[str, Any]]] = set()

    @property
    def idle(self) -> tuple[asyncio.subprocess.Process, ...]:
        """The running processes that wait for work."""
        return tuple(worker.process for worker in self._idle)

    async def ask(self, header: dict[str, Any], samples: bytes, deadline: float | None = None) -> dict[str, Any]:
        """One request. When who asked is cancelled or has waited long enough, the exchange ends by itself."""
        await self._places.acquire()
        task = asyncio.create_task(self._exchange(header, samples))
        self._running.add(task)
        task.add_done_callback(self._done)
        within = self.deadline if deadline is None else deadline
        try:
            return await asyncio.wait_for(asyncio.shield(task), within)
        except TimeoutError:
            _LOG.warning("no answer from the recogniser within %.1f s", within)
            return {}

    async def ask_all(self, header: dict[str, Any], deadline: float | None = None) -> list[dict[str, Any]]:
        """The same request, without samples, to every process; starts those that do not run yet."""
        return await asyncio.gather(*(self.ask(header, b"", deadline) for _ in range(self.count)))

    async def close(self) -> None:
        """Ends every process."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        while self._idle:
            await self._idle.pop().stop()

    def _done(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._running.discard(task)
        self._places.release()

    async def _exchange(self, header: dict[str, Any], samples: bytes) -> dict[str, Any]:
        worker = self._idle.pop() if self._idle else await _Worker.start(self._command)
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
            else:
                self._idle.append(worker)
        return answer or {}


def serve(requests: BinaryIO, answers: BinaryIO, hear: Callable[[bytes, dict[str, Any]], dict[str, Any]]) -> None:
    """The loop of a worker process: answers requests with `hear(samples, header)` until the parent closes the pipe."""
    while (head := _read(requests)) is not None and (samples := _read(requests)) is not None:
        header: dict[str, Any] = json.loads(head)
        text = json.dumps(hear(samples, header)).encode()
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
