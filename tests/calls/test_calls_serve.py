"""`frontdesk serve` as an operator runs it: a process of its own, behind a real Asterisk."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.actions.store import open_store
from tests.agi.asterisk import Asterisk
from tests.agi.sipphone import SipPhone

pytestmark = pytest.mark.asterisk
COMMAND = [sys.executable, "-c", "from engine.cli.main import main; main()", "serve", "--config"]

SETTINGS = """
frontdesk: 1
database: bookings.db
lines:
  trattoria: {{flow: trattoria, numbers: [100]}}
  clinic: {{flow: clinic, numbers: [110]}}
people: {{reception: 200}}
asterisk:
  agi: "127.0.0.1:{agi}"
  audiosocket: "127.0.0.1:{audio}"
  secret: for-tests
  people_context: people
web: "127.0.0.1:{web}"
"""

BROKEN = """frontdesk: 1
flow: broken
language: en-GB
timezone: Europe/London
persona: host
start: nowhere
steps:
  hello: {say: Hello., then: gone}
"""


def start(folder: Path, asterisk: Asterisk, name: str = "frontdesk.yaml") -> tuple[subprocess.Popen[str], list[str]]:
    """A running server and the lines that it announced, up to its lines."""
    config = folder / name
    ports = {"agi": asterisk.settings.agi_port, "audio": asterisk.settings.audio_port, "web": 0}
    config.write_text(SETTINGS.format(**ports))
    config.chmod(0o600)
    process = subprocess.Popen([*COMMAND, str(config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    announced: list[str] = []
    for line in process.stdout:
        announced.append(line)
        if line.startswith("line") and "clinic" in line:
            break
    return process, announced


@pytest.fixture
def server(tmp_path: Path, asterisk: Asterisk) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process, announced = start(tmp_path, asterisk)
    web = re.search(r"http://[\d.]+:\d+", "".join(announced))
    assert web is not None, process.stderr.read() if process.stderr else ""
    yield process, web[0]
    process.terminate()
    process.wait(30)


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=5) as reply:
        return reply.status, reply.read().decode()


def test_it_answers_calls_of_several_lines_and_says_how_it_is(
    server: tuple[subprocess.Popen[str], str], asterisk: Asterisk, tmp_path: Path
) -> None:
    _, web = server

    async def listen(extension: str, number: str) -> int:
        phone = await SipPhone(number, asterisk.sip).open()
        call = await phone.call(extension, [("wait_quiet", 1.0), ("hangup",)])
        await phone.close()
        return sum(1 for packet in call.rtp.packets if abs(packet.samples.astype(int)).max() > 500)

    async def both() -> list[int]:
        return await asyncio.gather(listen("100", "+441632960171"), listen("110", "+441632960172"))

    assert get(f"{web}/healthz") == (200, "ok\n")
    assert json.loads(get(f"{web}/readyz")[1])["lines"] == ["clinic", "trattoria"]
    for packets in asyncio.run(both()):
        assert packets > 100, "no greeting was heard"
    asyncio.run(asyncio.sleep(0.5))
    metrics = get(f"{web}/metrics")[1]
    assert 'frontdesk_calls_total{flow="trattoria"' in metrics
    with open_store(tmp_path / "bookings.db") as store:
        ended = {call.flow: call.outcome for call in store.archive.calls()}
    assert set(ended) == {"trattoria", "clinic"}


def test_a_second_one_on_the_same_port_says_so(
    server: tuple[subprocess.Popen[str], str], asterisk: Asterisk, tmp_path: Path
) -> None:
    second, _ = start(tmp_path, asterisk, "second.yaml")
    assert second.wait(20) == 2
    assert second.stderr is not None
    said = second.stderr.read()
    assert "is another frontdesk running" in said
    assert str(asterisk.settings.agi_port) in said or str(asterisk.settings.audio_port) in said


def test_it_stops_in_order_when_told_to(server: tuple[subprocess.Popen[str], str]) -> None:
    process, _ = server
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_a_broken_flow_never_starts_a_call(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(BROKEN)
    config = tmp_path / "frontdesk.yaml"
    config.write_text("lines: {broken: {flow: flow.yaml}}\n")
    done = subprocess.run([*COMMAND, str(config)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "flow.yaml:6:" in done.stdout
    assert "flow.yaml:8:" in done.stdout
