"""The engines that can be configured by name; each is loaded only when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.flow.model import Flow
from engine.speech.stt import Recogniser
from engine.speech.tts import Voice
from engine.speech.vad import Detector


def _pocketsphinx(flow: Flow, workers: int) -> Recogniser:
    from engine.speech.grammar import Grammars
    from engine.speech.vendors.pocketsphinx_stt import Pocketsphinx

    return Pocketsphinx(Grammars(flow), workers=workers)


def _espeak() -> Voice:
    from engine.speech.vendors.espeak_tts import EspeakVoice

    return EspeakVoice()


RECOGNISERS: Final[Mapping[str, Callable[[Flow, int], Recogniser]]] = {"pocketsphinx": _pocketsphinx}
VOICES: Final[Mapping[str, Callable[[], Voice]]] = {"espeak": _espeak}


def open_detector() -> Detector:
    """The detector of speech, one for a process."""
    from engine.speech.vendors.silero import Silero

    return Silero()
