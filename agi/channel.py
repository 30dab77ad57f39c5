"""What the supervisor and its worker processes tell each other: short messages over a pair of Unix sockets.

To a worker: a call (its connection travels along), to read flows again, to finish. From a worker: how it is, every
second, which calls have come, and what is to be announced. A worker that cannot keep up is one that gets no call;
nobody waits for it.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

from engine.errors import PeerError

LONGEST: Final = 131072
"""Bytes of one message; the head of an AGI request may be half of it."""
MOST_TEXT: Final = 10_000
"""Characters of an announcement or a fault; longer ones are cut."""
_CALL: Final = b"C"
_OTHER: Final = b"J"


@dataclass(frozen=True, slots=True)
class Call:
    """Answer this; `head` are the bytes that were read from it already."""

    connection: socket.socket
    head: bytes


@dataclass(frozen=True, slots=True)
class Reload:
    """Read all flows again."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Take no more calls; those that run may go on for `grace` seconds."""

    grace: float


@dataclass(frozen=True, slots=True)
class Status:
    """How a worker is: `running` calls now; `taken` of those that were sent as a Call since it began; `ari` where calls
    reach it over ARI too."""

    ready: bool
    running: int
    taken: int
    ari: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """A call that was moved to a worker over ARI has come there, and is among those that run."""

    channel: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A line for whoever runs the server."""

    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a worker cannot start; it ends then."""

    text: str


Message: TypeAlias = Call | Reload | Finish | Status | Came | Announcement | Fault
_KINDS: Final = {kind.__name__: kind for kind in (Reload, Finish, Status, Came, Announcement, Fault)}


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends that keep messages whole."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


def send(channel: socket.socket, message: Message) -> None:
    """Sends at once; PeerError where the other side is gone, or reads nothing."""
    try:
        if isinstance(message, Call):
            socket.send_fds(channel, [_CALL + message.head], [message.connection.fileno()])
        else:
            values = {
                key: value[:MOST_TEXT] if isinstance(value, str) else value for key, value in asdict(message).items()
            }
            channel.send(_OTHER + json.dumps([type(message).__name__, values]).encode())
    except OSError as fault:
        raise PeerError(f"a process of ours does not listen: {fault.strerror or fault}") from fault


def receive(channel: socket.socket) -> Message | None:
    """The next message; None where the other side is gone. Raises BlockingIOError where there is none yet."""
    try:
        data, handles, _, _ = socket.recv_fds(channel, LONGEST, 1)
    except ConnectionError:
        return None
    if not data:
        return None
    if data[:1] == _CALL:
        if not handles:
            raise PeerError("a call came without its connection: this process has too many files open")
        return Call(socket.socket(fileno=handles[0]), data[1:])
    for handle in handles:
        os.close(handle)
    name, values = json.loads(data[1:])
    return _KINDS[name](**values)
