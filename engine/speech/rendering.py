"""The sound of an utterance, sentence by sentence: from the cache where it is, from the voice where it is not."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final, cast

from engine.errors import FrontdeskError, PeerError
from engine.persona.prosody import Prosody, Utterance, sentences
from engine.speech.cache import PromptCache, cache_key
from engine.speech.loudness import Leveller
from engine.speech.resting import Resting
from engine.speech.tts import Voice, VoiceBusy

log = logging.getLogger(__name__)
NEXT_SOUND: Final = 1.2
"""Seconds that a voice may take until its next sound where another one could speak instead."""
LAST_SOUND: Final = 3.0
"""The same for the last engine, where there are recordings, which lack most sentences."""
DISK_WITHIN: Final = 0.25
"""Seconds that a prompt may take to come from the disk; then it is rendered, and the disk left alone for a while."""
DISK_REST: Final = 30.0
AGAIN_AFTER: Final = 0.3
"""Seconds of silence before another voice begins a sentence again that the first one could not end."""


class Renderer:
    """Renders for all calls of a process. `cache` may be None: then everything is rendered when it is said.

    Where the voice fails, the first of the `others` that can says the sentence, whole, and the voice rests a while. A
    sentence is never said by two voices: one that was broken off is begun again. `clock` is monotonic, in seconds.
    The `spare` says what it has of sentences that all others failed to say, and the last words of a call.
    """

    def __init__(
        self,
        voice: Voice,
        cache: PromptCache | None = None,
        others: Sequence[Voice] = (),
        clock: Callable[[], float] = time.monotonic,
        spare: Voice | None = None,
    ) -> None:
        self.voice = voice
        self._spare = spare
        self.cache = cache
        self._voices = (voice, *others)
        self._clock = clock
        self._resting = Resting(clock)
        self._disk_rests_until = 0.0
        self._levels: dict[tuple[str, str | None, str], float] = {}

    async def sound(self, utterance: Utterance, rate: int) -> AsyncGenerator[bytes]:
        """Levelled chunks, with the persona's pause between sentences. What is in memory comes without waiting.
        Raises what the last voice raises."""
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

    async def last_words(self, utterance: Utterance, rate: int) -> bytes:
        """What the spare has of an utterance; empty where it has nothing, or there is none."""
        if self._spare is None:
            return b""
        try:
            async with aclosing(self._rendered(self._spare, utterance, rate)) as chunks:
                return b"".join([chunk async for chunk in chunks])
        except FrontdeskError as fault:
            log.warning("%s has no last words: %s", self._spare.name, fault)
            return b""

    async def start(self, language: str) -> None:
        """Starts the processes of all voices, so that no caller waits for them; one that fails is left for later."""
        for voice in self._voices:
            try:
                async with aclosing(self._rendered(voice, Utterance("1", language, Prosody()), 8000)) as chunks:
                    await anext(chunks, b"")
            except FrontdeskError as fault:
                log.warning("%s cannot speak yet: %s", voice.name, fault)

    async def warm(self, utterance: Utterance, rate: int) -> bool:
        """Puts every sentence on disk; says whether any had to be rendered. Only for texts without a caller's data."""
        if self.cache is None:
            return False
        rendered = False
        for text in sentences(utterance.text):
            single = replace(utterance, text=text)
            key = cache_key(single, self.voice, rate)
            if not await asyncio.to_thread(self.cache.has, key):
                async with aclosing(self._rendered(self.voice, single, rate)) as chunks:
                    samples = b"".join([chunk async for chunk in chunks])
                await asyncio.to_thread(self.cache.store, key, samples, rate)
                rendered = True
        return rendered

    async def close(self) -> None:
        """Ends the worker processes of every voice."""
        for voice in self._voices:
            await voice.close()

    async def _sentence(self, utterance: Utterance, rate: int) -> AsyncGenerator[bytes]:
        begun, why = False, None
        last, rungs = self._voices[-1], self._rungs(utterance.language)
        for voice in rungs:
            samples = await self._cached(voice, utterance, rate)
            if samples is not None:
                yield samples
                return
            if voice not in (last, self._spare) and self._resting.rests(voice.name, utterance.language):
                continue
            if begun:
                yield silence(AGAIN_AFTER, rate)
            try:
                within = NEXT_SOUND if voice is not last else LAST_SOUND if self._spare else None
                async with aclosing(self._kept(voice, utterance, rate, within)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
            except FrontdeskError as fault:
                why = why if voice is self._spare and why else fault
                if voice is rungs[-1]:
                    raise why from fault
                if not isinstance(fault, VoiceBusy):
                    self._resting.failed(voice.name, utterance.language)
                log.warning("another voice speaks instead of %s: %s", voice.name, fault)
            else:
                self._resting.worked(voice.name, utterance.language)
                return

    def _rungs(self, language: str) -> tuple[Voice, ...]:
        """Who is asked for a sentence, one after the other; the spare last, unless the last voice is known to fail."""
        if self._spare is None:
            return self._voices
        *others, last = self._voices
        fails = self._resting.rests(last.name, language)
        return (*others, self._spare, last) if fails else (*others, last, self._spare)

    async def _cached(self, voice: Voice, utterance: Utterance, rate: int) -> bytes | None:
        """What this voice has said before, from memory, or from a disk that answers at once."""
        if self.cache is None:
            return None
        key = cache_key(utterance, voice, rate)
        samples = self.cache.get(key)
        if samples is not None or self._clock() < self._disk_rests_until:
            return samples
        try:
            async with asyncio.timeout(DISK_WITHIN):
                samples = await asyncio.to_thread(self.cache.load, key, rate)
        except TimeoutError:
            self._disk_rests_until = self._clock() + DISK_REST
            log.warning("the cache of prompts on disk is slow and is not asked for %g s", DISK_REST)
        if samples is not None:
            self.cache.keep(key, samples)
        return samples

    async def _kept(self, voice: Voice, utterance: Utterance, rate: int, within: float | None) -> AsyncGenerator[bytes]:
        """Streams from a voice, each piece within so many seconds, and remembers the whole."""
        parts: list[bytes] = []
        async with aclosing(self._rendered(voice, utterance, rate)) as chunks:
            while True:
                try:
                    async with asyncio.timeout(within):
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    break
                except TimeoutError as fault:
                    raise PeerError(f"the voice {voice.name} gave no sound for {within:g} s") from fault
                parts.append(chunk)
                yield chunk
        if self.cache is not None:
            self.cache.keep(cache_key(utterance, voice, rate), b"".join(parts))

    async def _rendered(self, voice: Voice, utterance: Utterance, rate: int) -> AsyncGenerator[bytes]:
        """Streams from a voice; its level is remembered for its next sentence."""
        who = (voice.name, utterance.voice(voice.name), utterance.language)
        leveller = Leveller(rate, utterance.prosody.volume, self._levels.get(who))
        stream = cast(AsyncGenerator[bytes], voice.speak(utterance, rate))
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield leveller.push(chunk)
        if leveller.level is not None:
            self._levels[who] = leveller.level


def silence(seconds: float, rate: int) -> bytes:
    """16-bit silence of this length."""
    return bytes(2 * round(seconds * rate))
