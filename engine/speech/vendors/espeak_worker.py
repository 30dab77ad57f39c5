"""espeak-ng in a process of its own (its licence is the GPL): reads what to say from stdin, writes sound to stdout."""

from __future__ import annotations

import ctypes
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final, NoReturn

import numpy as np
import numpy.typing as npt
import soxr

from engine.speech.vendors.messages import Decoder, Kind, Message, encode

SYNCHRONOUS: Final = 2
UTF8: Final = 1
RATE, PITCH, RANGE = 1, 3, 4  # espeak_PARAMETER
AUDIBLE: Final = 60
"""Samples at least this loud (of 32768) are sound; quieter ones at either end are cut off, so that pauses are ours."""

_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
Samples = npt.NDArray[np.int16]


class _Voice(ctypes.Structure):
    """The start of espeak_VOICE; `languages` is a priority byte and a language code, repeated."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
    )


class Engine:
    """The library: one voice at a time in the whole process, hence one thread."""

    def __init__(self) -> None:
        import espeakng_loader  # only here: the GPL stays in this process

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Info.restype = ctypes.c_char_p
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self.rate: int = self._library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        if self.rate <= 0:
            raise OSError("espeak-ng could not open its data")
        self._sink: Callable[[Samples], bool] = lambda samples: False
        self._callback = _SynthCallback(self._arrived)  # kept alive for the library
        self._library.espeak_SetSynthCallback(self._callback)
        self._by_language = self._languages()

    @property
    def version(self) -> str:
        return bytes(self._library.espeak_Info(None)).decode()

    def choose(self, name: str, language: str) -> None:
        """Takes a voice by name, by language code, or else for the language. Raises LookupError where there is none."""
        base, plus, variant = (name or language).partition("+")
        for candidate in (base, self._by_language.get(base.lower()), None if name else language.split("-")[0]):
            if candidate and self._library.espeak_SetVoiceByName(f"{candidate}{plus}{variant}".encode()) == 0:
                return
        raise LookupError(f"espeak-ng has no voice {name or language!r}")

    def speak(self, text: str, sink: Callable[[Samples], bool]) -> None:
        """Gives the sound of `text` to `sink` in pieces of about 60 ms until it answers False."""
        self._sink = sink
        data = text.encode()
        if self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, UTF8, None, None) != 0:
            raise OSError("espeak-ng failed")

    def set(self, parameter: int, value: int) -> None:
        self._library.espeak_SetParameter(parameter, value, 0)

    def _arrived(self, samples: Any, count: int, events: Any) -> int:
        if count <= 0 or not samples:
            return 0
        return 0 if self._sink(np.ctypeslib.as_array(samples, (count,)).copy()) else 1

    def _languages(self) -> dict[str, str]:
        voices = self._library.espeak_ListVoices(None)
        found: dict[str, str] = {}
        index = 0
        while voices[index]:
            voice = voices[index].contents
            found.setdefault(voice.languages[1:].decode().lower(), voice.identifier.decode())
            index += 1
        return found


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
        """Runs in a thread of its own, so that a stop is seen while the library speaks; at the end of the input the
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
            except (LookupError, OSError, ValueError) as error:
                self.write(Kind.FAIL, message.job, str(error).encode())
            else:
                self.write(Kind.END, message.job)
            self.stopped -= {job for job in tuple(self.stopped) if job <= message.job}

    def _speak(self, engine: Engine, job: int, request: Mapping[str, Any]) -> None:
        engine.choose(request["voice"], request["language"])
        for parameter, name in ((RATE, "pace"), (PITCH, "pitch"), (RANGE, "range")):
            engine.set(parameter, int(request[name]))
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


def main() -> None:
    worker = Worker(sys.stdout.buffer)
    try:
        engine = Engine()
    except (ImportError, OSError) as error:
        worker.write(Kind.FAIL, 0, str(error).encode())
        return
    ready = {"version": engine.version, "rate": engine.rate}
    worker.write(Kind.READY, 0, json.dumps(ready).encode())
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    worker.run(engine)


if __name__ == "__main__":
    main()
