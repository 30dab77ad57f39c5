"""An Asterisk call as a Line: a FastAGI session controls it, AudioSocket carries its sound.

Once answered, EXEC AudioSocket runs as a task; frames and keys arrive over the leg that it opens. For a transfer the
leg is given back, the task ends, EXEC Dial runs, and unless a person took the call a new leg follows. At the end
FD_OUTCOME tells the dialplan how it went: without it, the dialplan's safety net rings a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from agi.destination import TONE_ZONE, dial_options, dial_string, is_number, tone_zone
from agi.dialplan.plan import HANDOVER, PASSED_ON, WHISPER
from agi.handover import handed_over
from agi.intake import Intake
from agi.net.audiosocket import AudioSocketServer, Leg
from agi.net.fastagi import Session
from agi.scripts import run_script
from agi.settings import AsteriskSettings
from agi.whispering import Whispering
from agi.wire.audiosocket import Audio, Key
from engine.call.line import Arrival, Whisper
from engine.errors import PeerError, SettingsError

log = logging.getLogger(__name__)

RATE: Final = 8000
TICK: Final = 0.1
QUIET_AFTER: Final = 0.05
"""Seconds after which silence is sent where nobody speaks: Asterisk drops a leg that is silent both ways for 2 s."""
SILENCE: Final = bytes(320)
RELEASE_WITHIN: Final = 2.0
SOUND_ATTEMPTS: Final = 3
"""How often one call may lose its sound before it is left to the safety net."""
CHANNEL_IS_UP: Final = "6"
CALL_REJECTED: Final = "21"

_OUTCOMES: Final = {
    "ANSWER": "connected",
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "DONTCALL": "declined",
    "TORTURE": "declined",
}


class AsteriskLine:
    """One call. `answer` it first, then it is an `engine.call.line.Line`."""

    rate = RATE

    def __init__(self, session: Session, sounds: AudioSocketServer, settings: AsteriskSettings, address: str) -> None:
        request = session.request
        self.id = request.get("uniqueid") or "unknown"
        self.caller = request.get("callerid")
        self.called = request.get("dnid") or request.get("extension")
        self.path = request.path
        self.args = request.args
        self._session, self._sounds, self._settings, self._address = session, sounds, settings, address
        self._intake = Intake(RATE)
        self._leg: Leg | None = None
        self._application: asyncio.Task[None] | None = None
        self._releasing = False
        self._done = False
        self._transferred = False
        self._passed_on = False
        self._broken = False
        self._lost_sounds = 0
        self._sent_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._watch = self._loop.create_task(self._watch_over())

    async def answer(self) -> None:
        """Picks up and opens the sound; `arrivals` ends at once where the caller is gone already."""
        try:
            reply = await self._session.execute("ANSWER")
            if reply.ok and await self._open_sound():
                return
        except PeerError as fault:
            log.warning("call %s: %s", self.id, fault)
        self._intake.end()

    def arrivals(self) -> AsyncIterator[Arrival]:
        """Frames of 20 ms and keys, in order, until the caller is gone or talks to a person. Read it once."""
        return self._intake.stream()

    async def send(self, samples: bytes) -> None:
        """Plays 20 ms at once; between what is sent the line itself sends silence."""
        if self._leg is not None:
            self._sent_at = self._loop.time()
            self._leg.send(samples)

    async def cut(self) -> None:
        """Nothing waits: AudioSocket plays at once."""

    async def transfer(self, to: str, context: Mapping[str, str], ring: float, whisper: Whisper | None = None) -> str:
        """As in Line. `context` reaches the other telephone as variables FD_<NAME> and in SIP headers."""
        target = self._target(to)
        if target is None or self._done or self._session.gone.is_set():
            return "failed"
        try:
            await self._release_sound()
            await self._hand_over(context)
            outcome = await (self._dial(target, ring) if whisper is None else self._announce(target, ring, whisper))
            if outcome == "connected":
                self._transferred = True
                await self._session.set_variable("FD_OUTCOME", "transferred")
            elif await self._is_up() and await self._open_sound():
                return outcome
        except PeerError as fault:
            log.warning("call %s: %s", self.id, fault)
            outcome = "failed"
        self._intake.end()
        return outcome

    async def pass_on(self, to: str, context: Mapping[str, str]) -> str:
        """As in Line: the dialplan goes on at the number, and this AGI session ends."""
        target = self._target(to)
        if target is None or self._done or self._session.gone.is_set():
            return "failed"
        try:
            await self._release_sound()
            await self._hand_over(context)
            await self._session.set_variable("FD_TO", target)
            place = f"{self._settings.people_context},{to},1" if is_number(to) else f"{PASSED_ON},s,1"
            if (await self._session.execute("EXEC", "Goto", place)).ok:
                await self._session.set_variable("FD_OUTCOME", "transferred")
                self._passed_on = self._done = True
                self._intake.end()
                return "connected"
            if await self._is_up() and await self._open_sound():
                return "failed"
        except PeerError as fault:
            log.warning("call %s: %s", self.id, fault)
        self._intake.end()
        return "failed"

    async def run_script(
        self, name: str, arguments: Sequence[str], wanted: Sequence[str], seconds: float
    ) -> Mapping[str, str] | None:
        """As in RunsScripts: the sound is given back meanwhile, so that the script may play files and wait for keys."""
        path = self._settings.scripts.get(name)
        if path is None or self._done or self._session.gone.is_set():
            return None
        found: dict[str, str] | None = None
        try:
            await self._release_sound()
            for variable in wanted:  # what an earlier script left is no result of this one
                await self._session.set_variable(variable, "")
            if await run_script(self._session, path, arguments, seconds) == "done":
                values = [(variable, await self._session.get_variable(variable)) for variable in wanted]
                found = {variable: value for variable, value in values if value}
            if await self._is_up() and await self._open_sound():
                return found
        except PeerError as fault:
            log.warning("call %s: %s", self.id, fault)
        self._intake.end()
        return None

    def _target(self, to: str) -> str | None:
        """The dial string of a destination, or None for one that cannot be dialled."""
        try:
            return dial_string(to, self._settings.people_context)
        except SettingsError as fault:
            log.error("call %s cannot be transferred: %s", self.id, fault)
            return None

    async def hang_up(self) -> None:
        """Ends the call; safe to call twice. A caller whose sound broke is left to the dialplan's safety net."""
        await self.leave("hung_up")
        if self._broken or self._passed_on:
            return
        try:
            await self._session.hangup()
        except PeerError as fault:
            log.info("call %s: %s", self.id, fault)

    async def leave(self, outcome: str) -> None:
        """Gives the channel back to the dialplan with FD_OUTCOME set, so that its safety net stays out of it."""
        if self._done:
            return
        self._done = True
        self._intake.end()
        try:
            await self._release_sound()
            if not self._transferred and not self._broken:
                await self._session.set_variable("FD_OUTCOME", outcome)
        except PeerError as fault:
            log.info("call %s: %s", self.id, fault)

    def close(self) -> None:
        """Lets go of everything at once; after a fault of ours, the dialplan's safety net takes the caller."""
        self._done = True
        self._intake.end()
        self._watch.cancel()
        if self._leg is not None:
            self._leg.release()
        if self._application is not None:
            self._application.cancel()

    async def _open_sound(self) -> bool:
        """Starts EXEC AudioSocket and waits for its connection; false when it did not come."""
        ticket = self._sounds.expect(self._take)
        self._releasing = False
        self._application = self._loop.create_task(self._run_application(f"{ticket.id},{self._address}"))
        first: set[asyncio.Future[Any]] = {ticket.leg, self._application}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not ticket.leg.done() or ticket.leg.cancelled():
            ticket.leg.cancel()
            if not self._session.gone.is_set():
                self._broken = True
                log.warning("call %s: no sound came to %s", self.id, self._address)
            return False
        leg = ticket.leg.result()
        if self._releasing or self._done:
            leg.release()
        else:
            self._leg = leg
            self._intake.begin(self._loop.time())
            leg.send(SILENCE)
        return True

    async def _run_application(self, arguments: str) -> None:
        """Stands beside the call while its sound flows, and opens it again where it broke without a hang-up."""
        try:
            await self._session.execute("EXEC", "AudioSocket", arguments, within=self._settings.longest_call)
            had_sound, self._leg = self._leg is not None, None
            if self._releasing:
                return
            if had_sound and await self._is_up():
                self._lost_sounds += 1
                log.warning("call %s lost its sound, %d. time", self.id, self._lost_sounds)
                if self._lost_sounds < SOUND_ATTEMPTS and await self._open_sound():
                    return
                self._broken = True
        except PeerError as fault:
            log.warning("call %s: %s", self.id, fault)
        self._intake.end()

    async def _release_sound(self) -> None:
        """Gives the channel back and waits until the AGI session has it."""
        self._releasing = True
        self._intake.pause()
        if self._leg is not None:
            self._leg.release()
            self._leg = None
        if self._application is not None:
            await asyncio.wait({self._application}, timeout=RELEASE_WITHIN)

    async def _hand_over(self, context: Mapping[str, str]) -> None:
        """Variables that the dialled channel inherits."""
        for name, value in handed_over(context).items():
            await self._session.set_variable(f"__{name}", value)

    async def _announce(self, target: str, ring: float, whisper: Whisper) -> str:
        """Dials, and lets the person decide once they answer and have heard what the call is about."""

        async def send(samples: bytes) -> None:
            ticket.leg.result().send(samples)

        def take(message: Audio | Key | None) -> None:
            if message is None:
                whispering.gone()
            elif isinstance(message, Key):
                whispering.key(message.key)

        async def decide() -> bool:
            leg = await ticket.leg
            leaving = self._loop.create_task(self._gone(whispering))
            try:
                taken = await whispering.run()
            finally:
                leaving.cancel()
            (leg.release if taken else leg.refuse)()
            return taken

        whispering = Whispering(whisper, RATE, send)
        ticket = self._sounds.expect(take, within=ring + self._settings.sound_within)
        deciding = self._loop.create_task(decide())
        try:
            outcome = await self._dial(target, ring, f"{WHISPER}^{ticket.id}^{self._address}")
        finally:
            self._sounds.forget(ticket)
            deciding.cancel()
            await asyncio.gather(deciding, return_exceptions=True)
        taken = not deciding.cancelled() and deciding.exception() is None and deciding.result()
        if outcome == "connected" and not taken:
            outcome = "declined" if ticket.leg.done() and not ticket.leg.cancelled() else "failed"
        log.info("call %s: %s was told what it is about: %s", self.id, target, outcome)
        return outcome

    async def _gone(self, whispering: Whispering) -> None:
        await self._session.gone.wait()
        whispering.gone()

    async def _dial(self, target: str, ring: float, whisper: str = "") -> str:
        options = dial_options(self._settings.hold, HANDOVER, whisper)
        zone = tone_zone(self._settings.hold)
        if zone is not None:
            await self._session.set_variable(TONE_ZONE, zone)
        dial = f"{target},{max(1, round(ring))},{options}"
        await self._session.execute("EXEC", "Dial", dial, within=ring + self._settings.longest_call)
        status = await self._session.get_variable("DIALSTATUS")
        outcome = _OUTCOMES.get(status or "", "failed")
        if outcome == "failed" and await self._session.get_variable("HANGUPCAUSE") == CALL_REJECTED:
            outcome = "declined"
        log.info("call %s: %s gave %s (%s)", self.id, target, outcome, status)
        return outcome

    async def _is_up(self) -> bool:
        reply = await self._session.execute("CHANNEL STATUS")
        return reply.ok and reply.result == CHANNEL_IS_UP and not self._session.gone.is_set()

    def _take(self, message: Audio | Key | None) -> None:
        now = self._loop.time()
        if isinstance(message, Key):
            self._intake.key(message.key)
        elif message is not None and message.rate == RATE:
            self._intake.sound(message.samples, now)
            self._keep_talking(now)

    def _keep_talking(self, now: float) -> None:
        if self._leg is not None and now - self._sent_at > QUIET_AFTER:
            self._leg.send(SILENCE)

    async def _watch_over(self) -> None:
        """Sees the caller hang up, and keeps both directions alive when the other telephone sends nothing."""
        while not self._session.gone.is_set():
            now = self._loop.time()
            self._intake.fill(now)
            self._keep_talking(now)
            try:
                async with asyncio.timeout(TICK):
                    await self._session.gone.wait()
            except TimeoutError:
                continue
        if self._leg is not None:
            self._leg.release()
        self._intake.end()
