"""The two servers that are called: frontdesk with a scripted recogniser, and one that sends every byte straight back.

`answerers.py echo` or `answerers.py frontdesk PROCESSES MOST FOLDER PORT`, with FastAGI's port (0 for any); a line of
JSON on standard output says where it listens, and it ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agi import worker  # noqa: E402
from agi.supervisor import supervising  # noqa: E402
from engine.effects import Expecting  # noqa: E402
from engine.settings import Address, Asterisk, LineSettings, Settings, Speech  # noqa: E402
from engine.shipped import find_flow  # noqa: E402
from engine.speech.engines import RECOGNISERS, Listening  # noqa: E402
from engine.speech.stt import Transcript  # noqa: E402

SECRET = "for-tests"
TAKES = 0.15
"""Seconds that a recogniser, in a process or on a machine of its own, would take."""
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "party_size": ("four", "two of us", "three people please"),
    "day": ("tomorrow", "on saturday", "next friday", "the day after tomorrow"),
    "time": ("half past seven in the evening", "at eight pm", "one o'clock", "quarter past nine in the evening"),
    "name": ("Maria Rossi", "James Miller"),
    "phone": ("oh one six three two nine six oh one two three",),
}


class Scripted:
    """Answers each question with words that fit it."""

    name, open = "scripted", True

    async def recognise(self, samples: bytes, rate: int, expecting: Expecting) -> Transcript:
        await asyncio.sleep(TAKES)
        if expecting.kind == "yes_no" or (expecting.yes_no and expecting.asked is None):
            return Transcript("yes please" if random.random() < 0.9 else "no")
        if expecting.asked is not None and expecting.asked in ANSWERS:
            return Transcript(random.choice(ANSWERS[expecting.asked]))
        if "anything_else" in expecting.step:
            return Transcript("no thank you")
        return Transcript("I'd like to book a table")

    async def warm(self, questions: Iterable[Expecting]) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to end."""


def work(*arguments: Any) -> None:
    """A worker of frontdesk's, with the scripted recogniser beside the real ones."""
    cast(dict[str, Any], RECOGNISERS)["scripted"] = lambda *_: Scripted()
    worker.work(*arguments)


def settings(processes: int, most: int, folder: Path, port: int) -> Settings:
    return Settings(
        database=str(folder / "calls.db"),
        lines={"trattoria": LineSettings("trattoria", find_flow("trattoria"), ("100",))},
        asterisk=Asterisk(agi=Address("127.0.0.1", port), audiosocket=Address("127.0.0.1", 0), secret=SECRET),
        speech=replace(Speech(), listening=Listening("scripted")),
        recordings=folder / "recordings",
        most_calls=most,
        processes=processes,
        drain=0.0,
    )


async def frontdesk(processes: int, most: int, folder: Path, port: int) -> None:
    ours = settings(processes, most, folder, port)
    async with supervising(ours, lambda text: print(text, file=sys.stderr), work) as here:
        print(json.dumps({"agi": f"127.0.0.1:{here.agi_port}", "path": "trattoria", "secret": SECRET}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


class Echo(asyncio.Protocol):
    """Sends every frame back, the id aside."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.skip = 19

    def data_received(self, data: bytes) -> None:
        skipped, self.skip = self.skip, max(0, self.skip - len(data))
        if len(data) > skipped:
            self.transport.write(data[skipped:])


async def echo() -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    print(json.dumps({"audio": f"127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    if sys.argv[1] == "echo":
        asyncio.run(echo())
    else:
        asyncio.run(frontdesk(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5])))
    os._exit(0)  # the thread that waits for standard input is done, whatever it thinks


if __name__ == "__main__":
    main()
