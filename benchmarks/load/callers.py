"""Many callers in one process, who note when each frame comes: they speak FastAGI and AudioSocket as Asterisk does, or
(where the task has `asterisk`) call through a real one.

It reads its task as JSON from standard input and writes what it saw as JSON to standard output. A caller waits until
they have heard something and then 0.7 s of silence, says a recorded sentence, waits again; a call that ends is followed
by another, so that as many go on all the time. Sound is sent as Asterisk sends it: 20 ms of it every 20 ms, each call
at a place of its own in these 20 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agi.token import query  # noqa: E402
from benchmarks.load.exchange import Exchange  # noqa: E402
from benchmarks.load.sound import BINS, FRAME, HEADER, SIZE, Seen, Sound  # noqa: E402
from engine.speech.audio import read_wav  # noqa: E402

PLACES = 10
"""Moments within 20 ms at which frames are sent."""
REQUEST = """agi_network: yes
agi_network_script: {path}?{query}
agi_request: agi://bench/{path}
agi_channel: Local/{number}@bench-00000001;2
agi_language: en
agi_type: Local
agi_uniqueid: {channel}
agi_version: 22.10.1
agi_callerid: {caller}
agi_calleridname: unknown
agi_callingpres: 0
agi_dnid: 100
agi_rdnis: unknown
agi_context: frontdesk
agi_extension: 100
agi_priority: 3
agi_enhanced: 0.0
agi_accountcode:

