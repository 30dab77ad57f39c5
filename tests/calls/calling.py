"""Calls for tests: a frontdesk behind a real Asterisk, and callers who speak with flite's voices."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock_time
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import yaml

from agi.line import AsteriskLine
from agi.loopback import RATE, Clip, Handset, RecordedCaller
from engine.actions.store import Store, open_store
from engine.call.desk import Desk, DeskSettings
from engine.call.parts import Observer
from engine.dialogue.state import State
from engine.effects import Effect, Listen, Record, Say
from engine.events import Event, Spoken
from engine.flow.loader import load_flow
from engine.people import Person
from engine.shipped import find_flow
from engine.speech.audio import read_wav
from engine.speech.stt import Recogniser
from tests.agi.asterisk import Asterisk
from tests.agi.sipphone import SipCall, SipPhone
from tests.agi.ways import WAYS, Way

VOICES = ("awb", "rms", "kal16")
SCRIPTS: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "scripts.yaml").read_text())
ZONE = ZoneInfo("Europe/London")
LONGEST = 180.0
HEARS_FOR = 0.4
"""Seconds of a question that a caller with little time hears."""


SHIPPED = {"trattoria": "trattoria", "clinic": "clinic"}
SOMEBODY = {"reception": Person("205")}  # who answers for a second


class TestCaller(Observer, Protocol):
    """Who makes a test's call; hears what it is asked."""

    telephone: Handset | None


@cache
def spoken(voice: str, text: str, folder: Path) -> bytes:
    """What flite makes of a text, at 8 kHz; a caller's breath around it."""
    path = folder / f"{voice}-{abs(hash(text))}.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, capture_output=True)
    return read_wav(str(path), RATE).samples


PARTS: Mapping[str, str] = {"party_size": "the number of guests", "day": "the day", "time": "the time"}


@dataclass
class ListeningCaller(RecordedCaller):
    """A recorded caller who listens to what is read back: yes only to what they want, else no, and what is wrong."""

    wanted: Mapping[str, str] = field(default_factory=dict)
    words: Callable[[str], bytes] = bytes
    _wrong: str = ""
    _corrected: bool = False

    def _choose(self, prompts: Sequence[str]) -> Clip | None:
        if any(prompt.endswith(".which") for prompt in prompts) and self._wrong:
            return Clip(None, self.words(PARTS[self._wrong]))
        if "echo" not in prompts or self._said is None:
            return super()._choose(prompts)
        read = next(prompt for prompt in self._said.prompts if prompt.id == "echo")
        wrong = [name for name, value in self.wanted.items() if shown(read.values[name].value) != value]
        self._wrong = wrong[0] if wrong else ""
        scripted = [clip for clip in self.clips if clip.name == "echo"]
        if not wrong:
            return Clip(None, scripted[-1].samples, scripted[-1].keys)
        if wrong == ["party_size"] and len(scripted) > 1 and not self._corrected:
            self._corrected = True
            return scripted[0]
        return Clip(None, self.words("no"))


def shown(value: object) -> str:
    """A value as scripts.yaml writes it."""
    return f"{value:%H:%M}" if isinstance(value, clock_time) else str(value)


def caller_of(script: str, voice: str, folder: Path) -> ListeningCaller:
    """A caller who follows a script of scripts.yaml in one of flite's voices."""
    clips: list[Clip] = []
    for prompt, answers in SCRIPTS[script].items():
        if prompt == "booked":
            continue
        for number, answer in enumerate(answers, 1):
            times = 3 if number == len(answers) else 1
            if isinstance(answer, dict):
                clips.append(Clip(prompt, keys=answer["keys"], times=times))
            else:
                clips.append(Clip(prompt, spoken(voice, answer, folder), times=times))
    wanted = {name: str(value) for name, value in SCRIPTS[script]["booked"].items()}
    return ListeningCaller(clips, wanted=wanted, words=lambda text: spoken(voice, text, folder))


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
    lines: dict[str, str] = field(default_factory=dict)
    """The line that a caller gets, where it is not that of the number that they dialled."""

    async def on_call(self, line: AsteriskLine, path: str, _: object) -> None:
        caller = line.caller or ""
        path = self.lines.get(caller, path)
        await line.answer()
        watching = [self.observers[caller]] if caller in self.observers else []
        self.ended[caller] = await self.desk.answer(line, path, watching)


@dataclass
class KeyCaller:
    """A caller with little time: keys an answer as soon as it may, and hangs up when it hears the prompt `leaves`."""

    keys: Mapping[str, str]
    leaves: str = ""
    says: bytes = b""
    """What it says into a recording."""
    telephone: Handset | None = None
    heard: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    did: list[Effect] = field(default_factory=list)
    _said: Say | None = None
    _asked: str = ""

    def event(self, event: Event, now: datetime) -> None:
        self.events.append(event)
        if isinstance(event, Spoken) and self._said is not None and event.say == self._said.say:
            self._press()

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        self.did += effects
        for effect in effects:
            match effect:
                case Say():
                    self._said, self._asked = effect, ""
                    self.heard += [prompt.id for prompt in effect.prompts]
                    if self.leaves in self.heard and self.telephone is not None:
                        self.telephone.hang_up()
                case Record() if effect.kind != "call" and self.telephone is not None:
                    self.telephone.play(self.says)
                case Listen() if self._said is not None:
                    self._asked = self._said.prompts[-1].id
                    if not self._said.protected and self._said.interruptible:
                        asyncio.get_running_loop().call_later(HEARS_FOR, self._press)
                case _:
                    pass

    def timing(self, name: str, milliseconds: float) -> None:
        """Not this one's business."""

    def _press(self) -> None:
        keys, self._asked = self.keys.get(self._asked, ""), ""
        if keys and self.telephone is not None:
            self.telephone.press(keys)


@asynccontextmanager
async def front_desk(
    asterisk: Asterisk,
    folder: Path,
    now: datetime | None = None,
    way: Way = WAYS[0],
    lines: Mapping[str, str | Path] = SHIPPED,
    people: Mapping[str, Person] = SOMEBODY,
    recogniser: Recogniser | None = None,
    **settings: Any,
) -> AsyncIterator[FrontDesk]:
    """Answers the calls that come in by a way, on a clock that starts at `now`. `lines` has the flow of each line,
    `settings` goes to the desk."""
    start = now or datetime.fromisoformat(str(SCRIPTS["now"])).replace(tzinfo=ZONE)
    began = time.monotonic()
    flows = {name: load_flow(find_flow(flow)) for name, flow in lines.items()}
    with open_store(folder / "calls.db", folder / "recordings") as store:
        desk = Desk(DeskSettings(folder / "recordings", people, **settings), flows, store,
                    lambda: start + timedelta(seconds=time.monotonic() - began), recogniser)  # fmt: skip
        await desk.warm()
        here = FrontDesk(store, desk, {}, {})
        try:
            async with way.serving(asterisk, here.on_call, {}):
                yield here
        finally:
            await desk.close()


async def place_call(
    asterisk: Asterisk, here: FrontDesk, caller: TestCaller, number: str, extension: str = "100"
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
