"""The loop of a process that speaks: what to say comes in on stdin, sound goes out on stdout, and stops are heard."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final, NoReturn, Protocol

import numpy as np
import numpy.typing as npt
import soxr

from engine.speech.vendors.messages import Decoder, Kind, Message, encode, step_back

AUDIBLE: Final = 60
"""Samples at least this loud (of 32768) are sound; quieter ones at either end are cut off, so that pauses are ours."""

Samples = npt.NDArray[np.int16]


def audible(samples: Samples) -> int:
    """How many samples lie between the first sound and the last."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) >= AUDIBLE)
    return int(loud[-1] - loud[0]) + 1 if loud.size else 0


class Engine(Protocol):
    """What makes the sound. `rate` is that of the voice that was prepared last."""

    rate: int

    def prepare(self, request: Mapping[str, Any]) -> None:
        """Takes voice and prosody of a request. Raises LookupError, OSError or ValueError."""

    def speak(self, text: str, sink: Callable[[Samples], bool]) -> None:
        """Gives the sound of a clause to `sink`, in pieces, until it answers False."""


class Trimmed:
    """Passes samples on without the silence before the first sound and after the last of each clause."""

    def __init__(self, onward: Callable[[Samples], None]) -> None:
        self._onward = onward
        self._begun = False
        self._quiet: list[Samples] = []

    def push(self, samples: Samples) -> None:
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) >= AUDIBLE)
        if not loud.size:
            if self._begun:
                self._quiet.append(samples)
            return
        start = 0 if self._begun else int(loud[0])
        end = int(loud[-1]) + 1
        for held in self._quiet:
            self._onward(held)
        self._onward(samples[start:end])
        self._begun, self._quiet = True, [samples[end:]]

    def clause_over(self) -> None:
        self._begun, self._quiet = False, []


class Worker:
    """Takes one job after the other; `stopped` names jobs that nobody wants to hear any more."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self.jobs: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.stopped: set[int] = set()

    def write(self, kind: Kind, job: int = 0, payload: bytes = b"") -> None:
        with self._lock:
            self._out.write(encode(Message(kind, job, payload)))
            self._out.flush()

    def listen(self, source: Any) -> None:
        """Runs in a thread of its own, so that a stop is seen while the engine speaks; at the end of the input the
        process is over, whatever it does."""
        decoder = Decoder()
        while data := source.read1(65536):
            for message in decoder.feed(data):
                if message.kind is Kind.STOP:
                    self.stopped.add(message.job)
                elif message.kind is Kind.SPEAK:
                    self.jobs.put(message)
        os._exit(0)

    def run(self, engine: Engine) -> NoReturn:
        while True:
            message = self.jobs.get()
            try:
                self._speak(engine, message.job, json.loads(message.payload))
            except (LookupError, OSError, ValueError, RuntimeError) as error:
                self.write(Kind.FAIL, message.job, str(error).encode())
            else:
                self.write(Kind.END, message.job)
            self.stopped -= {job for job in tuple(self.stopped) if job <= message.job}

    def _speak(self, engine: Engine, job: int, request: Mapping[str, Any]) -> None:
        engine.prepare(request)
        resampler = soxr.ResampleStream(engine.rate, request["rate"], 1, dtype="int16", quality="HQ")

        def give(samples: Samples, last: bool = False) -> None:
            converted = resampler.resample_chunk(samples, last)
            if converted.size and job not in self.stopped:
                self.write(Kind.CHUNK, job, converted.astype("<i2").tobytes())

        trimmed = Trimmed(give)

        def wanted(samples: Samples) -> bool:
            trimmed.push(samples)
            return job not in self.stopped

        for text, pause in request["clauses"]:
            if job in self.stopped:
                return
            engine.speak(text, wanted)
            trimmed.clause_over()
            give(np.zeros(round(pause * engine.rate), np.int16))
        give(np.zeros(0, np.int16), last=True)


def serve(open_engine: Callable[[], Engine], about: Callable[[Any], Mapping[str, Any]]) -> None:
    """Opens the engine, says what it is (or why it cannot be used), and speaks until the parent has gone. What its
    library prints is no message of ours, and goes to stderr."""
    step_back()
    worker = Worker(os.fdopen(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        engine = open_engine()
    except (ImportError, OSError, ValueError, LookupError, RuntimeError) as error:
        worker.write(Kind.FAIL, 0, str(error).encode())
        return
    worker.write(Kind.READY, 0, json.dumps(about(engine)).encode())
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    worker.run(engine)