"""


class Control(asyncio.Protocol):
    """The FastAGI connection of one call: answers commands as Asterisk does."""

    def __init__(self, head: bytes, open_sound: Any, ended: asyncio.Event) -> None:
        self.head, self.open_sound, self.ended = head, open_sound, ended
        self.rest = b""
        self.finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.head)

    def connection_lost(self, _: Exception | None) -> None:
        self.ended.set()

    def data_received(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self._command(line.decode())

    def _command(self, line: str) -> None:
        if found := re.match(r'EXEC "AudioSocket" "([^,]+),([^"]+)"', line):
            self.open_sound(found[1], found[2], self)
            return
        if line.startswith("SET VARIABLE") and "FD_OUTCOME" in line:
            self.finished = True
        status = "result=6" if line.startswith("CHANNEL STATUS") else "result=0"
        if line.startswith("GET VARIABLE"):
            status = "result=1 (NOANSWER)" if "DIALSTATUS" in line else "result=0"
        if line.startswith(("SET VARIABLE", "HANGUP")):
            status = "result=1"
        self.reply(status)
        if line.startswith("HANGUP"):
            self.finished = True
            self.transport.close()

    def reply(self, status: str) -> None:
        if not self.transport.is_closing():
            self.transport.write(f"200 {status}\n".encode())


class Callers:
    """As many calls at a time as the task says."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.seen = Seen()
        self.clips = [self._frames(Path(clip)) for clip in task["clips"]]
        self.legs: list[list[Sound]] = [[] for _ in range(PLACES)]
        self.number = 0
        self.exchange = Exchange(task["asterisk"], self.seen, self.clips) if "asterisk" in task else None

    def _frames(self, clip: Path) -> list[bytes]:
        """The frames of a sentence, the last one first."""
        samples = read_wav(clip, 8000).samples
        whole = (samples[at : at + SIZE].ljust(SIZE, b"\0") for at in range(0, len(samples), SIZE))
        return [HEADER + frame for frame in whole][::-1]

    async def run(self) -> Seen:
        if self.exchange is not None:
            await self.exchange.start()
        pacing = asyncio.create_task(self._pace())
        calls = [asyncio.create_task(self._again_and_again(place)) for place in range(self.task["calls"])]
        await asyncio.sleep(self.task["settle"])
        self.seen.measuring = True
        print("measuring", file=sys.stderr, flush=True)
        await asyncio.sleep(self.task["seconds"])
        self.seen.measuring = False
        for call in calls:
            call.cancel()
        pacing.cancel()
        await asyncio.gather(*calls, pacing, return_exceptions=True)
        return self.seen

    async def _pace(self) -> None:
        step, turn = FRAME / PLACES, 0
        due = time.monotonic()
        while True:
            for leg in self.legs[turn % PLACES]:
                leg.tick()
            turn += 1
            due += step
            wait = due - time.monotonic()
            if self.seen.measuring:
                self.seen.turns += 1
                self.seen.own_late += wait < -0.01
            if wait < -0.2:
                due = time.monotonic()
            await asyncio.sleep(max(0.0, wait))

    async def _again_and_again(self, place: int) -> None:
        await asyncio.sleep(self.task["ramp"] * place / max(1, self.task["calls"]))
        while True:
            echo = self.task["server"] == "echo"
            if self.exchange is not None:
                await self._through(self.exchange, place)
            else:
                await (self._echo(place) if echo else self._call(place))
            await asyncio.sleep(0.2)

    async def _echo(self, place: int) -> None:
        ended = asyncio.Event()
        await self._sound(uuid.uuid4().bytes, self.task["audio"], place, ended)
        await ended.wait()

    async def _through(self, exchange: Exchange, place: int) -> None:
        leg = None
        try:
            leg = await exchange.call(f"+44163296{place:04d}")
            async with self._beside(leg, place):
                await leg.ended.wait()
            self.seen.calls += self.seen.measuring
        except OSError as fault:
            print(fault, file=sys.stderr)
            self.seen.refused += 1
            await asyncio.sleep(1.0)

    async def _call(self, place: int) -> None:
        self.number += 1
        channel = f"{int(time.time())}.{self.number}"
        text = query(self.task["secret"], self.task["path"], channel, int(time.time()), 1)
        caller = f"+44163296{place:04d}"
        head = REQUEST.format(path=self.task["path"], query=text, number=place, channel=channel, caller=caller)
        ended = asyncio.Event()
        sounds: set[asyncio.Task[None]] = set()

        def open_sound(identity: str, address: str, control: Control) -> None:
            async def opened() -> None:
                over = asyncio.Event()
                await self._sound(uuid.UUID(identity).bytes, address, place, over)
                await over.wait()
                control.reply("result=0")

            task = asyncio.create_task(opened())
            sounds.add(task)
            task.add_done_callback(sounds.discard)

        host, _, port = self.task["agi"].rpartition(":")
        loop = asyncio.get_running_loop()
        control = None
        try:
            _, control = await loop.create_connection(
                lambda: Control(head.encode(), open_sound, ended), host, int(port)
            )
            await ended.wait()
        except OSError:
            self.seen.refused += 1
            await asyncio.sleep(1.0)
        finally:
            for task in sounds:
                task.cancel()
            if control is not None:
                control.transport.abort()
                if self.seen.measuring and ended.is_set():
                    self.seen.calls += 1
                    self.seen.lost += not control.finished

    async def _sound(self, identity: bytes, address: str, place: int, ended: asyncio.Event) -> None:
        host, _, port = address.rpartition(":")
        _, leg = await asyncio.get_running_loop().create_connection(
            lambda: Sound(identity, self.seen, self.clips, ended), host, int(port)
        )
        async with self._beside(leg, place):
            await ended.wait()

    @contextlib.asynccontextmanager
    async def _beside(self, leg: Sound, place: int) -> AsyncIterator[None]:
        """A leg that is paced with the others, and ended."""
        legs = self.legs[place % PLACES]
        legs.append(leg)
        try:
            yield
        finally:
            legs.remove(leg)
            if leg.transport is not None:
                leg.transport.abort()


def main() -> None:
    callers = Callers(json.loads(sys.stdin.readline()))
    seen = asyncio.run(callers.run())
    print(json.dumps({**seen.__dict__, "bins": BINS}))


if __name__ == "__main__":
    main()
