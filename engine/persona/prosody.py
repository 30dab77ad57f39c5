"""How a piece of text should sound, independent of any engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prosody:
    """`pace` in words per minute; `pitch` and `volume` relative to the voice (1 is neutral); pauses in seconds."""

    pace: int = 165
    pitch: float = 1.0
    volume: float = 1.0
    sentence_pause: float = 0.35
    comma_pause: float = 0.15


@dataclass(frozen=True, slots=True)
class Utterance:
    """Text as it should be read, in one voice. `voices` maps an engine's name to its name of the voice."""

    text: str
    language: str
    prosody: Prosody
    voices: tuple[tuple[str, str], ...] = ()
