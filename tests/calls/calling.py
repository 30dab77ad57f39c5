"""Calls for tests: a frontdesk behind a real Asterisk, and callers who speak with flite's voices."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import yaml

from agi.line import AsteriskLine
from agi.loopback import RATE, Clip, RecordedCaller
from agi.server import AsteriskServer
from engine.actions.store import Store, open_store
from engine.call.desk import Desk, DeskSettings
from engine.call.parts import Observer
from engine.dialogue.state import State
from engine.flow.loader import load_flow
from engine.flow.shipped import find_flow
from engine.speech.audio import read_wav
from tests.agi.asterisk import Asterisk
from tests.agi.sipphone import SipCall, SipPhone

VOICES = ("slt", "awb", "rms")
SCRIPTS: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "scripts.yaml").read_text())
ZONE = ZoneInfo("Europe/London")
LONGEST = 180.0


@cache
def spoken(voice: str, text: str, folder: Path) -> bytes:
    """What flite makes of a text, at 8 kHz; a caller's breath around it."""
    path = folder / f"{voice}-{abs(hash(text))}.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, capture_output=True)
    return read_wav(str(path), RATE).samples


def caller_of(script: str, voice: str, folder: Path) -> RecordedCaller:
    """A caller who follows a script of scripts.yaml in one of flite's voices."""
    clips: list[Clip] = []
    for prompt, answers in SCRIPTS[script].items():
        if prompt == "booked":
            continue
        for answer in answers:
            if isinstance(answer, dict):
                clips.append(Clip(prompt, keys=answer["keys"]))
            else:
                clips.append(Clip(prompt, spoken(voice, answer, folder)))
        if len(answers) == 1 and not isinstance(answers[0], dict):
            clips.append(Clip(prompt, spoken(voice, answers[0], folder), times=2))
    return RecordedCaller(clips)


@dataclass
class SipHandset:
    """A SIP call as the handset of a recorded caller."""

    call: SipCall

    def play(self, samples: bytes) -> None:
        self.call.play(np.frombuffer(samples, dtype="<i2").astype(np.int16))

    def press(self, keys: str) -> None:
        self.call.press(keys)

    def hang_up(self) -> None:
        self._ending = asyncio.ensure_future(self.call.hang_up())


@dataclass
class FrontDesk:
    """A running frontdesk; `observers` see the call of the caller with that number, `ended` holds how calls ended."""

    store: Store
    desk: Desk
    observers: dict[str, Observer]
    ended: dict[str, State]

    async def on_call(self, line: AsteriskLine, path: str, _: object) -> None:
        caller = line.caller or ""
        await line.answer()
        watching = [self.observers[caller]] if caller in self.observers else []
        self.ended[caller] = await self.desk.answer(line, path, watching)


@asynccontextmanager
async def front_desk(asterisk: Asterisk, folder: Path, now: datetime | None = None) -> AsyncIterator[FrontDesk]:
    """Answers Asterisk's calls with the shipped flows, on a clock that starts at `now`."""
    start = now or datetime.fromisoformat(str(SCRIPTS["now"])).replace(tzinfo=ZONE)
    began = time.monotonic()
    flows = {name: load_flow(find_flow(name)) for name in ("trattoria", "clinic")}
    with open_store(folder / "calls.db", folder / "recordings") as store:
        people = {"reception": "205"}  # who answers for half a second
        desk = Desk(DeskSettings(folder / "recordings", people), flows, store,
                    lambda: start + timedelta(seconds=time.monotonic() - began))  # fmt: skip
        await desk.warm()
        here = FrontDesk(store, desk, {}, {})
        try:
            async with AsteriskServer(asterisk.settings, here.on_call):
                yield here
        finally:
            await desk.close()


async def place_call(
    asterisk: Asterisk, here: FrontDesk, caller: RecordedCaller, number: str, extension: str = "100"
) -> SipCall:
    """One call from the telephone with this number, until we or they hang up."""
    here.observers[number] = caller
    phone = await SipPhone(number, asterisk.sip).open()
    try:
        call = await phone.dial(extension)
        caller.telephone = SipHandset(call)
        async with asyncio.timeout(LONGEST):
            await call.ended.wait()
            while number not in here.ended:
                await asyncio.sleep(0.05)
        return call
    finally:
        await phone.close()
