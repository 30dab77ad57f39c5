"""The key of one call: the dialplan makes it of a secret, the channel and the time, and it opens a call once.

Asterisk has no HMAC, but it has SHA1. Two keys are derived from the secret, each one block of SHA-1 long, and nested as
in NMAC (RFC 2104 is the same with two keys made of one): `SHA1(outer SHA1(inner message))`. The message is the line's
path, the channel's unique id, and the time of the dialplan with a count, since one channel may ask twice in a second.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from engine.errors import PeerError

SKEW: Final = 30.0
"""Seconds that the clock of Asterisk's machine may differ from ours."""
_QUERY = re.compile(r"at=([0-9]{1,12})\.([0-9]{1,6})&key=([0-9a-f]{40})")


def keys(secret: str) -> tuple[str, str]:
    """The outer and the inner key, 64 characters each."""
    outer, inner = (hmac.new(secret.encode(), what, hashlib.sha256).hexdigest() for what in (b"outer", b"inner"))
    return outer, inner


def query(secret: str, path: str, channel: str, at: int, count: int = 1) -> str:
    """What stands behind `?` in the address that Asterisk calls; `at` is in seconds since 1970."""
    return f"at={at}.{count}&key={_digest(secret, f'{path}:{channel}:{at}.{count}')}"


def dialplan_query(secret: str, path: str) -> str:
    """The same as an expression of the dialplan; needs FD_MADE, which `dialplan_time` sets."""
    outer, inner = keys(secret)
    return f"at=${{FD_MADE}}&key=${{SHA1({outer}${{SHA1({inner}{path}:${{UNIQUEID}}:${{FD_MADE}})}})}}"


DIALPLAN_TIME: Final = ("Set(FD_TURN=$[0${FD_TURN} + 1])", "Set(FD_MADE=${EPOCH}.${FD_TURN})")
"""What the dialplan runs before it uses `dialplan_query`."""


class Tokens:
    """Takes each key once. `clock` gives seconds since 1970."""

    def __init__(self, secret: str, clock: Callable[[], float], skew: float = SKEW) -> None:
        self._secret, self._clock, self._skew = secret, clock, skew
        self._spent: OrderedDict[str, int] = OrderedDict()
        """Keys that were used, and when they were made; only right ones get here."""
        self._forgotten = -1
        """When the newest key was made that was used and is not remembered: should our clock go back, all up to then
        stay void."""

    def spend(self, path: str, channel: str, text: str) -> None:
        """Raises PeerError, and says why, unless `text` is a fresh key for this line and channel."""
        found = _QUERY.fullmatch(text)
        if found is None:
            raise PeerError("no key: is the dialplan the one that `frontdesk dialplan` prints with these settings?")
        at, count, key = found.groups()
        expected = _digest(self._secret, f"{path}:{channel}:{at}.{count}")
        if not hmac.compare_digest(expected, key):
            raise PeerError("a wrong key: the dialplan was printed with another secret, or this is not our Asterisk")
        now = self._clock()
        if abs(now - int(at)) > self._skew:
            raise PeerError(
                f"a key made {now - int(at):.0f} s ago: the clocks of this machine and of Asterisk's "
                f"may differ by {self._skew:g} s"
            )
        self._forget(now)
        if key in self._spent or int(at) <= self._forgotten:
            raise PeerError("a key that was used before")
        self._spent[key] = int(at)

    def _forget(self, now: float) -> None:
        for key, made in tuple(self._spent.items()):
            if made >= now - 3 * self._skew:  # they stand in the order of their arrival, which is nearly that of time
                break
            del self._spent[key]
            self._forgotten = max(self._forgotten, made)


def _digest(secret: str, message: str) -> str:
    outer, inner = keys(secret)
    within = hashlib.sha1((inner + message).encode(), usedforsecurity=False).hexdigest()
    return hashlib.sha1((outer + within).encode(), usedforsecurity=False).hexdigest()
