"""One call of ours: rung over ARI, heard who answers, then the flow speaks, or a machine gets its words."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final

from agi.ari_line import AriLine
from agi.ari_people import People
from agi.ari_settings import AriSettings
from agi.ari_sound import Ways
from agi.net.ari import Ari
from agi.net.audiosocket import AudioSocketServer
from agi.outbound.greeting import Greeting, MachineListens, Who, pitch_of
from agi.settings import AsteriskSettings
from agi.wire.ari import Channel, Entered, Event, Replaced
from engine.call.desk import Desk
from engine.call.line import Arrival, Digit, Frame, Whisper
from engine.call.parts import Observer
from engine.errors import PeerError
from engine.speech.audio import FRAME_SECONDS, frame_bytes
from engine.speech.engines import open_detector

log = logging.getLogger(__name__)

CONNECTED_WITHIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A call to make: `target` is the dial string, `about` what the flow's `call.about` tool answers; `machine_says` is
    left where a machine answers, None hangs up. Times in seconds."""

    number: str
    target: str
    about: Mapping[str, Any]
    ring: float = 30.0
    caller_id: str = ""
    machine_says: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`outcome`: talked (the flow held a conversation, and `why` is its last step), message (words were left on a
    machine), machine, busy, no_answer, declined or failed."""

    outcome: str
    why: str | None = None
    call_id: str | None = None


class Dialler:
    """Makes calls over one Asterisk while it is open; each process under an application's name of its own."""

    def __init__(self, settings: AriSettings, asterisk: AsteriskSettings) -> None:
        app = f"{settings.app[:40]}-dial-{os.getpid()}-{secrets.token_hex(3)}"
        self._asterisk = asterisk
        self._sounds = AudioSocketServer(asterisk.audio_host, 0)
        self._ari = Ari(replace(settings, app=app), self._event, self._look)
        self._ways = Ways(self._ari, settings, self._sounds, self._address)
        self._detector = open_detector()
        self._connection: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Dialler:
        """PeerError where Asterisk's ARI is not there."""
        await self._sounds.start()
        self._connection = asyncio.get_running_loop().create_task(self._ari.run())
        try:
            async with asyncio.timeout(CONNECTED_WITHIN):
                await self._ari.connected.wait()
        except TimeoutError:
            await self.__aexit__(None, None, None)
            raise PeerError("ARI does not answer: `frontdesk doctor` says what is missing") from None
        await self._ways.look()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.cancel()
            await asyncio.gather(self._connection, return_exceptions=True)
        await self._ari.close()
        self._sounds.stop()

    async def call(self, wish: Wish, desk: Desk, name: str, observers: Sequence[Observer] = ()) -> Outcome:
        """Rings, and holds the conversation of the desk's line `name` with a person who answers."""
        gone = asyncio.Event()
        people = People(self._ari, self._ways.owners, "", wish.caller_id)
        try:
            rung = await people.ring(wish.target, wish.ring, {}, gone)
            channel = people.let_go() if rung == "connected" else None
        finally:
            await people.close()
        if channel is None:
            return Outcome("no_answer" if rung == "connected" else rung)
        line = AriLine(Channel(channel, caller=wish.number, called=wish.caller_id or None), self._ways, self._asterisk)
        try:
            await line.answer()
            return await self._talk(line, wish, desk, name, observers)
        finally:
            await line.hang_up()
            await line.close()

    async def _talk(
        self, line: AriLine, wish: Wish, desk: Desk, name: str, observers: Sequence[Observer]
    ) -> Outcome:
        arrivals = line.arrivals()
        who = await self._who(arrivals, line.rate)
        log.info("call to %s: answered by %s", wish.number, who)
        if who == "person":
            state = await desk.answer(Screened(line, arrivals), name, observers, wish.about)
            return Outcome("talked", state.why, state.call_id)
        if who == "machine" and wish.machine_says is not None:
            words = await desk.words(name, wish.machine_says, line.rate)
            if await self._machine_records(arrivals, line.rate):
                await _say(line, words)
                return Outcome("message")
        return Outcome("machine" if who == "machine" else "no_answer")

    async def _who(self, arrivals: AsyncIterator[Arrival], rate: int) -> Who | None:
        """None where whoever it was hung up before we knew."""
        greeting, ear = Greeting.begin(), self._detector.listening(rate)
        async for arrival in arrivals:
            match arrival:
                case Frame(samples):
                    found = greeting.feed(ear.feed(samples), pitch_of(samples, rate))
                    if found is not None:
                        return found
                case Digit():
                    return "person"
        return None

    async def _machine_records(self, arrivals: AsyncIterator[Arrival], rate: int) -> bool:
        waiting, ear = MachineListens.begin(), self._detector.listening(rate)
        async for arrival in arrivals:
            if isinstance(arrival, Frame) and waiting.feed(ear.feed(arrival.samples), pitch_of(arrival.samples, rate)):
                return True
        return False

    def _event(self, event: Event) -> None:
        if isinstance(event, Replaced):
            return
        owner = self._ways.owners.of(event.channel.id if isinstance(event, Entered) else event.channel)
        if owner is not None:
            owner(event)

    async def _look(self) -> None:
        """Nothing is ours that we do not know: the application is of this process alone."""

    def _address(self) -> str:
        return f"{self._ari.local_host or self._asterisk.audio_host}:{self._sounds.port}"


async def _say(line: AriLine, samples: bytes) -> None:
    size, loop = frame_bytes(line.rate), asyncio.get_running_loop()
    due = loop.time()
    for at in range(0, len(samples), size):
        await line.send(samples[at : at + size].ljust(size, b"\0"))
        due += FRAME_SECONDS
        await asyncio.sleep(max(0.0, due - loop.time()))


class Screened:
    """A Line whose first words were heard already; the rest is its own."""

    def __init__(self, line: AriLine, arrivals: AsyncIterator[Arrival]) -> None:
        self._line, self._arrivals = line, arrivals
        self.id, self.caller, self.called, self.rate = line.id, line.caller, line.called, line.rate

    def arrivals(self) -> AsyncIterator[Arrival]:
        return self._arrivals

    async def send(self, samples: bytes) -> None:
        await self._line.send(samples)

    async def cut(self) -> None:
        await self._line.cut()

    async def transfer(self, to: str, context: Mapping[str, str], ring: float, whisper: Whisper | None = None) -> str:
        return await self._line.transfer(to, context, ring, whisper)

    async def pass_on(self, to: str, context: Mapping[str, str]) -> str:
        return await self._line.pass_on(to, context)

    async def hang_up(self) -> None:
        await self._line.hang_up()
