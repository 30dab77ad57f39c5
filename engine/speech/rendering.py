"""The sound of an utterance, sentence by sentence: from the cache where it is, from the voice where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import cast

from engine.persona.prosody import Utterance, sentences
from engine.speech.cache import PromptCache, cache_key
from engine.speech.loudness import Leveller
from engine.speech.tts import Voice


class Renderer:
    """Renders for all calls of a process. `cache` may be None: then everything is rendered when it is said."""

    def __init__(self, voice: Voice, cache: PromptCache | None = None) -> None:
        self.voice = voice
        self.cache = cache
        self._levels: dict[tuple[str | None, str], float] = {}

    async def sound(self, utterance: Utterance, rate: int) -> AsyncGenerator[bytes]:
        """Levelled chunks, with the persona's pause between sentences. What is in memory comes without waiting.
        Raises what the voice raises."""
        pause = silence(utterance.prosody.sentence_pause, rate)
        for index, text in enumerate(sentences(utterance.text)):
            if index and pause:
                yield pause
            async with aclosing(self._sentence(replace(utterance, text=text), rate)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def whole(self, utterance: Utterance, rate: int) -> bytes:
        """The same as one piece."""
        async with aclosing(self.sound(utterance, rate)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def warm(self, utterance: Utterance, rate: int) -> bool:
        """Puts every sentence on disk; says whether any had to be rendered. Only for texts without a caller's data."""
        if self.cache is None:
            return False
        rendered = False
        for text in sentences(utterance.text):
            single = replace(utterance, text=text)
            key = cache_key(single, self.voice, rate)
            if not await asyncio.to_thread(self.cache.has, key):
                async with aclosing(self._rendered(single, rate)) as chunks:
                    samples = b"".join([chunk async for chunk in chunks])
                await asyncio.to_thread(self.cache.store, key, samples, rate)
                rendered = True
        return rendered

    async def _sentence(self, utterance: Utterance, rate: int) -> AsyncGenerator[bytes]:
        key = cache_key(utterance, self.voice, rate)
        if self.cache is not None:
            samples = self.cache.get(key)
            if samples is None:
                samples = await asyncio.to_thread(self.cache.load, key, rate)
                if samples is not None:
                    self.cache.keep(key, samples)
            if samples is not None:
                yield samples
                return
        parts: list[bytes] = []
        async with aclosing(self._rendered(utterance, rate)) as chunks:
            async for chunk in chunks:
                parts.append(chunk)
                yield chunk
        if self.cache is not None:
            self.cache.keep(key, b"".join(parts))

    async def _rendered(self, utterance: Utterance, rate: int) -> AsyncGenerator[bytes]:
        """Streams from the voice; the level of this voice is remembered for its next sentence."""
        who = (utterance.voice(self.voice.name), utterance.language)
        leveller = Leveller(rate, utterance.prosody.volume, self._levels.get(who))
        stream = cast(AsyncGenerator[bytes], self.voice.speak(utterance, rate))
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield leveller.push(chunk)
        if leveller.level is not None:
            self._levels[who] = leveller.level


def silence(seconds: float, rate: int) -> bytes:
    """16-bit silence of this length."""
    return bytes(2 * round(seconds * rate))
