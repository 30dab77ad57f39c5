"""A whole call without a PBX: a caller made of recordings, over the real AudioSocket server on loopback."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from agi.intake import Intake
from agi.net.audiosocket import AudioSocketServer, Leg
from agi.wire.audiosocket import Audio, End, Id, Key, Parser, encode
from engine.call.line import Arrival, Whisper
from engine.effects import Effect, Listen, Record, Say
from engine.events import Event, Recorded, Spoken
from engine.speech.audio import FRAME_SECONDS, frame_bytes, read_wav

RATE: Final = 8000
THINKS: Final = 0.3
"""Seconds between the end of our words and the caller's answer."""
REPEATS: Final = 3
"""How often a caller says a bound clip again when asked again."""
_RUNG: Final = re.compile(r"\.(nomatch|noinput)\.\d+$")


@dataclass(frozen=True, slots=True)
class Clip:
    """What the caller says (samples at 8 kHz) or keys in, bound to the prompt that it answers or, with no name, in
    order; a bound one is used again, `times` in all, when the prompt comes again."""

    name: str | None
    samples: bytes = b""
    keys: str = ""
    times: int = 1


def read_clip(text: str) -> Clip:
    """A clip from the command line: `IN.wav` or `prompt=IN.wav`. Raises SettingsError when it cannot be read."""
    name, equals, file = text.partition("=")
    sound = read_wav(file if equals else text, RATE)
    return Clip(name, sound.samples, times=REPEATS) if equals else Clip(None, sound.samples)


class LoopbackLine:
    """A Line over one AudioSocket leg, without a control channel: nobody can be transferred to."""

    rate = RATE

    def __init__(self, name: str, caller: str | None, called: str | None) -> None:
        self.id = name
        self.caller = caller
        self.called = called
        self._intake = Intake(RATE)
        self._leg: Leg | None = None

    async def open(self, server: AudioSocketServer) -> Telephone:
        """Announces the call, lets a telephone connect as Asterisk would, and answers with that telephone."""
        ticket = server.expect(self._take)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(encode(Id(ticket.id)))
        self._leg = await ticket.leg
        return Telephone(reader, writer)

    def arrivals(self) -> AsyncIterator[Arrival]:
        return self._intake.stream()

    async def send(self, samples: bytes) -> None:
        if self._leg is not None:
            self._leg.send(samples)

    async def cut(self) -> None:
        """Nothing waits: AudioSocket plays at once."""

    async def transfer(self, to: str, context: Mapping[str, str], ring: float, whisper: Whisper | None = None) -> str:
        """Nobody is there without a PBX."""
        return "no_answer"

    async def pass_on(self, to: str, context: Mapping[str, str]) -> str:
        return "failed"

    async def hang_up(self) -> None:
        if self._leg is not None:
            self._leg.release()
        self._intake.end()

    def _take(self, message: Audio | Key | None) -> None:
        if isinstance(message, Audio):
            self._intake.sound(message.samples, time.monotonic())
        elif isinstance(message, Key):
            self._intake.key(message.key)
        else:
            self._intake.end()


class Tape(Protocol):
    """Keeps both sides of a call, frame by frame, as they are sent and as they arrive."""

    def caller(self, samples: bytes) -> None: ...

    def ours(self, samples: bytes) -> None: ...

    def close(self) -> None: ...


class Telephone:
    """The far end of the AudioSocket connection: a paced 20 ms frame out, everything that comes in kept. `noise` adds
    the sound of a line or a room to each frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._voice = bytearray()
        self.recording: Tape | None = None
        self.noise: Callable[[bytes], bytes] | None = None
        self.quiet = asyncio.Event()
        self.quiet.set()

    def play(self, samples: bytes) -> None:
        """Says this from now on."""
        self._voice += samples
        self.quiet.clear()

    async def run(self) -> None:
        """Sends and receives until the other side hangs up."""
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send())
            await self._receive()
            sending.cancel()

    async def _send(self) -> None:
        size, due = frame_bytes(RATE), time.monotonic()
        while not self._writer.is_closing():
            frame = bytes(self._voice[:size]).ljust(size, b"\0")
            del self._voice[:size]
            if not self._voice:
                self.quiet.set()
            self._writer.write(encode(Audio(self.noise(frame) if self.noise else frame)))
            if self.recording is not None:
                self.recording.caller(frame)
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _receive(self) -> None:
        parser = Parser()
        while data := await self._reader.read(4096):
            for message in parser.feed(data):
                if isinstance(message, End):  # Asterisk lets go of the leg that it is given back
                    self.hang_up()
                elif isinstance(message, Audio) and self.recording is not None:
                    self.recording.ours(message.samples)
        self.hang_up()

    def press(self, keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            self._writer.write(encode(Key(key)))

    def hang_up(self) -> None:
        """The caller is gone."""
        if not self._writer.is_closing():
            self._writer.close()


class Handset(Protocol):
    """What a recorded caller holds."""

    def play(self, samples: bytes) -> None: ...

    def press(self, keys: str) -> None: ...

    def hang_up(self) -> None: ...


@dataclass
class RecordedCaller:
    """Answers each question with a clip. An observer of the call, so that it knows what it was asked."""

    clips: Sequence[Clip]
    telephone: Handset | None = None
    _said: Say | None = None
    _asked: bool = False
    _used: dict[int, int] = field(default_factory=dict)

    def event(self, event: Event, now: datetime) -> None:
        if isinstance(event, Spoken) and self._said is not None and event.say == self._said.say:
            self._answer()
        elif isinstance(event, Recorded):
            self._asked = False

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        for effect in effects:
            if isinstance(effect, Say):
                self._said = effect
                self._asked = False
            elif isinstance(effect, Listen) or (isinstance(effect, Record) and effect.kind != "call"):
                self._asked = True

    def timing(self, name: str, milliseconds: float) -> None:
        """Not this one's business."""

    def _answer(self) -> None:
        if not self._asked or self._said is None or self.telephone is None:
            return
        self._asked = False
        clip = self._choose([prompt.id for prompt in self._said.prompts])
        if clip is None:
            if all(index in self._used for index in range(len(self.clips))):
                self.telephone.hang_up()
        elif clip.keys:
            self.telephone.press(clip.keys)
        else:
            self.telephone.play(bytes(int(THINKS * RATE) * 2) + clip.samples)

    def _choose(self, prompts: Sequence[str]) -> Clip | None:
        """The clip bound to what was asked (last words first), or else the next that is bound to nothing."""
        for prompt in reversed(prompts):
            owner = _RUNG.sub("", prompt)
            for index, clip in enumerate(self.clips):
                again = owner != prompt and (clip.name or "").startswith(f"{owner}.")
                if (again or clip.name in (prompt, owner)) and self._used.get(index, 0) < clip.times:
                    self._used[index] = self._used.get(index, 0) + 1
                    return clip
        for index, clip in enumerate(self.clips):
            if clip.name is None and index not in self._used:
                self._used[index] = 1
                return clip
        return None
