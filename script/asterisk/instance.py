"""Starts and stops one Asterisk that listens on loopback only, from the templates in tests/agi/etc."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from packages import library_folder, loader
from settings import TEMPLATES, Failed, Settings

FOLDERS = ("etc", "run", "log", "lib/keys", "cache", "agi-bin", "data", "spool/tmp")
DIALPLAN = "extensions_frontdesk.conf"
READY_WITHIN = 15.0
STOPPED_WITHIN = 6.0
LOOK_AGAIN = 0.05


def up(settings: Settings, dialplan: str) -> int:
    """Starts Asterisk with our dialplan unless it is up, waits until it takes calls, answers the process id."""
    if (pid := running(settings.run)) is not None:
        return pid
    _write_configuration(settings, dialplan)
    command = _command(settings)
    with (settings.run / "log/stdout.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-f", "-n"], cwd=settings.run, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_ready(settings, process)
    except Failed:
        process.kill()
        process.wait()
        raise
    (settings.run / "run/asterisk.pid").write_text(f"{process.pid}\n")
    return process.pid


def down(settings: Settings) -> bool:
    """Stops the Asterisk of this run directory; answers whether one was up."""
    pid = running(settings.run)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOPPED_WITHIN
    while running(settings.run) is not None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(LOOK_AGAIN)
    (settings.run / "run/asterisk.pid").unlink(missing_ok=True)
    return True


def running(run: Path) -> int | None:
    """The process id of the Asterisk that runs from this directory."""
    try:
        pid = int((run / "run/asterisk.pid").read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return None
    return pid if state != "Z" and f"{run}/etc/asterisk.conf".encode() in words else None


def _command(settings: Settings) -> list[str]:
    root = settings.root
    return [
        str(loader(root)), "--library-path", str(library_folder(root)), str(root / "usr/sbin/asterisk"),
        "-C", str(settings.run / "etc/asterisk.conf"),
    ]  # fmt: skip


def _write_configuration(settings: Settings, dialplan: str) -> None:
    run, root = settings.run, settings.root
    for folder in ("etc", "run"):
        shutil.rmtree(run / folder, ignore_errors=True)
    for folder in FOLDERS:
        (run / folder).mkdir(parents=True, exist_ok=True)
    documentation = run / "data/documentation"
    documentation.unlink(missing_ok=True)
    documentation.symlink_to(root / "usr/share/asterisk/documentation")
    words = {"RUN": str(run), "MODULES": str(library_folder(root) / "asterisk/modules"), **settings.words()}
    for template in TEMPLATES.glob("*.conf"):
        text = re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], template.read_text())
        (run / "etc" / template.name).write_text(text)
    (run / "etc" / DIALPLAN).write_text(dialplan)
    starter = run / "ast"
    starter.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in _command(settings)) + ' "$@"\n')
    starter.chmod(0o755)


def _wait_until_ready(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failed(f"Asterisk stopped at start: {_end_of(settings.run / 'log/stdout.log')}")
        booted = _ask(settings, "core waitfullybooted") if (settings.run / "run/asterisk.ctl").exists() else ""
        if "fully booted" in booted:
            # A port that is taken makes no more than a line in the log.
            if "transport-udp" not in _ask(settings, "pjsip show transports"):
                raise Failed(f"is port {settings.sip_port} taken? {_end_of(settings.run / 'log/messages.log')}")
            return
        time.sleep(LOOK_AGAIN)
    raise Failed(f"Asterisk was not ready in {READY_WITHIN:.0f} s; see {settings.run}/log")


def _ask(settings: Settings, command: str) -> str:
    answer = subprocess.run(
        [*_command(settings), "-rx", command], capture_output=True, text=True, check=False, timeout=READY_WITHIN
    )
    return answer.stdout


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-800:] if log.exists() else "no log"
