"""The voice that speaks like a person who agreed to it: XTTS v2, in processes of another Python environment."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from functools import partial
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Final

from engine.errors import PeerError, SettingsError
from engine.persona.prosody import Utterance, sentences
from engine.speech.consent import Speaker, speakers_in
from engine.speech.vendors.stream_pool import PooledVoice
from engine.speech.vendors.xtts_settings import Xtts

NAME: Final = "xtts"
RECIPE: Final = 1
"""Raised whenever this file or the worker makes another sound of the same text."""
USUAL_PACE: Final = 165
"""Words a minute at the model's own speed, near enough: speakers differ."""
SLOWEST, FASTEST = 0.5, 2.0
"""Bounds of the speed; beyond them the sound is torn."""
FLAT, LIVELY = 0.5, 1.3
"""Factors on the model's own temperature at expressiveness 0 and 2; above, it begins to babble."""
MODEL_FILES: Final = ("config.json", "model.pth", "vocab.json")
PROBE: Final = """
import importlib.metadata as m, json
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return None
print(json.dumps({name: version(name) for name in ("frontdesk", "coqui-tts", "torch")}))
"""
ASKED_WITHIN: Final = 30.0
"""Seconds in which the other Python must say what is installed there."""
LICENCE: Final = (
    "speech.xtts.accept_licence is not `yes`. The weights of XTTS v2 are under the Coqui Public Model License: they "
    "and what they say may be used for non-commercial purposes only; a business that answers its telephone is "
    "commercial, and Coqui no longer sells other licences. Read the licence (LICENSE.txt beside the weights); write "
    "`accept_licence: yes` under `speech.xtts` if you keep to it, or use `voice: piper`"
)


class XttsVoice(PooledVoice):
    """One process for each stream, on the Python of the settings; `folder` holds recordings with consents (NAME.wav,
    NAME.yaml), beside the model's own speakers.

    Pace and expressiveness are followed, sentence pauses are exact; a pitch cannot be set. The same request makes the
    same sound. Raises SettingsError where the licence is not accepted or something is missing, AuthorError where a
    consent is; `speak` raises PeerError when two processes failed or it has no such speaker, VoiceBusy when all speak.
    """

    def __init__(self, folder: Path | None, settings: Xtts) -> None:
        if not settings.accept_licence:
            raise SettingsError(LICENCE)
        model = _model(settings.model)
        python = settings.python or Path(sys.executable)
        installed = _installed(python)
        self.speakers = speakers_in(folder, date.today()) if folder is not None else {}
        weights = _fingerprint(model)
        threads = max(1, (os.cpu_count() or 1) // 2 // settings.streams)  # the calls need the other half
        command = (str(python), "-m", "engine.speech.vendors.xtts_worker", str(model))
        options = ("--device", settings.device, "--threads", str(threads))
        people = hashlib.sha256(repr(sorted((one.name, one.digest) for one in self.speakers.values())).encode())
        super().__init__(
            NAME,
            f"{installed['coqui-tts']}.{RECIPE}.{weights}.{people.hexdigest()[:8]}",
            (*command, *options),
            partial(_request, self.speakers, weights),
            settings.deadline,
            settings.streams,
        )


def _model(folder: Path | None) -> Path:
    missing = [name for name in MODEL_FILES if folder is None or not (folder / name).is_file()]
    if folder is None or missing:
        place = "it is not set" if folder is None else f"{folder} holds no {' and no '.join(missing)}"
        raise SettingsError(
            f"speech.xtts.model: {place}; name the folder with the weights of XTTS v2 (docs/voice.md tells how to "
            f"fetch them once): {', '.join(MODEL_FILES)}"
        )
    return folder


def _installed(python: Path) -> Mapping[str, str]:
    """Versions in the environment of the other Python. Raises SettingsError where they are not what we need."""
    try:
        asked = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=ASKED_WITHIN, check=True)
        versions: dict[str, str | None] = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as fault:
        why = (isinstance(fault, OSError) and fault.strerror) or fault
        raise SettingsError(f"speech.xtts.python: {python} is no Python that can be run: {why}") from fault
    ours = version_of("frontdesk")
    missing = [name for name in ("coqui-tts", "torch", "frontdesk") if versions.get(name) is None]
    if missing or versions["frontdesk"] != ours:
        what = f"has no {' and no '.join(missing)}" if missing else f"has frontdesk {versions['frontdesk']}, not {ours}"
        raise SettingsError(
            f"speech.xtts.python: the environment of {python} {what}; run: {python} -m pip install "
            f"'frontdesk[xtts]=={ours}', or name the Python of an environment that has it"
        )
    return {name: str(version) for name, version in versions.items()}


def _fingerprint(model: Path) -> str:
    """Differs when the model was exchanged, so that no prompt and no speaker of the old one is used."""
    files = [((model / name).stat().st_size, (model / name).stat().st_mtime_ns) for name in MODEL_FILES]
    return hashlib.sha256(repr(files).encode()).hexdigest()[:8]


def _request(speakers: Mapping[str, Speaker], weights: str, utterance: Utterance, rate: int) -> dict[str, Any]:
    """Raises PeerError where the speaker's consent is over by now."""
    prosody = utterance.prosody
    parts = [part for part in sentences(utterance.text) if any(sign.isalnum() for sign in part)]
    return {
        "speaker": _speaker(speakers, weights, utterance.voice(NAME)),
        "language": utterance.language,
        "speed": min(FASTEST, max(SLOWEST, prosody.pace / USUAL_PACE)),
        "variety": _variety(prosody.expressiveness),
        "rate": rate,
        "clauses": [
            (part, prosody.sentence_pause if number < len(parts) else 0.0) for number, part in enumerate(parts, 1)
        ],
    }


def _speaker(speakers: Mapping[str, Speaker], weights: str, name: str | None) -> dict[str, str]:
    """Who speaks: the recording of this name, or else a speaker of the model's own; the first where none is named."""
    speaker = speakers.get(name) if name is not None else next(iter(speakers.values()), None)
    if speaker is None:
        return {"name": name or ""}
    if not speaker.consent.holds(date.today()):
        raise PeerError(f"the consent of {speaker.consent.person} to speak as {speaker.name} is over")
    return {"name": speaker.name, "sample": str(speaker.sample), "digest": speaker.digest, "weights": weights}


def _variety(expressiveness: float) -> float:
    if expressiveness <= 1:
        return FLAT + (1 - FLAT) * expressiveness
    return 1 + (LIVELY - 1) * (expressiveness - 1)
