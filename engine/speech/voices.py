"""The voices that frontdesk can speak with, each in its own file of `vendors`, imported when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from engine.errors import SettingsError
from engine.speech.tts import Voice


def _espeak(_: Path | None) -> Voice:
    from engine.speech.vendors.espeak_tts import EspeakVoice

    return EspeakVoice()


def _piper(folder: Path | None) -> Voice:
    from engine.speech.vendors.piper_tts import PiperVoice

    return PiperVoice(folder)


VOICES: Final[Mapping[str, Callable[[Path | None], Voice]]] = {"espeak": _espeak, "piper": _piper}


_STEADY: Final = "espeak"
"""Speaks where the voice of the settings fails: it has no model to load, and starts in no time."""


def open_others(name: str) -> tuple[Voice, ...]:
    """The voices that speak where the one of this name fails, best first; nothing is started yet. None where they are
    not installed."""
    try:
        return () if name == _STEADY else (open_voice(_STEADY),)
    except SettingsError:
        return ()


def open_voice(name: str, folder: Path | None = None) -> Voice:
    """A voice by the name of its engine; nothing is started yet. `folder` holds the voices of engines that read them
    from disk. Raises SettingsError when there is none of this name, or when what it needs is missing, and says what
    to do."""
    if name not in VOICES:
        raise SettingsError(f"there is no voice engine {name!r}; there are: {', '.join(VOICES)}")
    return VOICES[name](folder)
