"""A channel of Asterisk in a bridge with a channel of ours that carries its sound, by websocket or by AudioSocket."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable
from typing import Final, Literal, Protocol

from agi.ari_settings import AriSettings
from agi.net.ari import NOT_FOUND, Ari, Refused
from agi.net.audiosocket import AudioSocketServer, Leg
from agi.net.mediasocket import Sink, open_media
from agi.wire import ari as wire
from agi.wire.ari import Entered, Event
from agi.wire.audiosocket import Audio, Key
from engine.errors import PeerError

log = logging.getLogger(__name__)

FORMATS: Final = {8000: "slin", 16000: "slin16"}
"""Asterisk's names of 16-bit samples at a rate."""
BEST_RATE: Final = 16000
ENTERS_WITHIN: Final = 3.0
"""Seconds within which a channel that we made comes to our application."""
_OURS = re.compile(r"frontdesk-(sound|bridge|person)-[0-9a-f]{24}")


def new_id(kind: Literal["sound", "bridge", "person"]) -> str:
    """An id that nobody guesses, for a channel or bridge of ours."""
    return f"frontdesk-{kind}-{secrets.token_hex(12)}"


def is_ours(identity: str) -> bool:
    """Whether frontdesk made it, this process or one before."""
    return _OURS.fullmatch(identity) is not None


class Sound(Protocol):
    """What is played to a channel."""

    async def send(self, samples: bytes) -> None: ...

    async def flush(self) -> None:
        """Drops what has been sent and not been played."""

    async def drain(self) -> None:
        """Waits until what has been sent is played."""

    async def close(self) -> None: ...


class AudioSocketSound:
    """Sound over AudioSocket: Asterisk keeps nothing waiting, so there is nothing to be dropped."""

    def __init__(self, leg: Leg, rate: int) -> None:
        self._leg, self._rate = leg, rate

    async def send(self, samples: bytes) -> None:
        self._leg.send(samples, self._rate)

    async def flush(self) -> None:
        pass

    async def drain(self) -> None:
        pass

    async def close(self) -> None:
        self._leg.release()


class Owners:
    """Which part of us hears of the events of which channel, and whose a bridge is."""

    def __init__(self) -> None:
        self._owners: dict[str, Callable[[Event], None]] = {}

    def add(self, channel: str, take: Callable[[Event], None]) -> None:
        self._owners[channel] = take

    def drop(self, channel: str) -> None:
        self._owners.pop(channel, None)

    def of(self, channel: str) -> Callable[[Event], None] | None:
        return self._owners.get(channel)


class Ways:
    """The ways by which this Asterisk gives us sound."""

    def __init__(self, ari: Ari, settings: AriSettings, sounds: AudioSocketServer, address: Callable[[], str]) -> None:
        self.ari, self._settings, self._sounds, self._address = ari, settings, sounds, address
        self.owners = Owners()
        self.way: Literal["websocket", "audiosocket"] = (
            "audiosocket" if settings.media == "audiosocket" else "websocket"
        )

    async def look(self) -> None:
        """Sees whether Asterisk has the media websocket, where the settings leave it open."""
        if self._settings.media != "auto":
            return
        try:
            await self.ari.ask(wire.module("chan_websocket.so"))
            self.way = "websocket"
        except Refused as fault:
            if fault.status != NOT_FOUND:
                raise
            self.way = "audiosocket"
        log.info("ARI: sound comes by %s", self.way)

    async def rate_for(self, channel: str) -> int:
        """At which rate a caller's sound is worth carrying."""
        if self._settings.rate is not None:
            return self._settings.rate
        try:
            return wire.rate_of(await self.ari.ask(wire.codecs(channel)))
        except Refused as fault:
            log.info("%s", fault)
            return BEST_RATE

    async def open(self, channel: str, sink: Sink, rate: int) -> Sound:
        """Makes the channel `channel`, which carries sound at `rate`; PeerError where it does not come. `sink` gets
        None when the sound ends without us."""
        if self.way == "websocket":
            return await self._by_websocket(channel, sink, rate)
        return await self._by_audiosocket(channel, sink, rate)

    async def _by_websocket(self, channel: str, sink: Sink, rate: int) -> Sound:
        reply = await self.ari.ask(wire.sound_by_websocket(self.ari.app, channel, FORMATS[rate]))
        path = wire.media_path(reply)
        return await open_media(self.ari.websocket_url(path), self.ari.tls, rate, sink, self._settings.sound_within)

    async def _by_audiosocket(self, channel: str, sink: Sink, rate: int) -> Sound:
        ticket = self._sounds.expect(sink)
        try:
            request = wire.sound_by_audiosocket(self.ari.app, channel, FORMATS[rate], self._address(), ticket.id)
            await self.ari.ask(request)
            await asyncio.wait({ticket.leg}, timeout=self._settings.sound_within)
            if ticket.leg.done() and not ticket.leg.cancelled():
                return AudioSocketSound(ticket.leg.result(), rate)
            raise PeerError(f"no sound came to {self._address()}")
        finally:
            self._sounds.forget(ticket)


