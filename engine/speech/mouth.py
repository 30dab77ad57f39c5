"""The one paced output of a call: a 20 ms frame on a deadline clock, silence when there is nothing to say."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final

import numpy as np

from engine.errors import FrontdeskError, PeerError
from engine.persona.prosody import Utterance
from engine.speech.audio import FRAME_SECONDS, frame_bytes, frames, to_array, to_bytes
from engine.speech.cache import PromptCache
from engine.speech.rendering import Renderer, silence
from engine.speech.saying import Line, Said, Saying
from engine.speech.tone import comfort
from engine.speech.tts import Voice

FADE_SECONDS: Final = 0.008
"""How long the sound takes to fade when it is cut off; no click, and hardly a delay."""
STARVED_SECONDS: Final = 6.0
"""How long a voice may leave a caller with nothing but soft tones before its `Say` counts as failed."""
SEND_SECONDS: Final = 2.0
COMFORT_AFTER: Final = 1.4
"""Seconds of silence after which a caller who waits for us hears a soft tone, and again after as many more."""


class Mouth:
    """Speaks on one line at `rate`. `run` must be running for anything to be heard; everything else returns at once.

    `say` answers with a future of `Said`. `clock` and `sleep` may be simulated. `tap` gets every frame that is sent.
    `cut` is asked, where we stop in the middle, to drop what was sent and still waits to be played.
    """

    def __init__(
        self,
        voice: Voice | Renderer,
        cache: PromptCache | None,
        send: Callable[[bytes], Awaitable[None]],
        rate: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tap: Callable[[bytes], None] | None = None,
        cut: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._renderer = voice if isinstance(voice, Renderer) else Renderer(voice, cache)
        self._send, self._cut = send, cut
        self._stopped = False
        """Whether we stopped in the middle since the last frame."""
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self.tap = tap
        self._size = frame_bytes(rate)
        self._silence = bytes(self._size)
        self._fade_bytes = 2 * round(FADE_SECONDS * rate)
        self._queue: deque[Saying] = deque()
        self._tail = b""
        self._paused = False
        self._rising = False
        self._comfort = tuple(frames(comfort(rate), rate))
        self._tone: deque[bytes] = deque()
        self._waits = False
        self._still = 0
        """Frames of silence since there was something to hear, for a caller who waits."""

    def caller_waits(self, seconds: float | None) -> None:
        """The caller waits for us, and has done so for that long; None when it is their turn again. Whoever waits for
        too long hears that we are still there."""
        self._waits = seconds is not None
        self._still = round((seconds or 0.0) / FRAME_SECONDS)

    @property
    def speaking(self) -> bool:
        """Whether something is being said or waits to be."""
        return bool(self._queue)

    @property
    def paused(self) -> bool:
        return self._paused

    def heard_until(self, say: int) -> int:
        """How many prompts of the `Say` that is being said have been played whole so far; 0 while it still waits."""
        if not self._queue or self._queue[0].say != say:
            return 0
        return self._queue[0].said("hushed").heard_until

    def say(self, say: int, utterances: Sequence[Utterance]) -> asyncio.Future[Said]:
        """Says the utterances in order, after whatever is being said. The future is done when the last frame has been
        sent, when it was hushed, or when the voice failed; it never raises."""
        saying = Saying(say, [Line() for _ in utterances], asyncio.get_running_loop().create_future())
        for line, utterance in zip(saying.lines[1:], utterances[1:], strict=True):
            line.lead = len(silence(utterance.prosody.sentence_pause, self._rate))
        saying.feeder = asyncio.create_task(self._feed(saying, tuple(utterances)), name=f"say-{say}")
        self._queue.append(saying)
        return saying.done

    def play(self, samples: bytes, say: int = 0) -> asyncio.Future[Said]:
        """Plays a finished sound, such as a tone, after whatever is being said."""
        line = Line(sound=bytearray(samples), complete=True)
        saying = Saying(say, [line], asyncio.get_running_loop().create_future())
        self._queue.append(saying)
        return saying.done

    def hush(self) -> Said | None:
        """Stops within the next frame, which carries a short fade at most, and drops what waits. Answers how far the
        `Say` that was being said had come; None when there was none."""
        if not self._queue:
            return None
        current, *waiting = self._queue
        if current.began is not None and not self._paused:
            self._stopped = True
            self._tail = self._faded(current.peek(self._fade_bytes), falling=True)
        self._queue.clear()
        self._paused = self._rising = False
        for saying in waiting:
            saying.close("hushed")
        return current.close("hushed")

    def pause(self) -> None:
        """Holds its breath within the next frame; `resume` goes on where it stopped, `hush` gives up."""
        if self._queue and not self._paused:
            self._paused = self._stopped = True
            self._tail = self._faded(self._queue[0].peek(self._fade_bytes), falling=True)

    def resume(self) -> None:
        if self._paused:
            self._paused, self._rising = False, True

    async def run(self) -> None:
        """Sends frames until it is cancelled. Raises PeerError when the line takes no sound any more. A stall is not
        made up for: the next frame goes out when we are back, and the ones after it at their usual distance."""
        due = self._clock()
        try:
            while True:
                frame = self._frame()
                if self.tap is not None:
                    self.tap(frame)
                try:
                    async with asyncio.timeout(SEND_SECONDS):
                        await self._cut_off()
                        await self._send(frame)
                except TimeoutError as error:
                    raise PeerError(f"the line took no sound for {SEND_SECONDS:g} s") from error
                self._settle()
                due += FRAME_SECONDS
                now = self._clock()
                if now - due > FRAME_SECONDS:
                    due = now + FRAME_SECONDS
                await self._sleep(max(0.0, due - now))
        finally:
            self.hush()

    async def _cut_off(self) -> None:
        stopped, self._stopped = self._stopped, False
        if stopped and self._cut is not None:
            await self._cut()

    def _frame(self) -> bytes:
        tail, self._tail = self._tail, b""
        if tail:
            return tail.ljust(self._size, b"\0")
        if self._tone:
            return self._tone.popleft()
        if self._paused:
            return self._silence
        if not self._queue:
            return self._quiet()
        saying = self._queue[0]
        piece = saying.take(self._size)
        if piece is None:
            self._starve(saying)
            return self._quiet()
        saying.starved = 0
        if any(piece):
            self._still = 0
        if self._rising:
            self._rising = False
            piece = self._faded(piece[: self._fade_bytes], falling=False) + piece[self._fade_bytes :]
        saying.ended = self._clock()
        if saying.began is None and any(piece):
            saying.began = saying.ended
        return piece.ljust(self._size, b"\0")

    def _quiet(self) -> bytes:
        """Nothing is there to be played: silence, or a sign of life for a caller who has waited long enough."""
        if not self._waits and not self._queue:
            return self._silence
        self._still += 1
        if self._still * FRAME_SECONDS < COMFORT_AFTER:
            return self._silence
        self._still = 0
        self._tone.extend(self._comfort)
        return self._tone.popleft()

    def _starve(self, saying: Saying) -> None:
        saying.starved += 1
        if saying.starved * FRAME_SECONDS > STARVED_SECONDS:
            saying.failure = f"the voice gave no sound for {STARVED_SECONDS:g} s"

    def _settle(self) -> None:
        """Reports what has been sent to its end."""
        while self._queue and self._queue[0].finished:
            saying = self._queue.popleft()
            saying.close("failed" if saying.failure else "whole")

    async def _feed(self, saying: Saying, utterances: Sequence[Utterance]) -> None:
        """Fills the lines ahead of the frames; a voice that fails ends the `Say` after what it gave."""
        try:
            for line, utterance in zip(saying.lines, utterances, strict=True):
                async with aclosing(self._renderer.sound(utterance, self._rate)) as chunks:
                    async for chunk in chunks:
                        line.sound += chunk
                line.complete = True
        except FrontdeskError as error:
            saying.failure = str(error)

    @staticmethod
    def _faded(piece: bytes, *, falling: bool) -> bytes:
        sound = to_array(piece).astype(np.float64)
        edge = np.linspace(1.0, 0.0, sound.size) if falling else np.linspace(0.0, 1.0, sound.size)
        return to_bytes((sound * edge).astype(np.int16))
