"""The part of the settings that names the world outside: webhooks, mail, text messages, events and AGI scripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from engine.actions.outside import EVENTS, Mail, Outside, Webhook, checked_url
from engine.errors import SettingsError
from engine.secret import read_secret

_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


def read_outside(tree: Mapping[str, Any], base: Path, environment: Mapping[str, str]) -> Outside:
    """What the settings say; raises SettingsError where a value cannot be used. The secret of a webhook may also stand
    in FRONTDESK_WEBHOOKS_<NAME>_SECRET."""
    webhooks = {}
    for name, hook in tree.get("webhooks", {}).items():
        place = f"webhooks.{name}"
        given = environment.get(f"FRONTDESK_WEBHOOKS_{name}_SECRET".upper())
        webhooks[name] = Webhook(
            name=name,
            url=checked_url(str(hook["url"]), f"{place}.url"),
            secret=given if given is not None else read_secret(hook, "secret", base, place),
            look_up=checked_url(str(hook["look_up"]), f"{place}.look_up") if "look_up" in hook else None,
            idempotent=hook.get("idempotent") is True,
        )
    events: Mapping[str, Any] = tree.get("events", {})
    return Outside(
        webhooks=webhooks,
        mail=_mail(tree.get("mail", {}), base),
        sms=tree.get("sms", {}).get("webhook"),
        scripts={name: _script(name, base / str(path)) for name, path in tree.get("scripts", {}).items()},
        events=events.get("webhook"),
        sent=tuple(events.get("send", EVENTS)),
    )


def _mail(mail: Mapping[str, Any], base: Path) -> Mail | None:
    if not mail.get("server"):
        return None
    security = mail.get("security", "starttls")
    host, colon, port = str(mail["server"]).rpartition(":")
    if not colon:
        host, port = port, str(_PORTS[security])
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsError(f"mail.server: {mail['server']!r} is no server; write host or host:port")
    if not mail.get("from"):
        raise SettingsError("mail.from: who is the e-mail from? Write an address, such as Sole <sole@example.com>")
    password = read_secret(mail, "password", base, "mail")
    if security == "none" and password and host not in ("localhost", "127.0.0.1", "::1"):
        raise SettingsError("mail.security: a password would cross the network unencrypted; use starttls or tls")
    return Mail(host.strip("[]"), int(port), str(mail["from"]), security, mail.get("user"), password)


def _script(name: str, path: Path) -> Path:
    if not path.is_file():
        raise SettingsError(f"scripts.{name}: there is no file {path}")
    return path.resolve()
