"""How we talk with a worker process over its standard streams: messages with their length in front."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

LONGEST: Final = 1 << 20
BEHIND: Final = 5
"""How far the processes that calculate stand behind the one that sends each call its 20 ms of sound."""
_HEAD: Final = struct.Struct(">IBI")
_INSIDE: Final = _HEAD.size - 4


def step_back() -> None:
    """Lets those go first that must be on time, where there is more to do than processors; for the main function of a
    worker process."""
    os.nice(BEHIND)


class Kind(IntEnum):
    """To the worker: SPEAK (JSON), STOP. From the worker: READY (JSON), CHUNK (samples), END, FAIL (text)."""

    SPEAK = 1
    STOP = 2
    READY = 3
    CHUNK = 4
    END = 5
    FAIL = 6


@dataclass(frozen=True, slots=True)
class Message:
    """`job` numbers the request that a message belongs to; 0 is the worker itself."""

    kind: Kind
    job: int = 0
    payload: bytes = b""


def encode(message: Message) -> bytes:
    """Length of what follows (4 bytes), kind (1), job (4), payload; big-endian."""
    return _HEAD.pack(_INSIDE + len(message.payload), message.kind, message.job) + message.payload


class Decoder:
    """Bytes in any pieces to whole messages. Raises ValueError for bytes that are no message; then it is of no use."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes, in order."""
        self._held += data
        while len(self._held) >= _HEAD.size:
            length, kind, job = _HEAD.unpack_from(self._held)
            if not _INSIDE <= length <= LONGEST:
                raise ValueError(f"a message of {length} bytes")
            if len(self._held) < 4 + length:
                return
            payload = bytes(self._held[_HEAD.size : 4 + length])
            del self._held[: 4 + length]
            yield Message(Kind(kind), job, payload)
