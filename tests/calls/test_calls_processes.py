"""Several processes behind one real Asterisk, over FastAGI (100) and ARI (101): shared calls, a process that is killed,
an orderly end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.actions.ledger import bookings_of
from engine.actions.store import open_store
from tests.agi.asterisk import Asterisk, an_asterisk
from tests.agi.sipphone import SipCall, SipPhone
from tests.agi.tones import pitch

pytestmark = pytest.mark.asterisk
COMMAND = [sys.executable, "-c", "from engine.cli.main import main; main()", "serve", "--config"]
PERSON = 440
"""Hertz of the person who is rung when frontdesk is away."""
SOON = 20.0
SETTINGS = """
frontdesk: 1
database: bookings.db
lines: {{trattoria: {{flow: trattoria, numbers: [100], overflow: reception}}}}
people: {{reception: 200}}
asterisk:
  agi: "127.0.0.1:{agi}"
  audiosocket: "127.0.0.1:{audio}"
  secret: for-tests
  people_context: people
  ari: {{url: "{ari}", password: for-tests}}
calls: {{processes: 2, most: 3, drain: 20 s}}
web: "127.0.0.1:0"
"""


@dataclass
class Server:
    process: subprocess.Popen[str]
    web: str
    folder: Path

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.web}{path}", timeout=5) as reply:
            return str(reply.read().decode())

    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get("/readyz"))
        return found

    def calls(self) -> list[int]:
        """How many each process holds."""
        return [process["calls"] for process in self.ready()["processes"]]


def started(folder: Path, asterisk: Asterisk) -> Server:
    config = folder / "frontdesk.yaml"
    ports = {"agi": asterisk.settings.agi_port, "audio": asterisk.settings.audio_port, "ari": asterisk.ari.url}
    config.write_text(SETTINGS.format(**ports))
    config.chmod(0o600)
    process = subprocess.Popen([*COMMAND, str(config)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("line"):
            break
    web = re.search(r"http://[\d.]+:\d+", said)
    assert web is not None, said
    server = Server(process, web[0], folder)
    asyncio.run(until(lambda: server.ready()["ari"]))
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, asterisk: Asterisk) -> Iterator[Server]:
    here = started(tmp_path_factory.mktemp("serve"), asterisk)
    yield here
    here.process.kill()
    here.process.wait(30)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not holds():
            await asyncio.sleep(0.05)


def speaks(call: SipCall, after: int = 0) -> bool:
    """Whether we are heard in what came since so many packets."""
    return sum(1 for packet in call.rtp.packets[after:] if np.abs(packet.samples.astype(int)).max() > 500) > 25


def with_a_person(call: SipCall) -> bool:
    """Whether the person's tone is what is heard now: the last second by fifths, each to 5 Hz."""
    last = call.rtp.heard()[-8000:]
    fifths = [last[at : at + 1600] for at in range(0, len(last) - 1599, 1600)]
    return sum(abs(pitch(fifth) - PERSON) <= 5 for fifth in fifths) >= 3


def test_calls_are_shared_and_a_killed_process_loses_its_own_alone(server: Server, asterisk: Asterisk) -> None:
    async def main() -> None:
        phone = await SipPhone("+441632960181", asterisk.sip).open()
        first = await phone.dial("101")
        await until(lambda: speaks(first))
        lost_place = server.calls().index(1)
        second = await phone.dial("100")
        await until(lambda: speaks(second))
        assert server.calls() == [1, 1]
        third = await phone.dial("101")
        await until(lambda: sum(server.calls()) == 3)
        late = [await phone.dial(number) for number in ("100", "101")]  # more than `calls: most`
        await until(lambda: all(map(with_a_person, late)))
        for call in (*late, third):
            await call.hang_up()
        await until(lambda: server.calls() == [1, 1])

        os.kill(server.ready()["processes"][lost_place]["pid"], signal.SIGKILL)
        await until(lambda: with_a_person(first))
        before = len(second.rtp.packets)
        await until(lambda: len(second.rtp.packets) > before + 50)
        assert not second.ended.is_set()
        assert not with_a_person(second)

        await until(lambda: all(process["ready"] for process in server.ready()["processes"]))
        assert server.ready()["processes"][lost_place]["restarts"] == 1
        again = await phone.dial("101")
        await until(lambda: speaks(again))
        assert sum(server.calls()) == 2
        for call in (first, second, again):
            await call.hang_up()
        await until(lambda: sum(server.calls()) == 0)
        await phone.close()

    asyncio.run(main())
    metrics = server.get("/metrics")
    assert 'frontdesk_calls_running{flow="trattoria"} 0.0' in metrics
    ended = re.findall(r'^frontdesk_calls_total\{flow="trattoria",outcome="\w+"\} ([\d.]+)$', metrics, re.MULTILINE)
    assert sum(map(float, ended)) == 3, "the call of the process that was killed never ended for it"


def test_a_signal_lets_calls_finish_and_a_second_one_ends_them(server: Server, asterisk: Asterisk) -> None:
    async def main() -> None:
        phone = await SipPhone("+441632960182", asterisk.sip).open()
        calls = [await phone.dial(number) for number in ("100", "100", "101")]
        for call in calls:
            await until(lambda call=call: speaks(call))  # type: ignore[misc]
        server.process.send_signal(signal.SIGTERM)
        late = [await phone.dial(number) for number in ("100", "101")]
        await until(lambda: all(map(with_a_person, late)))
        assert not any(map(with_a_person, calls))
        assert server.process.poll() is None
        await calls[0].hang_up()
        server.process.send_signal(signal.SIGTERM)
        await until(lambda: all(map(with_a_person, calls[1:])))
        await phone.close()

    asyncio.run(main())
    assert server.process.wait(20) == 0


def test_an_asterisk_that_dies_takes_its_calls_along_and_the_next_is_answered(tmp_path: Path) -> None:
    """Bookings and the log agree; frontdesk itself goes on."""
    with an_asterisk(1) as first:
        server = started(tmp_path, first)
        try:

            async def killed() -> None:
                phone = await SipPhone("+441632960183", first.sip).open()
                call = await phone.dial("100")
                await until(lambda: speaks(call))
                os.kill(int((first.run / "run/asterisk.pid").read_text()), signal.SIGKILL)
                await until(lambda: sum(server.calls()) == 0)
                await phone.close()

            asyncio.run(killed())
            assert server.ready()["ready"]
        finally:
            server.process.terminate()
            assert server.process.wait(30) == 0
        with open_store(tmp_path / "bookings.db") as store:
            (call,) = store.archive.calls()
            assert call.outcome not in ("", "failed")
            assert not store.read(bookings_of)
