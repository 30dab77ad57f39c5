"""Where calls go: dial strings for people, and the signature on the way to us."""

from __future__ import annotations

import hashlib
import hmac
import re

from engine.errors import SettingsError

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_DIAL_STRING = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9@/._+*#:-]{1,200}(&[A-Za-z0-9]+/[A-Za-z0-9@/._+*#:-]{1,200}){0,9}")
_CONTEXT = re.compile(r"[A-Za-z0-9_-]{1,79}")


def is_number(to: str) -> bool:
    """Whether a destination is dialled in the dialplan, not handed to Dial as it stands."""
    return _NUMBER.fullmatch(to) is not None


def dial_string(to: str, context: str) -> str:
    """What Dial takes: `PJSIP/reception` as it is, a number as `Local/<number>@<context>`.

    SettingsError for anything in which Asterisk could read a comma, a bracket or a variable."""
    if is_number(to):
        return f"Local/{to}@{checked_context(context)}"
    if not _DIAL_STRING.fullmatch(to):
        raise SettingsError(f"{to!r} is neither a number nor a dial string such as PJSIP/reception")
    return to


def checked_context(name: str) -> str:
    """A context's name as it is; SettingsError unless it is made of letters, digits, `-` and `_`."""
    if not _CONTEXT.fullmatch(name):
        raise SettingsError(f"{name!r} is not the name of a dialplan context")
    return name


def signature(secret: str, path: str) -> str:
    """What the dialplan appends to a path (`?key=...`) so that we know that it is ours; empty without a secret."""
    if not secret:
        return ""
    return "key=" + hmac.new(secret.encode(), path.strip("/").encode(), hashlib.sha256).hexdigest()[:32]


def is_signed(secret: str, path: str, query: str) -> bool:
    """Whether a request carries the signature of its path; always, without a secret."""
    return not secret or hmac.compare_digest(signature(secret, path).encode(), query.encode())
