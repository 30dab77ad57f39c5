"""The recogniser that needs no download: pocketsphinx with one grammar per answer, in processes of its own."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from engine.effects import Expecting
from engine.speech.grammar import Grammar, Grammars
from engine.speech.stt import Transcript
from engine.speech.vendors.processes import Processes

_WORKER: Final = ("-m", "engine.speech.vendors.pocketsphinx_worker")


class Pocketsphinx:
    """A `Recogniser` for one flow.

    `workers` processes share the requests of all calls. A request without an answer `deadline` seconds after its turn
    came, or whose process dies, gives an empty transcript: the caller is asked again.
    """

    name = "pocketsphinx"
    open = False

    def __init__(self, grammars: Grammars, workers: int = 1, deadline: float = 4.0) -> None:
        self._grammars = grammars
        self.processes = Processes(_WORKER, workers, deadline)
        self._warmed: set[str] = set()

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        begun = time.perf_counter()
        answer = await self.processes.ask(_header(self._grammars.grammar(expecting), rate), samples)
        return _transcript(answer, begun)

    def follow(self, rate: int, expecting: Expecting) -> PocketsphinxFollowing:
        """Reads an utterance while it is said, where a process has nothing to do; else at its pauses."""
        return PocketsphinxFollowing(self.processes, _header(self._grammars.grammar(expecting), rate))

    async def warm(self, questions: Iterable[Expecting] = ()) -> None:
        """Starts every process, loads its model, and compiles the grammars of these questions, each once, so that the
        first callers do not wait for it (0.4 s, and up to 0.3 s for each question)."""
        headers = [_header(self._grammars.grammar(expecting), 8000) for expecting in questions]
        new = [header for header in headers if header["key"] not in self._warmed]
        self._warmed.update(header["key"] for header in new)
        for header in new if headers else [{}]:
            await self.processes.ask_all(header)

    async def close(self) -> None:
        await self.processes.close()


class PocketsphinxFollowing:
    """One utterance, read by a process of its own while it is said. Where there is none, or it was taken away or died,
    the whole of it is sent to the next one that is free."""

    def __init__(self, processes: Processes, header: dict[str, Any]) -> None:
        self._processes = processes
        self._header = header
        self._samples = bytearray()
        self._lease = processes.lease()
        self._tell(header, b"")

    def feed(self, samples: bytes) -> None:
        self._samples += samples
        self._tell({}, samples)

    async def words(self) -> Transcript:
        begun = time.perf_counter()
        answer = await self._lease.ask({"ask": True}) if self._lease else None
        if answer is None:
            answer = await self._processes.ask(self._header, bytes(self._samples))
        return _transcript(answer, begun)

    def close(self) -> None:
        if self._lease is not None:
            self._lease.release()
            self._lease = None

    def _tell(self, header: dict[str, Any], samples: bytes) -> None:
        if self._lease is not None:
            self._lease.tell({**header, "more": True}, samples)


def _transcript(answer: dict[str, Any], begun: float) -> Transcript:
    text, confidence = answer.get("text", ""), answer.get("confidence", 0.0)
    return Transcript(text, confidence, tuple(answer.get("alternatives", ())), 1000 * (time.perf_counter() - begun))


def _header(grammar: Grammar, rate: int) -> dict[str, Any]:
    return {"rate": rate, "key": grammar.key, "jsgf": grammar.jsgf, "words": sorted(grammar.words)}