class BridgedSound:
    """A bridge of ours with our sound in it; `join` adds whoever is to hear it. `sink` as in Ways."""

    def __init__(self, ways: Ways, sink: Sink) -> None:
        self._ways, self._ari, self._sink = ways, ways.ari, sink
        self.bridge = new_id("bridge")
        self._made = False
        self._channel = ""
        self._sound: Sound | None = None
        self._entered: asyncio.Future[None] | None = None

    async def open(self, rate: int) -> None:
        """Makes the bridge unless it is there, and the sound. PeerError where that fails."""
        if not self._made:
            self._made = True
            self._ways.owners.add(self.bridge, self._take)
            await self._ari.ask(wire.make_bridge(self.bridge))
        channel = self._channel = new_id("sound")
        self._entered = asyncio.get_running_loop().create_future()
        self._ways.owners.add(self._channel, self._take)
        self._sound = await self._ways.open(channel, lambda message: self._heard(channel, message), rate)
        try:
            async with asyncio.timeout(ENTERS_WITHIN):
                await self._entered
        except TimeoutError as fault:
            raise PeerError("ARI: the channel of the sound did not come to us") from fault
        await self._ari.ask(wire.join(self.bridge, self._channel))

    async def join(self, channel: str) -> None:
        """Adds a channel that is in our application."""
        await self._ari.ask(wire.join(self.bridge, channel))

    async def send(self, samples: bytes) -> None:
        """Plays 20 ms; ignored where there is no sound."""
        if self._sound is not None:
            await self._sound.send(samples)

    async def flush(self) -> None:
        if self._sound is not None:
            await self._sound.flush()

    async def drain(self) -> None:
        if self._sound is not None:
            await self._sound.drain()

    @property
    def there(self) -> bool:
        """Whether there is sound."""
        return self._sound is not None

    async def close_sound(self) -> None:
        """Takes our sound out of the bridge; who else is in it stays."""
        sound, self._sound = self._sound, None
        channel, self._channel = self._channel, ""
        if sound is not None:
            await sound.close()
        if channel:
            self._ways.owners.drop(channel)
            await self._ari.tell(wire.hang_up(channel))

    async def close(self) -> None:
        """Takes the sound and the bridge away; the others in it stay in our application."""
        await self.close_sound()
        if self._made:
            self._made = False
            await self._ari.tell(wire.remove_bridge(self.bridge))
            self._ways.owners.drop(self.bridge)

    def _heard(self, channel: str, message: Audio | Key | None) -> None:
        """What comes over a sound that we have closed counts no more."""
        if channel == self._channel:
            self._sink(message)

    def _take(self, event: Event) -> None:
        if isinstance(event, Entered) and self._entered is not None and not self._entered.done():
            self._entered.set_result(None)
