"""AudioSocket as messages: each frame is a kind, a length (two bytes, big endian) and its payload.

Asterisk connects to us, names the call by its id, then sends 20 ms of sound at a time and keys as they are released.
Samples are signed 16-bit little-endian mono; the kind tells their rate. We may send sound, and kind 0 to give the
channel back; anything else from us makes Asterisk drop the connection.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from engine.errors import PeerError

END: Final = 0x00
ID: Final = 0x01
KEY: Final = 0x03
ERROR: Final = 0xFF
RATES: Final = {
    0x10: 8000, 0x11: 12000, 0x12: 16000, 0x13: 24000, 0x14: 32000,
    0x15: 44100, 0x16: 48000, 0x17: 96000, 0x18: 192000,
}  # fmt: skip
KIND_OF_RATE: Final = {rate: kind for kind, rate in RATES.items()}
KEYS: Final = "0123456789*#ABCD"
LONGEST_PAYLOAD: Final = 7680
"""20 ms at 192 kHz."""
_HEADER = struct.Struct(">BH")


@dataclass(frozen=True, slots=True)
class Id:
    """Which call this connection belongs to; the first message."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Audio:
    """Samples of the caller at `rate` a second."""

    samples: bytes
    rate: int = 8000


@dataclass(frozen=True, slots=True)
class Key:
    """One key, when it is released."""

    key: str


@dataclass(frozen=True, slots=True)
class Error:
    """Asterisk reports a fault; the payload is its code, which may be empty."""

    code: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The channel is given back, or gone."""


Message: TypeAlias = Id | Audio | Key | Error | End


def encode(message: Message) -> bytes:
    """The frame of a message, header and payload together; ValueError for samples that do not fit a frame."""
    match message:
        case Audio(samples, rate):
            if not samples or len(samples) % 2 or len(samples) > LONGEST_PAYLOAD:
                raise ValueError(f"{len(samples)} bytes are not one frame of 16-bit samples")
            if rate not in KIND_OF_RATE:
                raise ValueError(f"AudioSocket has no kind for {rate} samples a second")
            return _HEADER.pack(KIND_OF_RATE[rate], len(samples)) + samples
        case Id(identity):
            return _HEADER.pack(ID, 16) + identity.bytes
        case Key(key):
            if len(key) != 1 or key not in KEYS:
                raise ValueError(f"{key!r} is not a key")
            return _HEADER.pack(KEY, 1) + key.encode()
        case Error(code):
            return _HEADER.pack(ERROR, len(code)) + code
        case End():
            return _HEADER.pack(END, 0)


@dataclass(slots=True)
class Parser:
    """Bytes in, messages out, however they are cut. PeerError for frames that Asterisk does not send."""

    _rest: bytes = b""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that became complete with `data`."""
        rest, at = self._rest + data, 0
        messages: list[Message] = []
        while len(rest) - at >= _HEADER.size:
            kind, size = _HEADER.unpack_from(rest, at)
            _check(kind, size)
            end = at + _HEADER.size + size
            if len(rest) < end:
                break
            messages.append(_message(kind, rest[at + _HEADER.size : end]))
            at = end
        self._rest = rest[at:]
        return messages


def _check(kind: int, size: int) -> None:
    """Refuses a frame by its header alone, before its payload is waited for."""
    fits = {ID: size == 16, KEY: size == 1, END: size == 0, ERROR: size <= LONGEST_PAYLOAD}
    if not fits.get(kind, kind in RATES and size % 2 == 0 and size <= LONGEST_PAYLOAD):
        raise PeerError(f"AudioSocket: a frame of kind 0x{kind:02x} with {size} bytes is not valid")


def _message(kind: int, payload: bytes) -> Message:
    if kind in RATES:
        return Audio(payload, RATES[kind])
    if kind == ID:
        return Id(UUID(bytes=payload))
    if kind == KEY:
        key = payload.decode("latin-1")
        if key not in KEYS:
            raise PeerError(f"AudioSocket: {key!r} is not a key")
        return Key(key)
    return Error(payload) if kind == ERROR else End()
