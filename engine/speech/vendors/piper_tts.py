"""The natural voice that runs on a processor: Piper through a worker process."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from engine.errors import SettingsError
from engine.persona.prosody import Utterance, sentences
from engine.persona.shortened import lettered
from engine.speech.vendors.process_voice import ProcessVoice

NAME: Final = "piper"
MODULE: Final = "piper"
WORKER: Final = (sys.executable, "-m", "engine.speech.vendors.piper_worker")
RECIPE: Final = 3
"""Raised whenever this file or the worker makes another sound of the same text."""
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x1f\x7f]+")
DEADLINE: Final = 4.0
"""Seconds until the next sound: a voice of medium size takes a tenth of that for a sentence on one core."""


class PiperVoice(ProcessVoice):
    """One worker process for all calls of this process; `folder` holds voices as Piper publishes them.

    Pace and expressiveness are followed, sentence pauses are exact; a pitch cannot be set. Raises SettingsError when
    the extra or the voices are not there; `speak` raises PeerError when the worker failed twice or has no such voice.
    """

    def __init__(self, folder: Path | None, deadline: float = DEADLINE, command: Sequence[str] = WORKER) -> None:
        if importlib.util.find_spec(MODULE) is None:
            raise SettingsError(
                "the voice Piper is not installed; run: pip install 'frontdesk[piper]' "
                "(it is GPL-3.0, and runs in a process of its own)"
            )
        if folder is None or not any(folder.glob("*.onnx")):
            place = f"{folder} holds none" if folder else "it is not set"
            raise SettingsError(
                f"speech.voices: {place}; name the folder with Piper's voices, NAME.onnx and NAME.onnx.json beside it"
            )
        version = f"{importlib.metadata.version('piper-tts')}.{RECIPE}.{_fingerprint(folder)}"
        super().__init__(NAME, version, (*command, str(folder)), _request, deadline)


def _fingerprint(folder: Path) -> str:
    """Differs when a voice was exchanged, so that no prompt of the old one is played."""
    files = sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in folder.glob("*.onnx*"))
    return hashlib.sha256(repr(files).encode()).hexdigest()[:8]


def _request(utterance: Utterance, rate: int) -> dict[str, Any]:
    prosody = utterance.prosody
    parts = sentences(lettered(_UNSPEAKABLE.sub(" ", utterance.text), utterance.language))
    return {
        "voice": utterance.voice(NAME) or "",
        "language": utterance.language,
        "pace": prosody.pace,
        "expressiveness": prosody.expressiveness,
        "rate": rate,
        "clauses": [
            (part, prosody.sentence_pause if number < len(parts) else 0.0) for number, part in enumerate(parts, 1)
        ],
    }
