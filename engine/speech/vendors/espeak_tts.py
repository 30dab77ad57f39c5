"""The embedded voice: espeak-ng through a worker process that is started when first needed and replaced if it dies."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import itertools
import json
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import Any, Final

from engine.errors import PeerError, SettingsError
from engine.persona.prosody import Prosody, Utterance, clauses, sentences
from engine.speech.vendors.messages import Decoder, Kind, Message, encode

MODULE: Final = "espeakng_loader"
WORKER: Final = (sys.executable, "-m", "engine.speech.vendors.espeak_worker")
LEAVE_SECONDS: Final = 0.5
RECIPE: Final = 1
"""Raised whenever this file or the worker makes another sound of the same text."""

_PITCHES: Final = ((0.773, 0), (0.82, 20), (0.89, 35), (1.0, 50), (1.164, 65), (1.353, 80), (1.666, 99))
"""Pitch relative to the voice's own, and the library's setting for it; measured on its English voices."""


class EspeakVoice:
    """One worker process for all calls of this process: the library says a sentence in a few milliseconds.

    `deadline` is how many seconds the worker may take until its next piece of sound. Raises SettingsError when the
    extra is not installed; `speak` raises PeerError when the worker failed twice or does not know the voice.
    """

    name = "espeak"

    def __init__(self, deadline: float = 2.0, command: Sequence[str] = WORKER) -> None:
        if importlib.util.find_spec(MODULE) is None:
            raise SettingsError(
                "the voice espeak-ng is not installed; run: pip install 'frontdesk[espeak]' "
                "(it is GPL-3.0, and runs in a process of its own)"
            )
        self.version = f"{importlib.metadata.version(MODULE.replace('_', '-'))}.{RECIPE}"
        self._deadline = deadline
        self._command = tuple(command)
        self._worker: _Worker | None = None
        self._starting = asyncio.Lock()

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        """Streams the utterance at the voice's own level; its volume is applied by `loudness`."""
        request = json.dumps(_request(utterance, rate)).encode()
        given = 0
        for last_try in (False, True):
            worker = await self._running()
            skip = given
            try:
                async with aclosing(worker.stream(request, self._deadline)) as chunks:
                    async for chunk in chunks:
                        fresh, skip = chunk[skip:], max(0, skip - len(chunk))
                        given += len(fresh)
                        if fresh:
                            yield fresh
                return
            except _WorkerLost as error:
                await self._drop(worker)
                if last_try:
                    raise PeerError(f"the voice espeak-ng failed twice: {error}") from error

    async def close(self) -> None:
        """Ends the worker process; a later `speak` starts another."""
        if self._worker is not None:
            await self._drop(self._worker)

    async def _running(self) -> _Worker:
        async with self._starting:
            if self._worker is None:
                self._worker = await _Worker.start(self._command, self._deadline)
            return self._worker

    async def _drop(self, worker: _Worker) -> None:
        if self._worker is worker:
            self._worker = None
        await worker.end()


def _request(utterance: Utterance, rate: int) -> dict[str, Any]:
    prosody = utterance.prosody
    return {
        "voice": utterance.voice(EspeakVoice.name) or "",
        "language": utterance.language,
        "pace": prosody.pace,
        "pitch": _pitch(prosody.pitch),
        "range": min(99, round(50 * prosody.expressiveness)),
        "rate": rate,
        "clauses": _clauses(utterance.text, prosody),
    }


def _clauses(text: str, prosody: Prosody) -> list[tuple[str, float]]:
    """Every clause with the seconds of silence after it; none after the last."""
    found: list[tuple[str, float]] = []
    for sentence in sentences(text):
        parts = [(_pronounced(part), prosody.comma_pause) for part in clauses(sentence)]
        found += [*parts[:-1], *((part, prosody.sentence_pause) for part, _ in parts[-1:])]
    return [*found[:-1], *((part, 0.0) for part, _ in found[-1:])]


def _pronounced(text: str) -> str:
    """A lone A beside other letters or digits is the letter, not the article."""
    return re.sub(r"\bA\b(?=\s[A-Z0-9]\b)|(?<=\b[A-Z0-9]\s)A\b", "Ay", text)


def _pitch(factor: float) -> int:
    """The library's setting for a relative pitch, between the measured points."""
    for (low, low_setting), (high, high_setting) in itertools.pairwise(_PITCHES):
        if factor <= high:
            share = max(0.0, (factor - low) / (high - low))
            return round(low_setting + share * (high_setting - low_setting))
    return _PITCHES[-1][1]


class _WorkerLost(Exception):
    """The process died, or did not answer in time; another one may do."""


class _Worker:
    """One process and the streams of its jobs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._jobs: dict[int, asyncio.Queue[Message | None]] = {}
        self._last = 0
        self._hello: asyncio.Queue[Message | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(), name="espeak-worker")

    @classmethod
    async def start(cls, command: Sequence[str], deadline: float) -> _Worker:
        """Starts the process and waits until it is ready; imports on a busy machine get ten deadlines."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        worker = cls(process)
        try:
            hello = await asyncio.wait_for(worker._hello.get(), 10 * deadline)
        except TimeoutError:
            hello = None
        if hello is None or hello.kind is not Kind.READY:
            await worker.end()
            why = "it did not start" if hello is None else hello.payload.decode(errors="replace")
            raise PeerError(f"the voice espeak-ng cannot be used: {why}")
        return worker

    async def stream(self, request: bytes, deadline: float) -> AsyncGenerator[bytes]:
        """The sound of one job. Closing the iterator stops it within one piece of sound."""
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
                    raise _WorkerLost(f"no sound for {deadline:g} s") from error
                over = message is None or message.kind is not Kind.CHUNK
                if message is None:
                    raise _WorkerLost("its process ended")
                if message.kind is Kind.FAIL:
                    raise PeerError(f"the voice espeak-ng cannot say this: {message.payload.decode(errors='replace')}")
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
