"""The mouth of the console: the voice of the settings says a sentence for somebody who chooses how it should sound."""

from __future__ import annotations

import asyncio
import io
import wave
from dataclasses import replace
from typing import Final

from engine.persona.prosody import Utterance
from engine.settings import Speech
from engine.speech.rendering import Renderer
from engine.speech.voices import open_others, open_voice

LONGEST: Final = 400
"""Characters of a sentence."""
PATIENCE: Final = 60.0
"""Seconds that a sentence may take: some voices load for long when they are first used."""


class Speaker:
    """Used in one event loop. The voice is opened when it is first heard, and says one sentence at a time."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._renderer: Renderer | None = None
        self._turn = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None

    @property
    def engine(self) -> str:
        """The voice's engine."""
        return self._speech.voice

    async def wav(self, utterance: Utterance, rate: int) -> bytes:
        """A WAV file of a sentence at 8000 or 16000 samples a second. Raises FrontdeskError where no voice speaks,
        TimeoutError where it takes too long."""
        async with asyncio.timeout(PATIENCE), self._turn:
            if self._renderer is None:
                speech = self._speech
                voice = await asyncio.to_thread(
                    open_voice, speech.voice, speech.voices, replace(speech.xtts, streams=1)
                )
                self._renderer = Renderer(voice, others=open_others(speech.voice, speech.voices))
            samples = await self._renderer.whole(utterance, rate)
        file = io.BytesIO()
        with wave.open(file, "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(rate)
            written.writeframes(samples)
        return file.getvalue()

    async def close(self) -> None:
        """Ends the voice's processes."""
        if self._renderer is not None:
            renderer, self._renderer = self._renderer, None
            await renderer.close()

    def stop(self) -> None:
        """The same, begun in the running event loop."""
        if self._renderer is not None:
            self._closing = asyncio.get_running_loop().create_task(self.close())
