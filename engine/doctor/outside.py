"""What tools of flows need of the world outside: named in the settings, signed, and to be reached."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from engine.actions.outside import missing_for
from engine.doctor.registry import Row, look
from engine.errors import FrontdeskError
from engine.settings import Settings, read_line

_SECONDS = 3.0


@look("outside")
def outside(settings: Settings) -> Iterable[Row]:
    rows = [*_lacking(settings), *_named(settings)]
    return rows or [Row("outside", "off", "no webhook, mail server or script is set up")]


def _named(settings: Settings) -> Iterator[Row]:
    ours = settings.outside
    for name, hook in ours.webhooks.items():
        parts = urlsplit(hook.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        yield _reached(f"webhook {name}", parts.hostname or "", port, hook.secret != "")
    if ours.mail is not None:
        yield _reached("mail", ours.mail.host, ours.mail.port, True)
    if ours.scripts and importlib.util.find_spec("asterisk") is None:
        yield Row("scripts", "error", "pyst2 is not installed", "Run `pip install 'frontdesk[pyst2]'`.")


def _lacking(settings: Settings) -> Iterator[Row]:
    for line in settings.lines.values():
        try:
            flow = read_line(line).flow
        except (OSError, FrontdeskError):
            continue  # the look at the lines says so
        for tool in flow.tools.values() if flow is not None else ():
            missing = missing_for(settings.outside, tool.does)
            if missing is not None:
                yield Row(f"{line.name}: {tool.name}", "error", missing, "See docs/integration.md.")


def _reached(what: str, host: str, port: int, signed: bool) -> Row:
    try:
        socket.create_connection((host, port), timeout=_SECONDS).close()
    except OSError as fault:
        return Row(what, "warning", f"{host}:{port} cannot be reached: {fault}", "Is it up, and is the name right?")
    if not signed:
        advice = "Write `secret_file:`, so that the other side knows that requests are ours."
        return Row(what, "warning", f"{host}:{port} is there; requests are not signed", advice)
    return Row(what, "ok", f"{host}:{port} is there")
