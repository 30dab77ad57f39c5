"""The fixture `asterisk`: a real Asterisk on ports of its own, fetched when it is not there, one for a test run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from agi.ari_settings import AriSettings
from agi.dialplan.plan import Entry, Plan, write_dialplan
from agi.settings import AsteriskSettings
from tests.agi.tones import tone, write_wav

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "asterisk"
GUARD = """
import shutil, subprocess, sys
sys.stdin.read()
subprocess.run([sys.executable, sys.argv[1], "down"], stdout=subprocess.DEVNULL)
shutil.rmtree(sys.argv[2], ignore_errors=True)
"""
LINES = (
    Entry("100", "trattoria", "200"),
    Entry("110", "clinic", "PJSIP/human"),
    Entry("120", "trattoria", "200", before_answer="notice"),
    Entry("101", "trattoria", "200", app="frontdesk"),
    Entry("111", "clinic", "PJSIP/human", app="frontdesk"),
)
NOTICE, MUSIC = 1900, 2300
"""Hertz: the sound before an answer at 120, and the music that waiting callers hear."""


@dataclass(frozen=True, slots=True)
class Asterisk:
    """Dial 100 or 110 at `sip` to reach whoever serves with `settings`, 101 or 111 for `ari`; a telephone opened on
    `human_port` is the person at PJSIP/human; people: 200 tone and echo, 201 the telephone, 202 busy, 203 no answer,
    204 congestion, 205 ends the talk after a second."""

    sip: tuple[str, int]
    human_port: int
    settings: AsteriskSettings
    run: Path
    ari: AriSettings

    @property
    def http_port(self) -> int:
        """Where ARI and the media websocket are."""
        return int(self.ari.url.rpartition(":")[2])

    def ask(self, command: str) -> str:
        """What Asterisk's own command line answers."""
        asked = subprocess.run([self.run / "ast", "-rx", command], capture_output=True, text=True, check=True)
        return asked.stdout

    @property
    def log(self) -> str:
        """Its trace so far."""
        return (self.run / "log/messages.log").read_text(errors="replace")


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """Never skips: where Asterisk cannot be had, the tests fail and say why."""
    with an_asterisk() as running:
        yield running


@contextmanager
def an_asterisk(place: int = 0, lines: tuple[Entry, ...] = LINES, more: str = "") -> Iterator[Asterisk]:
    """One of its own, for a test that stops it; `place` is 0 for the one of the test run, 1 for another. `more` is what
    its dialplan holds beside the lines."""
    run = Path(tempfile.mkdtemp(prefix="fd-asterisk-"))
    sip, human, agi, audio, http = _free_ports()
    settings = AsteriskSettings(agi_port=agi, audio_port=audio, secret="for-tests", people_context="people")
    ari = AriSettings(f"http://127.0.0.1:{http}", password="for-tests", rate=16000)
    plan = Plan(lines, agi=f"127.0.0.1:{agi}", people_context="people", secret="for-tests", scripts=("note",))
    (run / "plan.conf").write_text(write_dialplan(plan) + more)
    rtp = 10000 + (os.getpid() + 50 * place) % 100 * 200
    environment = {
        **os.environ,
        "ASTERISK_RUN": str(run),
        "ASTERISK_SIP_PORT": str(sip),
        "ASTERISK_HUMAN_PORT": str(human),
        "ASTERISK_HTTP_PORT": str(http),
        "ASTERISK_RTP_START": str(rtp),
        "ASTERISK_RTP_END": str(rtp + 199),
    }
    for folder, name, hertz in (("moh", "music", MUSIC), ("sounds/en", "notice", NOTICE)):
        (run / "data" / folder).mkdir(parents=True)
        write_wav(run / "data" / folder / f"{name}.wav", tone(hertz, 1.0))
    with _guarded(environment, run):
        _script(environment, "up", "--dialplan", str(run / "plan.conf"))
        yield Asterisk(("127.0.0.1", sip), human, settings, run, ari)


@contextmanager
def _guarded(environment: dict[str, str], run: Path) -> Iterator[None]:
    """A process of its own stops Asterisk when our end of its pipe is closed: also when this one is killed."""
    guard = subprocess.Popen(
        [sys.executable, "-c", GUARD, str(SCRIPT), str(run)], env=environment, stdin=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        guard.communicate()


def _script(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"script/asterisk {arguments[0]}: {done.stderr.strip()}")


def _free_ports() -> tuple[int, ...]:
    """Two for UDP, three for TCP, all different."""
    with ExitStack() as stack:
        kinds = (socket.SOCK_DGRAM,) * 2 + (socket.SOCK_STREAM,) * 3
        ports = []
        for kind in kinds:
            taken = stack.enter_context(socket.socket(socket.AF_INET, kind))
            taken.bind(("127.0.0.1", 0))
            ports.append(int(taken.getsockname()[1]))
        return tuple(ports)
