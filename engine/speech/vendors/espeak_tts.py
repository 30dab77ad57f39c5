"""The embedded voice: espeak-ng through a worker process that is started when first needed and replaced if it dies."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import itertools
import sys
from collections.abc import Sequence
from typing import Any, Final

from engine.errors import SettingsError
from engine.languages.sheet import base_of
from engine.persona.prosody import Prosody, Utterance, clauses, sentences
from engine.persona.shortened import lettered
from engine.speech.vendors.process_voice import ProcessVoice

NAME: Final = "espeak"
MODULE: Final = "espeakng_loader"
WORKER: Final = (sys.executable, "-m", "engine.speech.vendors.espeak_worker")
RECIPE: Final = 3
"""Raised whenever this file or the worker makes another sound of the same text."""

_WORDS: Final = {"en": 1.285, "de": 1.125, "es": 1.155}
"""Words a minute that are heard for each one of the library's setting, pauses at commas and stops not counted: measured
on the prompts of the shipped flows, whose words are longer in some languages."""
_WORDS_ELSEWHERE: Final = 1.15
_SLOWEST: Final = 80
"""The library's slowest setting; whoever wants it slower hears more space between the words."""
_GAP: Final = 0.42
"""Of a setting of the space between words for each hundredth of a second, at the slowest speed."""

_PITCHES: Final = ((0.773, 0), (0.82, 20), (0.89, 35), (1.0, 50), (1.164, 65), (1.353, 80), (1.666, 99))
"""Pitch relative to the voice's own, and the library's setting for it; measured on its English voices."""


class EspeakVoice(ProcessVoice):
    """One worker process for all calls of this process: the library says a sentence in a few milliseconds.

    Raises SettingsError when the extra is not installed; `speak` raises PeerError when the worker failed twice or does
    not know the voice.
    """

    def __init__(self, deadline: float = 2.0, command: Sequence[str] = WORKER) -> None:
        """`deadline` is how many seconds the worker may take until its next piece of sound."""
        if importlib.util.find_spec(MODULE) is None:
            raise SettingsError(
                "the voice espeak-ng is not installed; run: pip install 'frontdesk[espeak]' "
                "(it is GPL-3.0, and runs in a process of its own)"
            )
        version = f"{importlib.metadata.version(MODULE.replace('_', '-'))}.{RECIPE}"
        super().__init__(NAME, version, command, _request, deadline)


def _request(utterance: Utterance, rate: int) -> dict[str, Any]:
    prosody = utterance.prosody
    return {
        "voice": utterance.voice(NAME) or "",
        "language": utterance.language,
        **_speed(prosody.pace, base_of(utterance.language)),
        "pitch": _pitch(prosody.pitch),
        "range": min(99, round(50 * prosody.expressiveness)),
        "rate": rate,
        "clauses": _clauses(lettered(utterance.text, utterance.language), prosody),
    }


def _speed(pace: int, language: str) -> dict[str, int]:
    """The library's settings for words a minute: its own speed, and hundredths of a second between words."""
    factor = _WORDS.get(language, _WORDS_ELSEWHERE)
    missing = max(0.0, 60 / pace - 60 / (_SLOWEST * factor))
    return {"pace": max(_SLOWEST, round(pace / factor)), "gap": round(100 * missing * _GAP)}


def _clauses(text: str, prosody: Prosody) -> list[tuple[str, float]]:
    """Every clause with the seconds of silence after it; none after the last."""
    found: list[tuple[str, float]] = []
    for sentence in sentences(text):
        parts = [(part, prosody.comma_pause) for part in clauses(sentence)]
        found += [*parts[:-1], *((part, prosody.sentence_pause) for part, _ in parts[-1:])]
    return [*found[:-1], *((part, 0.0) for part, _ in found[-1:])]


def _pitch(factor: float) -> int:
    """The library's setting for a relative pitch, between the measured points."""
    for (low, low_setting), (high, high_setting) in itertools.pairwise(_PITCHES):
        if factor <= high:
            share = max(0.0, (factor - low) / (high - low))
            return round(low_setting + share * (high_setting - low_setting))
    return _PITCHES[-1][1]
