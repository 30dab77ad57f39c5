"""The voices that frontdesk can speak with, each in its own file of `vendors`, imported when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import SettingsError
from engine.speech.tts import Voice
from engine.speech.vendors.xtts_settings import PLAIN, Xtts


@dataclass(frozen=True, slots=True)
class Means:
    """What voices need that are read from disk: the `folder` of `speech.voices`, and the settings of XTTS."""

    folder: Path | None = None
    xtts: Xtts = PLAIN


def _espeak(_: Means) -> Voice:
    from engine.speech.vendors.espeak_tts import EspeakVoice

    return EspeakVoice()


def _piper(means: Means) -> Voice:
    from engine.speech.vendors.piper_tts import PiperVoice

    return PiperVoice(means.folder)


def _xtts(means: Means) -> Voice:
    from engine.speech.vendors.xtts_tts import XttsVoice

    return XttsVoice(means.folder, means.xtts)


def _recorded(means: Means) -> Voice:
    from engine.speech.recorded import RecordedVoice

    return RecordedVoice(means.folder)


VOICES: Final[Mapping[str, Callable[[Means], Voice]]] = {
    "espeak": _espeak, "piper": _piper, "recorded": _recorded, "xtts": _xtts,
}  # fmt: skip

_LADDER: Final = ("xtts", "recorded", "piper", "espeak")
"""Each speaks where the ones before it fail: the further down, the less it needs. Recordings stand in as the spare,
after all engines, since they lack most sentences."""


def open_others(name: str, folder: Path | None = None) -> tuple[Voice, ...]:
    """The voices that speak where the one of this name fails, best first; nothing is started yet. Those that are not
    installed are left out."""
    others: list[Voice] = []
    for other in _LADDER[_LADDER.index(name) + 1 :] if name in _LADDER else _LADDER[-1:]:
        if other == "recorded":
            continue
        with suppress(SettingsError):
            others.append(open_voice(other, folder))
    return tuple(others)


def open_spare(folder: Path | None) -> Voice | None:
    """Who still speaks where no engine does any more: recordings, if there are any."""
    try:
        return open_voice("recorded", folder)
    except SettingsError:
        return None


def open_voice(name: str, folder: Path | None = None, xtts: Xtts = PLAIN) -> Voice:
    """A voice by the name of its engine; nothing is started yet. `folder` holds the voices of engines that read them
    from disk. Raises SettingsError when there is none of this name, or when what it needs is missing, and says what
    to do; AuthorError where the consent of a speaker is missing or faulty."""
    if name not in VOICES:
        raise SettingsError(f"there is no voice engine {name!r}; there are: {', '.join(VOICES)}")
    return VOICES[name](Means(folder, xtts))
