"""The engines that listen, by name; each is loaded only when it is used. Voices stand in `voices`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import SettingsError
from engine.flow.model import Flow
from engine.languages.sheet import base_of
from engine.speech.stt import Recogniser
from engine.speech.vad import Detector


@dataclass(frozen=True, slots=True)
class Listening:
    """How speech is recognised. `workers` are processes; `model`, `device` (auto, cpu, cuda) and `compute` (default,
    int8, float16, ...) are for engines that read a model from disk."""

    recogniser: str = "pocketsphinx"
    workers: int = 2
    model: Path | None = None
    device: str = "auto"
    compute: str = "default"


def _pocketsphinx(flow: Flow, listening: Listening) -> Recogniser:
    if base_of(flow.language) != "en":
        raise SettingsError(
            f"pocketsphinx hears English only, and {flow.path} is answered in {flow.language}: nothing that callers "
            "say would be understood. Set `speech.recogniser: whisper` and a `speech.model` that knows the language "
            "(see docs/telephony.md), or answer this line in English"
        )
    from engine.speech.grammar import Grammars
    from engine.speech.vendors.pocketsphinx_stt import Pocketsphinx

    return Pocketsphinx(Grammars(flow), workers=listening.workers)


def _whisper(flow: Flow, listening: Listening) -> Recogniser:
    from engine.speech.vendors.whisper_stt import Whisper

    return Whisper(flow, listening.model, listening.device, listening.compute, listening.workers)


RECOGNISERS: Final[Mapping[str, Callable[[Flow, Listening], Recogniser]]] = {
    "pocketsphinx": _pocketsphinx,
    "whisper": _whisper,
}


def open_recogniser(flow: Flow, listening: Listening) -> Recogniser:
    """The recogniser of a flow; no process is started yet. Raises SettingsError when there is none of this name, or
    when what it needs is missing, and says what to do."""
    if listening.recogniser not in RECOGNISERS:
        raise SettingsError(f"there is no recogniser {listening.recogniser!r}; there are: {', '.join(RECOGNISERS)}")
    return RECOGNISERS[listening.recogniser](flow, listening)


def open_detector() -> Detector:
    """The detector of speech, one for a process."""
    from engine.speech.vendors.silero import Silero

    return Silero()
