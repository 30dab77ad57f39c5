"""Rings people for a caller over ARI: each telephone is a channel of ours, the first to answer gets the call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agi.ari_sound import Owners, new_id
from agi.net.ari import Ari
from agi.wire import ari as wire
from agi.wire.ari import Destroyed, Dialled, Entered, Event, Left
from engine.errors import PeerError

log = logging.getLogger(__name__)

LATER: Final = 3.0
"""Seconds for which we wait for Asterisk's word after it should have stopped ringing."""
REJECTED: Final = 21
_STATUS: Final = {"BUSY": "busy", "NOANSWER": "no_answer", "CANCEL": "no_answer"}
_CAUSE: Final = {17: "busy", 18: "no_answer", 19: "no_answer", REJECTED: "declined"}
_BEST: Final = ("no_answer", "busy", "declined", "failed")
"""Where several telephones are rung for one call, the outcome of the one that came closest to an answer."""


def outcome(status: str, cause: int) -> str:
    """What became of a telephone that did not answer. A cause that says that somebody declined is right against a
    status, which then says that nobody answered; else the status is, where it says more than that it failed."""
    if cause == REJECTED:
        return "declined"
    return _STATUS.get(status) or _CAUSE.get(cause, "failed")


@dataclass(slots=True)
class _Telephone:
    status: str = ""
    outcome: str | None = None
    answered: bool = False


def _ended(telephone: _Telephone, outcome: str) -> str:
    """What became of a telephone that is gone: whoever picks up and hangs up before anything is said did not answer."""
    return "no_answer" if telephone.answered or telephone.status == "ANSWER" else outcome


class People:
    """The telephones that are rung for one caller. `close` hangs up whatever is left of them."""

    def __init__(self, ari: Ari, owners: Owners, caller: str, number: str) -> None:
        self._ari, self._owners, self._caller, self._number = ari, owners, caller, number
        self._telephones: dict[str, _Telephone] = {}
        self._news = asyncio.Event()

    async def ring(self, target: str, seconds: float, variables: Mapping[str, str], gone: asyncio.Event) -> str:
        """Rings the dial strings of `target`, joined by `&`, until one answers, `seconds` are over or `gone` is set;
        the outcome as in Line, `connected` once somebody answered, who is `answered` then."""
        for endpoint in target.split("&"):
            await self._dial(endpoint, max(1, round(seconds)), variables)
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds + LATER
        leaving = loop.create_task(gone.wait())
        try:
            while not self._decided() and not gone.is_set() and (left := until - loop.time()) > 0:
                self._news.clear()
                news = loop.create_task(self._news.wait())
                await asyncio.wait({news, leaving}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
        finally:
            leaving.cancel()
        if self.answered and not gone.is_set():
            await self._hang_up_others()
            return "connected"
        ends = [telephone.outcome or "no_answer" for telephone in self._telephones.values()]
        return min(ends, key=_BEST.index, default="failed")

    @property
    def answered(self) -> str | None:
        """The channel of whoever answered and is still there."""
        for channel, telephone in self._telephones.items():
            if telephone.answered and telephone.outcome is None:
                return channel
        return None

    async def talk(self, channel: str, gone: asyncio.Event) -> None:
        """Waits until the person hangs up or `gone` is set."""
        while self._telephones[channel].outcome is None and not gone.is_set():
            self._news.clear()
            leaving, news = asyncio.ensure_future(gone.wait()), asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait({leaving, news}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                leaving.cancel()
                news.cancel()

    def let_go(self) -> str | None:
        """The channel of whoever answered, which `close` leaves alone from now on."""
        channel = self.answered
        if channel is not None:
            del self._telephones[channel]
            self._owners.drop(channel)
        return channel

    async def close(self) -> None:
        for channel in tuple(self._telephones):
            await self._drop(channel)

    async def _dial(self, endpoint: str, seconds: int, variables: Mapping[str, str]) -> None:
        channel = new_id("person")
        self._telephones[channel] = _Telephone()
        self._owners.add(channel, self._take)
        request = wire.originate(
            self._ari.app, channel, endpoint, caller=self._number, within=seconds, variables=variables, of=self._caller
        )
        try:
            await self._ari.ask(request)
        except PeerError as fault:
            log.warning("call %s: %s cannot be rung: %s", self._caller, endpoint, fault)
            self._telephones[channel].outcome = "failed"

    def _decided(self) -> bool:
        return bool(self.answered) or all(telephone.outcome for telephone in self._telephones.values())

    async def _hang_up_others(self) -> None:
        kept = self.answered
        for channel in tuple(self._telephones):
            if channel != kept:
                await self._drop(channel)

    async def _drop(self, channel: str) -> None:
        telephone = self._telephones.pop(channel)
        self._owners.drop(channel)
        if telephone.outcome is None:
            await self._ari.tell(wire.hang_up(channel))

    def _take(self, event: Event) -> None:
        match event:
            case Dialled(channel, status):
                self._telephones[channel].status = status
            case Entered(channel):
                self._telephones[channel.id].answered = True
            case Destroyed(channel, cause):
                telephone = self._telephones[channel]
                telephone.outcome = telephone.outcome or _ended(telephone, outcome(telephone.status, cause))
            case Left(channel):
                telephone = self._telephones[channel]
                telephone.outcome = _ended(telephone, "failed")
            case _:
                return
        self._news.set()
