"""A telephone exchange for the console's tests: it calls a running frontdesk by FastAGI and AudioSocket, as Asterisk
does, with a caller who speaks. What the caller is asked, they follow in the log of the call."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from uuid import UUID

from agi.loopback import RecordedCaller, Telephone
from agi.token import query
from agi.wire.audiosocket import Id, encode
from engine.actions.store import Store
from engine.effects import Effect, Listen, Say
from engine.events import Event
from engine.speech.audio import read_wav
from engine.watch.encoding import decode

LOOK = 0.05
"""Seconds between two looks at the log."""
LONGEST = 90.0
RATE = 8000
REQUEST = """agi_network: yes
agi_network_script: {path}?{query}
agi_channel: PJSIP/phone-{channel}
agi_uniqueid: {channel}
agi_callerid: {caller}
agi_dnid: {called}
agi_extension: {called}

"""


def spoken(text: str, folder: Path, voice: str = "rms") -> bytes:
    """What flite makes of a text, at 8 kHz."""
    path = folder / f"{re.sub(r'[^a-z]+', '_', text.lower())}.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, capture_output=True)
    return read_wav(str(path), RATE).samples


@dataclass
class HurriedCaller(RecordedCaller):
    """Answers as soon as the question may be interrupted, and hears of the rest in what is read back."""

    waits: Sequence[str] = ()
    """Prompts that are heard to their end."""

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        super().effects(effects, now)
        for effect in effects:
            if isinstance(effect, Listen) and self._said is not None and self._hurries(self._said):
                self._answer()

    def _hurries(self, said: Say) -> bool:
        return said.interruptible and not said.protected and not any(one.id in self.waits for one in said.prompts)


@dataclass
class Receiver:
    """What the caller holds; it knows whether they hung up."""

    telephone: Telephone
    left: bool = False

    def play(self, samples: bytes) -> None:
        self.telephone.play(samples)

    def press(self, keys: str) -> None:
        self.telephone.press(keys)

    def hang_up(self) -> None:
        self.left = True
        self.telephone.hang_up()


@dataclass
class Exchange:
    """Calls of one number over the server at `agi`. `store` reads the log that the server writes."""

    agi: int
    secret: str
    store: Store
    placed: int = 0

    def call(self, path: str, caller: RecordedCaller, number: str, called: str = "100") -> str:
        """Makes a call, and answers its id when it is over. For a thread of its own."""
        return asyncio.run(self._call(path, caller, number, called))

    async def _call(self, path: str, caller: RecordedCaller, number: str, called: str) -> str:
        self.placed += 1
        channel, at = f"{int(time.time())}.{self.placed}", int(time.time())
        text = query(self.secret, path, channel, at)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.agi)
        asked = REQUEST.format(path=path, query=text, channel=channel, caller=number, called=called)
        writer.write(asked.encode())
        known = {one.id for one in self.store.archive.calls()}
        following = asyncio.create_task(self._follow(caller, known))
        try:
            async with asyncio.timeout(LONGEST):
                await _control(reader, writer, caller)
                while True:  # the log is written a moment after it happened
                    over = [one.id for one in self.store.archive.calls() if one.id not in known and one.ended]
                    if over:
                        return over[0]
                    await asyncio.sleep(LOOK)
        finally:
            following.cancel()

    async def _follow(self, caller: RecordedCaller, known: set[str]) -> None:
        """Tells the caller what the log tells."""
        ours, seq = "", 0
        while True:
            if not ours:
                ours = next((one.id for one in self.store.archive.calls() if one.id not in known), "")
            for entry in self.store.archive.entries(ours, after=seq) if ours else ():
                seq = entry.seq
                if entry.kind == "event":
                    event: Event = decode(entry.body)
                    caller.event(event, entry.at)
                elif entry.kind == "effect":
                    caller.effects((decode(entry.body),), entry.at)
            await asyncio.sleep(LOOK)


async def _control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: RecordedCaller) -> None:
    """Answers commands as Asterisk does, until the server hangs up."""
    sounds: list[asyncio.Task[None]] = []

    def reply(status: str) -> None:
        if not writer.is_closing():
            writer.write(f"200 {status}\n".encode())

    async def sound(identity: str, host: str, port: int) -> None:
        opened = await asyncio.open_connection(host, port)
        opened[1].write(encode(Id(UUID(identity))))
        receiver = caller.telephone = Receiver(Telephone(*opened))
        await receiver.telephone.run()
        if receiver.left:
            writer.write(b"HANGUP\n")
        reply("result=0")

    while line := (await reader.readline()).decode().strip():
        if found := re.match(r'EXEC "AudioSocket" "([^,]+),([^:]+):(\d+)"', line):
            sounds.append(asyncio.create_task(sound(found[1], found[2], int(found[3]))))
        elif line.startswith("HANGUP"):
            reply("result=1")
            writer.close()
        elif line.startswith("GET VARIABLE"):
            reply("result=0")
        else:
            reply("result=6" if line.startswith("CHANNEL STATUS") else "result=1")
    for task in sounds:
        task.cancel()
    await asyncio.gather(*sounds, return_exceptions=True)


class Server:
    """A running `frontdesk serve`; `addresses` are those that it announced, by the first word of the line."""

    def __init__(self, config: Path) -> None:
        command = [sys.executable, "-c", "from engine.cli.main import main; main()", "serve", "--config", str(config)]
        with (config.parent / "serve.log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self._lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self.addresses: dict[str, str] = {}
        while "line" not in self.addresses:
            name, _, rest = self.says(r"\S+ +\S").partition(" ")
            self.addresses[name] = rest.strip()

    def says(self, pattern: str, within: float = 30.0) -> str:
        """The next line that begins like this; queue.Empty where none comes."""
        while True:
            line = self._lines.get(timeout=within)
            if re.match(pattern, line):
                return line

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
