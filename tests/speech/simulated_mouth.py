"""A mouth on a simulated clock, with a voice whose every prompt lasts as long as it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import numpy as np

from engine.errors import PeerError
from engine.persona.prosody import Prosody, Utterance
from engine.speech.audio import to_bytes
from engine.speech.mouth import Mouth
from engine.speech.saying import Said

RATE = 8000
STALL = 0.5


class MeasuredVoice:
    """Says the text `0.25` as a quarter second of sound, in chunks of 30 ms; `-1` fails, `-2` never answers."""

    name = "measured"
    version = "1"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = 0
        """Streams that were closed before their end."""

    async def speak(self, utterance: Utterance, rate: int) -> AsyncIterator[bytes]:
        self.asked.append(utterance.text)
        seconds = float(utterance.text)
        if seconds == -1:
            raise PeerError("this voice is broken")
        if seconds == -2:
            await asyncio.Event().wait()
        left = round(seconds * rate)
        wave = to_bytes((8000 * np.sign(np.sin(np.arange(left) * 0.4) + 0.01)).astype(np.int16))
        try:
            for start in range(0, len(wave), 2 * 240):
                yield wave[start : start + 2 * 240]
                await asyncio.sleep(0)
        except GeneratorExit:
            self.closed += 1
            raise

    async def close(self) -> None:
        pass


def prompt(seconds: float) -> Utterance:
    return Utterance(f"{seconds}", "en-GB", Prosody(sentence_pause=0.1))


@dataclass
class Room:
    """Runs a mouth frame by frame; `at` holds what happens before a frame is sent."""

    at: dict[int, list[Callable[[Room], object]]] = field(default_factory=dict)
    voice: MeasuredVoice = field(default_factory=MeasuredVoice)
    now: float = 0.0
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    tapped: list[bytes] = field(default_factory=list)
    stalls: bool = False
    cuts: list[int] = field(default_factory=list)
    """How many frames had been sent each time that what waits was to be dropped."""

    async def play(self, frames: int) -> Room:
        """Lets this many frames go out."""
        self.mouth = Mouth(
            self.voice, None, self._send, RATE, clock=lambda: self.now, sleep=self._sleep, tap=self.tapped.append,
            cut=self._cut,
        )  # fmt: skip
        self._over = asyncio.Event()
        self._frames = frames
        await self._happen()
        running = asyncio.create_task(self.mouth.run())
        await self._over.wait()
        running.cancel()
        await asyncio.wait([running])
        return self

    def say(self, number: int, lengths: list[float]) -> None:
        future = self.mouth.say(number, [prompt(length) for length in lengths])
        future.add_done_callback(lambda done: self.said.append(done.result()))

    async def _send(self, frame: bytes) -> None:
        self.sent.append((self.now, frame))
        if len(self.sent) == self._frames:
            self._over.set()

    async def _cut(self) -> None:
        self.cuts.append(len(self.sent))

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds + (STALL if self.stalls else 0.0)
        self.stalls = False
        await self._happen()

    async def _happen(self) -> None:
        for action in self.at.pop(len(self.sent), ()):
            action(self)
        for _ in range(200):  # the voice is faster than the clock
            await asyncio.sleep(0)

    def audible(self) -> int:
        return sum(any(frame) for _, frame in self.sent)
