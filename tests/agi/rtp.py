"""The sound of a test telephone: RTP over UDP on loopback, PCMU and RFC 4733 keys, a packet each 20 ms."""

from __future__ import annotations

import asyncio
import random
import struct
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tests.agi.tones import LOUD, Samples, from_ulaw, level, to_ulaw

SILENCE = b"\xff" * 160
KEYS = "0123456789*#ABCD"
KEY_STEPS, GAP_STEPS = 6, 5
PCMU, EVENT = 0, 101
HEADER = struct.Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class Packet:
    """What arrived: seconds of the loop's clock, the RTP time stamp, 20 ms of samples."""

    at: float
    stamp: int
    samples: Samples


class Rtp(asyncio.DatagramProtocol):
    """Sends silence unless there is something to play; keeps all that it hears."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.sent: list[Packet] = []
        """What of ours was no silence, as it left."""
        self.heard_keys = ""
        self.last_loud = 0.0
        """When the last packet with sound arrived; 0 before the first."""
        self.played_at = 0.0
        """When the last packet with sound of ours left."""
        self.idle = asyncio.Event()
        self.idle.set()
        self._play: list[bytes] = []
        self._paused = False
        self._peer: tuple[str, int] | None = None
        self._sender: asyncio.Task[None] | None = None
        self._event_stamp = -1
        self._loop = asyncio.get_running_loop()

    async def open(self) -> int:
        """Binds a port on loopback and answers it."""
        self._transport, _ = await self._loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        return int(self._transport.get_extra_info("sockname")[1])

    def start(self, peer: tuple[str, int]) -> None:
        """Sends to `peer` from now on."""
        self._peer = peer
        if self._sender is None:
            self._sender = self._loop.create_task(self._send())

    def close(self) -> None:
        """Ends both directions."""
        self.idle.set()
        if self._sender is not None:
            self._sender.cancel()
        self._transport.close()

    def play(self, samples: Samples) -> None:
        """Queues sound; returns at once."""
        coded = to_ulaw(samples)
        self._queue([coded[at : at + 160].ljust(160, b"\xff") for at in range(0, len(coded), 160)])

    def press(self, keys: str) -> None:
        """Queues keys of 120 ms, 100 ms apart; returns at once."""
        for key in keys:
            self._queue([b"%c%c" % (KEYS.index(key), step) for step in range(1, KEY_STEPS + 1)])
            self._queue([SILENCE] * GAP_STEPS)

    def pause(self, paused: bool) -> None:
        """Sends nothing at all, as a muted telephone may, or sends again."""
        self._paused = paused

    def heard(self) -> Samples:
        """All that was heard, in the order of the RTP clock; what was not sent is silence."""
        parts: list[Samples] = []
        for before, packet in pairwise([None, *self.packets]):
            if packet is None:
                continue
            missing = 0 if before is None else packet.stamp - before.stamp - len(before.samples)
            if 0 < missing < 8000 * 60:
                parts.append(np.zeros(missing, np.int16))
            parts.append(packet.samples)
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def datagram_received(self, data: bytes, addr: object) -> None:
        if len(data) < HEADER.size:
            return
        _, kind, _, stamp, _ = HEADER.unpack_from(data)
        now = self._loop.time()
        if kind & 0x7F == PCMU:
            samples = from_ulaw(data[12:])
            self.packets.append(Packet(now, stamp, samples))
            if level(samples) > LOUD:
                self.last_loud = now
        elif kind & 0x7F == EVENT and data[13] & 0x80 and stamp != self._event_stamp:
            self._event_stamp = stamp
            self.heard_keys += KEYS[data[12]]

    def _queue(self, steps: list[bytes]) -> None:
        self.idle.clear()
        self._play += steps

    async def _send(self) -> None:
        number, stamp, source = random.randrange(1 << 15), random.randrange(1 << 30), random.getrandbits(32)
        key_stamp, due = 0, self._loop.time()
        while True:
            step = self._play.pop(0) if self._play else SILENCE
            if len(step) == 160:
                payloads = [(PCMU, stamp, step)]
                if step != SILENCE:
                    self.played_at = self._loop.time()
                    self.sent.append(Packet(self.played_at, stamp, from_ulaw(step)))
            else:
                key, count = step
                key_stamp = stamp if count == 1 else key_stamp
                last = count == KEY_STEPS
                body = struct.pack("!BBH", key, 0x8A if last else 0x0A, count * 160)
                payloads = [(EVENT | (0x80 if count == 1 else 0), key_stamp, body)] * (3 if last else 1)
            for kind, at, body in [] if self._paused else payloads:
                number = number + 1 & 0xFFFF
                self._transport.sendto(HEADER.pack(0x80, kind, number, at, source) + body, self._peer)
            stamp = stamp + 160 & 0xFFFFFFFF
            if not self._play:
                self.idle.set()
            due += 0.02
            await asyncio.sleep(max(0.0, due - self._loop.time()))
