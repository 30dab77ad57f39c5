"""The recogniser for open speech: faster-whisper, in processes of its own, with the flow's words as context."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.effects import Expecting
from engine.errors import SettingsError
from engine.flow.model import Flow
from engine.languages.sheet import base_of
from engine.speech.context import context_of
from engine.speech.stt import Transcript
from engine.speech.vendors.processes import Processes

_WORKER: Final = ("-m", "engine.speech.vendors.whisper_worker")
LOADED_WITHIN: Final = 120.0
"""Seconds in which a model must be in memory."""


class Whisper:
    """A `Recogniser` for one flow.

    `model` is a folder with a Whisper model in CTranslate2's format (`frontdesk models` fetches them); nothing is
    fetched here. `workers` processes share the requests of all calls, and the cores between them. The language is the
    flow's. A request without an answer `deadline` seconds after its turn came gives an empty transcript.
    """

    name = "whisper"
    open = True

    def __init__(
        self,
        flow: Flow,
        model: Path | None,
        device: str = "auto",
        compute: str = "default",
        workers: int = 1,
        deadline: float = 4.0,
    ) -> None:
        """Raises SettingsError where the package or the model is missing, and says what to do."""
        if importlib.util.find_spec("faster_whisper") is None:
            raise SettingsError("speech.recogniser: whisper is not installed; run `pip install 'frontdesk[whisper]'`")
        if model is None or not (model / "model.bin").is_file():
            place = f"{model} holds no model.bin" if model else "it is not set"
            raise SettingsError(
                f"speech.model: {place}; name the folder of a Whisper model in CTranslate2's format,"
                " such as one that `frontdesk models fetch small` has fetched"
            )
        threads = max(1, (os.cpu_count() or 1) // workers)
        options = ("--model", str(model), "--device", device, "--compute", compute, "--threads", str(threads))
        self.processes = Processes((*_WORKER, *options), workers, deadline, LOADED_WITHIN)
        self._flow = flow
        self._language = base_of(flow.language)

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        begun = time.perf_counter()
        header = {"rate": rate, "language": self._language, "context": context_of(self._flow, expecting)}
        answer = await self.processes.ask(header, samples)
        readings = answer.get("readings", [])
        text, confidence = readings[0] if readings else ("", 0.0)
        others = tuple(other for other, _ in readings[1:])
        return Transcript(text, confidence, others, 1000 * (time.perf_counter() - begun))

    async def warm(self, questions: Iterable[Expecting] = ()) -> None:
        """Starts every process and loads the model; questions need nothing of their own."""
        if len(self.processes.idle) < self.processes.count and not list(questions):
            await self.processes.ask_all({}, LOADED_WITHIN)

    async def close(self) -> None:
        await self.processes.close()
