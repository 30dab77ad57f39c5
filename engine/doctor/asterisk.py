"""Asterisk: can it reach us, and is what it needs loaded? Seen from this machine."""

from __future__ import annotations

import ipaddress
import shutil
import socket
import subprocess
from collections.abc import Iterator

from engine.doctor.registry import Row, look
from engine.settings import Address, Settings

MODULES = ("res_agi", "app_audiosocket")
WITHIN = 5.0


@look("asterisk")
def asterisk(settings: Settings) -> Iterator[Row]:
    ours = settings.asterisk
    yield _port("FastAGI", "asterisk.agi", ours.agi)
    yield _port("AudioSocket", "asterisk.audiosocket", ours.audiosocket)
    if not all(map(_is_loopback, (ours.agi, ours.audiosocket))):
        if ours.secret:
            yield Row("secret", "ok", "calls are opened only by a dialplan that knows it")
        else:
            advice = "Set `asterisk.secret_file`, or bind to 127.0.0.1."
            yield Row("secret", "error", "whoever reaches our ports can open calls: there is no secret", advice)
        if ours.allow == type(ours)().allow:
            advice = "Set `asterisk.allow` to the address of your Asterisk."
            yield Row("allow", "error", "only this machine may connect, and Asterisk is on another", advice)
        else:
            yield Row("allow", "ok", f"only {', '.join(ours.allow)} may connect")
    yield from _program()


def _is_loopback(address: Address) -> bool:
    try:
        return ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        return address.host == "localhost"


def _port(name: str, key: str, address: Address) -> Row:
    """Free for us, or taken: by a frontdesk that runs, or by somebody else."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        socket.create_server((address.host, address.port), family=family).close()
    except OSError as fault:
        if _answers(address):
            return Row(name, "ok", f"{address} is served: a frontdesk is running, or another program has the port")
        return Row(name, "error", f"{address} cannot be used: {fault.strerror or fault}", f"Set `{key}`.")
    return Row(name, "ok", f"{address} is free for `frontdesk serve`")


def _answers(address: Address) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)
    try:
        socket.create_connection((host, address.port), timeout=2).close()
    except OSError:
        return False
    return True


def _program() -> Iterator[Row]:
    program = shutil.which("asterisk")
    if program is None:
        advice = f"On its machine run `asterisk -rx 'module show like {MODULES[0]}'`, and the same for {MODULES[1]}."
        yield Row("Asterisk", "off", "it is not on this machine, so its modules cannot be seen", advice)
        return
    version = _told(program, "core show version")
    if version is None:
        advice = "Start it, or run this as a user who may talk to it."
        yield Row("Asterisk", "warning", "it is installed, but its console does not answer", advice)
        return
    yield Row("Asterisk", "ok", version.splitlines()[0] if version else "it answers")
    for module in MODULES:
        loaded = "Running" in (_told(program, f"module show like {module}") or "")
        advice = "" if loaded else f"Run `asterisk -rx 'module load {module}.so'`, and see modules.conf."
        yield Row(module, "ok" if loaded else "error", "loaded" if loaded else "not loaded", advice)
    plan = _told(program, "dialplan show frontdesk") or ""
    advice = (
        "" if "AGI(" in plan else "Install what `frontdesk dialplan` prints, then `asterisk -rx 'dialplan reload'`."
    )
    state = "its dialplan leads to us" if not advice else "no context `frontdesk` in its dialplan"
    yield Row("dialplan", "warning" if advice else "ok", state, advice)


def _told(program: str, command: str) -> str | None:
    """What Asterisk's console answers; None when it does not."""
    try:
        asked = subprocess.run([program, "-rx", command], capture_output=True, text=True, timeout=WITHIN, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()
