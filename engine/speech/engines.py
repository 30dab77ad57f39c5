"""The engines that listen, by name; each is loaded only when it is used. Voices stand in `voices`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.flow.model import Flow
from engine.speech.stt import Recogniser
from engine.speech.vad import Detector


def _pocketsphinx(flow: Flow, workers: int) -> Recogniser:
    from engine.speech.grammar import Grammars
    from engine.speech.vendors.pocketsphinx_stt import Pocketsphinx

    return Pocketsphinx(Grammars(flow), workers=workers)


RECOGNISERS: Final[Mapping[str, Callable[[Flow, int], Recogniser]]] = {"pocketsphinx": _pocketsphinx}


def open_detector() -> Detector:
    """The detector of speech, one for a process."""
    from engine.speech.vendors.silero import Silero

    return Silero()
