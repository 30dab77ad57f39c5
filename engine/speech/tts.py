"""What a voice is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from engine.errors import PeerError
from engine.persona.prosody import Utterance


class VoiceBusy(PeerError):
    """A voice speaks for as many callers as it can: another one may say this sentence, and this one has no fault."""


class Voice(Protocol):
    """Made once per process; streams are cancellable by closing the iterator."""

    name: str
    version: str
    """Changes whenever the same text could sound different; part of the cache's key."""

    def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        """The sound of one utterance as chunks of any length: 16-bit little-endian mono at `rate`, at the voice's own
        level (`loudness` levels it and applies the volume), without silence before or after."""

    async def close(self) -> None:
        """Ends worker processes."""
