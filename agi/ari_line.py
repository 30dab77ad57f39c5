"""An Asterisk call as a Line: ARI controls it, a channel of ours beside it in a bridge carries its sound.

Keys come over the channel of the sound, where they keep their place between frames; those that ARI reports are left.
For a transfer the caller hears ringing or music while the person's telephone, a channel of ours too, is rung; a person
who takes the call enters the bridge in the place of our sound. Nothing of this goes by itself when the caller hangs up:
`close` takes it all away. A call that ends without FD_OUTCOME goes on in the dialplan, where its safety net rings a
person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Final

from agi.ari_people import People
from agi.ari_sound import BEST_RATE, BridgedSound, Ways
from agi.destination import TONE_ZONE, dial_string, hold_music, is_number, tone_zone
from agi.dialplan.plan import PASSED_ON
from agi.handover import handed_over, headers
from agi.intake import Intake
from agi.settings import AsteriskSettings
from agi.whispering import Whispering
from agi.wire import ari as wire
from agi.wire.ari import Channel, Destroyed, Event, Left
from agi.wire.audiosocket import Audio, Key
from engine.call.line import Arrival, Whisper
from engine.errors import PeerError, SettingsError

log = logging.getLogger(__name__)

TICK: Final = 0.1
SOUND_ATTEMPTS: Final = 3
"""How often one call may lose its sound before it is left to the safety net."""
CLOSE_WITHIN: Final = 10.0


class AriLine:
    """One call. `answer` it first, then it is an `engine.call.line.Line`, with the rate of the caller's telephone."""

    def __init__(self, channel: Channel, ways: Ways, settings: AsteriskSettings) -> None:
        self.id, self.caller, self.called = channel.id, channel.caller, channel.called
        self.gone = asyncio.Event()
        """Set as soon as the caller hung up, or somebody took the call out of our application."""
        self._ways, self._ari, self._settings = ways, ways.ari, settings
        self.rate = BEST_RATE
        self._intake = Intake(self.rate)
        self._sound = BridgedSound(ways, self._take)
        self._people: People | None = None
        self._open = False
        """Whether what is said counts: the sound is there, and no person is being rung."""
        self._done = False
        self._transferred = False
        self._broken = False
        self._lost_sounds = 0
        self._loop = asyncio.get_running_loop()
        self._reopening: asyncio.Task[None] | None = None
        self._watch = self._loop.create_task(self._watch_over())
        ways.owners.add(self.id, self.event)

    async def answer(self) -> None:
        """Opens the sound and picks up; `arrivals` ends at once where the caller is gone already."""
        try:
            self.rate = await self._ways.rate_for(self.id)
            self._intake = Intake(self.rate)
            if self.gone.is_set():
                self._intake.end()
            await self._sound.open(self.rate)
            await self._ari.ask(wire.answer(self.id))
            await self._sound.join(self.id)
            self._begin()
        except PeerError as fault:
            self._fail(fault)

    def arrivals(self) -> AsyncIterator[Arrival]:
        """Frames of 20 ms and keys, in order, until the caller is gone or talks to a person. Read it once."""
        return self._intake.stream()

    async def send(self, samples: bytes) -> None:
        """Plays 20 ms at once."""
        if self._open:
            await self._sound.send(samples)

    async def cut(self) -> None:
        """As in Line: what waits in Asterisk's queue is dropped."""
        await self._sound.flush()

    async def transfer(self, to: str, context: Mapping[str, str], ring: float, whisper: Whisper | None = None) -> str:
        """As in Line. `context` reaches the other telephone as variables FD_<NAME> and in SIP headers."""
        try:
            target = dial_string(to, self._settings.people_context)
            music, zone = hold_music(self._settings.hold), tone_zone(self._settings.hold)
        except SettingsError as fault:
            log.error("call %s cannot be transferred: %s", self.id, fault)
            return "failed"
        if self._done or self.gone.is_set():
            return "failed"
        await self._pause()
        people = self._people = People(self._ari, self._ways.owners, self.id, self.caller or "")
        outcome = "failed"
        try:
            if zone is not None:
                await self._ari.ask(wire.set_variable(self.id, TONE_ZONE, zone))
            await self._ari.ask(wire.ring(self.id) if music is None else wire.play_music(self.id, music))
            outcome = await people.ring(target, ring, _variables(context), self.gone)
            log.info("call %s: %s gave %s", self.id, target, outcome)
            if outcome == "connected" and whisper is not None:
                outcome = await self._announce(people, whisper)
            await self._ari.tell(wire.stop_ringing(self.id) if music is None else wire.stop_music(self.id))
            if outcome == "connected":
                outcome = await self._connect(people)
        except PeerError as fault:
            log.warning("call %s: %s", self.id, fault)
            outcome = "connected" if self._transferred else "failed"
        finally:
            await people.close()
            self._people = None
        if outcome == "connected" or self.gone.is_set() or not await self._has_sound():
            self._intake.end()
        else:
            self._begin()
        return outcome

    async def pass_on(self, to: str, context: Mapping[str, str]) -> str:
        """As in Line: the dialplan goes on at the number, and the channel is ours no more."""
        if self._done or self.gone.is_set():
            return "failed"
        try:
            target = dial_string(to, self._settings.people_context)
            await self._sound.drain()
            variables = {f"__{name}": value for name, value in handed_over(context).items()}
            for name, value in {**variables, "FD_TO": target, "FD_OUTCOME": "transferred"}.items():
                await self._ari.ask(wire.set_variable(self.id, name, value))
            place = (self._settings.people_context, to) if is_number(to) else (PASSED_ON, "s")
            self._transferred = self._done = True
            await self._ari.ask(wire.go_on(self.id, place))
        except (SettingsError, PeerError) as fault:
            log.warning("call %s: %s", self.id, fault)
            self._transferred = self._done = False
            return "failed"
        self._intake.end()
        return "connected"

    async def hang_up(self) -> None:
        """Ends the call; safe to call twice. A caller whose sound broke is left to the dialplan's safety net."""
        if self._broken:
            await self.leave("")
        elif not self._done:
            await self._sound.drain()
            await self._finish("hung_up", wire.hang_up(self.id))

    async def leave(self, outcome: str) -> None:
        """Gives the channel back to the dialplan with FD_OUTCOME set, so that its safety net stays out of it."""
        if not self._done:
            await self._finish(outcome, wire.go_on(self.id))

    async def close(self) -> None:
        """Takes everything of ours away; after a fault of ours, the dialplan's safety net takes the caller."""
        self._watch.cancel()
        if self._reopening is not None:
            self._reopening.cancel()
        self._broken = True
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await self.leave("")
                if self._people is not None:
                    await self._people.close()
                await self._sound.close()
        except TimeoutError:
            log.warning("call %s: Asterisk did not let go of it within %g s", self.id, CLOSE_WITHIN)
        finally:
            self._ways.owners.drop(self.id)

    def event(self, event: Event) -> None:
        """What happened to the caller's channel."""
        if isinstance(event, Left | Destroyed):
            self.lost()

    def lost(self) -> None:
        """The caller is gone."""
        self.gone.set()
        self._intake.end()

    async def _finish(self, outcome: str, last: wire.Request) -> None:
        self._done = True
        self._open = False
        self._intake.end()
        if self.gone.is_set():
            return
        if not self._transferred and not self._broken:
            await self._ari.tell(wire.set_variable(self.id, "FD_OUTCOME", outcome))
        await self._ari.tell(last)

    async def _announce(self, people: People, whisper: Whisper) -> str:
        """The person hears what the call is about, and decides by a key."""
        person = people.answered
        if person is None:
            return "declined"

        def take(message: Audio | Key | None) -> None:
            if isinstance(message, Key):
                whispering.key(message.key)
            elif message is None:
                whispering.gone()

        sound = BridgedSound(self._ways, take)
        whispering = Whispering(whisper, self.rate, sound.send)
        leaving = self._loop.create_task(self._over(people, person, whispering))
        try:
            await sound.open(self.rate)
            await sound.join(person)
            taken = await whispering.run()
        finally:
            leaving.cancel()
            await sound.close()
        return "connected" if taken and not self.gone.is_set() else "declined"

    async def _over(self, people: People, person: str, whispering: Whispering) -> None:
        await people.talk(person, self.gone)
        whispering.gone()

    async def _connect(self, people: People) -> str:
        """The person takes our place in the bridge; answers when their conversation is over."""
        person = people.answered
        if person is None or self.gone.is_set():
            return "connected" if self.gone.is_set() else "failed"
        await self._sound.close_sound()
        await self._sound.join(person)
        self._transferred = True
        await self._ari.tell(wire.set_variable(self.id, "FD_OUTCOME", "transferred"))
        await people.talk(person, self.gone)
        return "connected"

    def _begin(self) -> None:
        self._open = True
        self._intake.begin(self._loop.time())

    async def _pause(self) -> None:
        """Nothing is said or heard until `_begin`; the last of what was said is heard to its end."""
        self._open = False
        self._intake.pause()
        await self._sound.drain()

    async def _has_sound(self) -> bool:
        """Opens the sound again where it is gone."""
        if not self._sound.there:
            await self._reopen()
        return self._sound.there

    def _take(self, message: Audio | Key | None) -> None:
        if message is None:
            if not self._done and not self.gone.is_set():
                self._reopening = self._loop.create_task(self._reopen())
        elif not self._open:
            return
        elif isinstance(message, Key):
            self._intake.key(message.key)
        else:
            self._intake.sound(message.samples, self._loop.time())

    async def _reopen(self) -> None:
        """Sound that broke without a hang-up is opened anew."""
        self._lost_sounds += 1
        log.warning("call %s lost its sound, %d. time", self.id, self._lost_sounds)
        try:
            await self._sound.close_sound()
            if self._lost_sounds >= SOUND_ATTEMPTS:
                raise PeerError(f"its sound broke {SOUND_ATTEMPTS} times")
            await self._sound.open(self.rate)
        except PeerError as fault:
            self._fail(fault)

    def _fail(self, fault: PeerError) -> None:
        if not self.gone.is_set():
            log.warning("call %s: %s", self.id, fault)
            self._broken = True
        self._intake.end()

    async def _watch_over(self) -> None:
        """Puts silence in where the line is mute."""
        while not self.gone.is_set():
            self._intake.fill(self._loop.time())
            await asyncio.sleep(TICK)


def _variables(context: Mapping[str, str]) -> dict[str, str]:
    return {**{f"__{name}": value for name, value in handed_over(context).items()}, **headers(context)}
