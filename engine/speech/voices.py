"""The voices that frontdesk can speak with, each in its own file of `vendors`, imported when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.errors import SettingsError
from engine.speech.tts import Voice


def _espeak() -> Voice:
    from engine.speech.vendors.espeak_tts import EspeakVoice

    return EspeakVoice()


VOICES: Final[Mapping[str, Callable[[], Voice]]] = {"espeak": _espeak}


def open_voice(name: str) -> Voice:
    """A voice by the name of its engine; nothing is started yet. Raises SettingsError when there is none of this name,
    or when what it needs is not installed, and says what to do."""
    if name not in VOICES:
        raise SettingsError(f"there is no voice engine {name!r}; there are: {', '.join(VOICES)}")
    return VOICES[name]()
