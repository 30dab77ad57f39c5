"""What the settings say about the world outside: web addresses of tools, mail, text messages, who hears of calls."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from engine.errors import SettingsError

Security: TypeAlias = Literal["starttls", "tls", "none"]
EVENTS: Final = (
    "call.started", "call.ended", "call.message", "booking.booked", "booking.moved", "booking.cancelled",
)  # fmt: skip
"""Everything that an address can be told of."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is asked or told something over HTTP. With `idempotent` it promises that a request with an
    `Idempotency-Key` that it knows does nothing again; `look_up` is where to ask what became of such a key."""

    name: str
    url: str
    secret: str = field(default="", repr=False)
    look_up: str | None = None
    idempotent: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """The SMTP server through which e-mail goes out, and who it is from."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Outside:
    """`sms` and `events` are names of webhooks; `sent` are the events that go to `events`."""

    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    mail: Mail | None = None
    sms: str | None = None
    scripts: Mapping[str, Path] = field(default_factory=dict)
    """AGI scripts that a flow may run, by name."""
    events: str | None = None
    sent: tuple[str, ...] = EVENTS

    def __post_init__(self) -> None:
        for place, name in (("sms", self.sms), ("events", self.events)):
            if name is not None and name not in self.webhooks:
                known = ", ".join(self.webhooks) or "none"
                raise SettingsError(f"{place}.webhook: there is no webhook {name!r} under `webhooks`; there is {known}")


def missing_for(outside: Outside, does: str) -> str | None:
    """What the settings lack for a tool that does this, in words for whoever writes them; None where nothing."""
    kind, _, name = does.partition(".")
    if kind == "webhook" and name not in outside.webhooks:
        return f"`{does}` needs `webhooks: {{{name}: {{url: https://…}}}}` in frontdesk.yaml"
    if kind == "script" and name not in outside.scripts:
        return f"`{does}` needs `scripts: {{{name}: …}}` in frontdesk.yaml, the path of an AGI script"
    if does == "notify.email" and outside.mail is None:
        return f"`{does}` needs `mail:` in frontdesk.yaml, the server that e-mail goes out through"
    if does == "notify.sms" and outside.sms is None:
        return f"`{does}` needs `sms: {{webhook: …}}` in frontdesk.yaml, an address that sends text messages"
    return None


def checked_url(url: str, place: str) -> str:
    """The address as it was given. What callers said does not cross a network unencrypted: `http` only leads to this
    machine and to a network of one's own. Raises SettingsError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", url):
        raise SettingsError(f"{place}: {url!r} is no web address; write https://host/path")
    if parts.username or parts.password:
        raise SettingsError(f"{place}: a password does not belong into an address; requests are signed with `secret`")
    if parts.scheme == "http" and not _near(parts.hostname):
        raise SettingsError(f"{place}: {url!r} is not encrypted and leads out of your network; write https://")
    return url


def _near(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))
    return address.is_private or address.is_loopback
