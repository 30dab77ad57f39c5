"""A SIP telephone for tests: UDP on loopback, standard library and numpy; it calls, or is called.

phone = await SipPhone("+302101234567", asterisk.sip).open()
call = await phone.call("100", [("wait_quiet", 0.8), ("play", "booking.wav"), ("digits", "12#"), ("hangup",)])
call.rtp.heard()
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from tests.agi.rtp import Rtp
from tests.agi.tones import Samples, read_wav

Step: TypeAlias = tuple[str] | tuple[str, float | str | Path | Samples]
"""("wait_quiet", seconds): the other side has spoken since our last step and is silent for so long; ("wait", seconds);
("play", wav or samples); ("digits", keys); ("wait_end", seconds): they must hang up within; ("hangup",)."""
ANSWER_WITHIN, SEND_AGAIN, LONGEST_PROMPT = 15.0, 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP request or reply; header names are kept as they came, in order."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def status(self) -> int:
        """The status of a reply, 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    def every(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The first value of a header, or nothing."""
        return next(iter(self.every(name)), "")


def parse(data: bytes) -> Message:
    """A datagram as a message."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Message(first, tuple((name.strip(), value.strip()) for name, _, value in pairs), body)


class SipCall:
    """One dialog with its sound. `ended_by` is `us` or `them`; times are of the loop's clock."""

    def __init__(self, phone: SipPhone, call_id: str, invite: Message | None = None) -> None:
        self.phone, self.call_id, self.invite = phone, call_id, invite
        self.rtp = Rtp()
        self.ended = asyncio.Event()
        self.ended_by = ""
        self.answered_at = self.ended_at = self.dialled_at = 0.0
        self.replies: asyncio.Queue[Message] = asyncio.Queue()
        self.tag, self.sequence = uuid4().hex[:10], 1
        self.target = self.local = self.remote = ""
        self._loop = asyncio.get_running_loop()
        self._acted_at = 0.0

    def play(self, samples: Samples) -> None:
        """Queues sound; returns at once."""
        self.rtp.play(samples)

    def press(self, keys: str) -> None:
        """Queues keys; returns at once."""
        self.rtp.press(keys)

    async def played(self) -> None:
        """Waits until all that was queued has left."""
        await self.rtp.idle.wait()
        self._acted_at = self._loop.time()

    async def quiet(self, seconds: float) -> None:
        """Waits until the other side has spoken since our last step and then kept silent for `seconds`."""
        async with asyncio.timeout(LONGEST_PROMPT):
            while not self.ended.is_set():
                now = self._loop.time()
                if self.rtp.last_loud > self._acted_at and now - self.rtp.last_loud >= seconds:
                    return
                await asyncio.sleep(0.02)

    async def follow(self, script: Sequence[Step]) -> None:
        """Runs the steps until the last one, or until the other side hangs up."""
        for step in script:
            if self.ended.is_set():
                return
            await self._follow(*step)

    async def hang_up(self) -> None:
        """Ends the call from our side."""
        if not self.ended.is_set():
            self.phone.send(self.request("BYE"))
            self.finish("us")

    def finish(self, by: str) -> None:
        """The call is over."""
        if not self.ended.is_set():
            self.ended_by, self.ended_at = by, self._loop.time()
            self.ended.set()
            self.rtp.close()

    def request(self, method: str, body: str = "", sequence: int | None = None, branch: str = "") -> bytes:
        """A request within this dialog, or the one that opens it."""
        if sequence is None:
            self.sequence += 1
        here = f"127.0.0.1:{self.phone.port}"
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};rport;branch={branch or 'z9hG4bK' + uuid4().hex}",
            "Max-Forwards: 70",
            f"From: {self.local}",
            f"To: {self.remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {sequence or self.sequence} {method}",
            f"Contact: <sip:{self.phone.number}@{here}>",
        ]
        return _packed(lines, body)

    async def _follow(self, name: str, value: object = None) -> None:
        match name, value:
            case "wait_quiet", float() | int():
                await self.quiet(float(value))
            case "wait" | "wait_end", float() | int():
                await self._until_end(float(value), must=name == "wait_end")
            case "play", str() | Path():
                self.play(read_wav(value))
                await self.played()
            case "digits", str():
                self.press(value)
                await self.played()
            case "hangup", None:
                await self.hang_up()
            case "play", _:
                self.play(value)  # type: ignore[arg-type]  # samples
                await self.played()
            case _:
                raise ValueError(f"{name!r} with {value!r} is no step")

    async def _until_end(self, seconds: float, must: bool) -> None:
        try:
            await asyncio.wait_for(self.ended.wait(), seconds)
        except TimeoutError:
            assert not must, f"the other side did not hang up within {seconds:g} s"


class SipPhone(asyncio.DatagramProtocol):
    """`number` is what it presents. `on_call` gets each call that comes in and is answered; without it, calls are
    refused with the status line in `refuse`."""

    def __init__(
        self,
        number: str,
        server: tuple[str, int],
        on_call: Callable[[SipCall], Awaitable[None]] | None = None,
        refuse: str = "486 Busy Here",
    ) -> None:
        self.number, self.server, self.on_call, self.refuse = number, server, on_call, refuse
        self.calls: dict[str, SipCall] = {}
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, port: int = 0) -> SipPhone:
        """Binds its port on loopback."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", port))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def close(self) -> None:
        """Hangs up whatever is left."""
        for call in self.calls.values():
            await call.hang_up()
        for task in self._tasks:
            task.cancel()
        self._transport.close()

    async def call(self, number: str, script: Sequence[Step]) -> SipCall:
        """Dials, follows the script, hangs up; answers the call with all that was heard."""
        call = await self.dial(number)
        try:
            await call.follow(script)
        finally:
            await call.hang_up()
        return call

    async def dial(self, number: str) -> SipCall:
        """Dials and answers the call once it is picked up; ConnectionRefusedError when it is refused."""
        call = SipCall(self, f"{uuid4()}@127.0.0.1")
        self.calls[call.call_id] = call
        call.target = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        call.local, call.remote = f"<sip:{self.number}@127.0.0.1>;tag={call.tag}", f"<{call.target}>"
        branch, loop = "z9hG4bK" + uuid4().hex, asyncio.get_running_loop()
        invite = call.request("INVITE", _sdp(await call.rtp.open()), call.sequence, branch)
        call.dialled_at = loop.time()
        try:
            final = await asyncio.wait_for(self._final(call, invite), ANSWER_WITHIN)
        except (TimeoutError, asyncio.CancelledError):
            self.send(call.request("CANCEL", sequence=call.sequence, branch=branch))
            call.finish("us")
            raise
        call.remote = final.get("To")
        if final.status >= 300:
            self.send(call.request("ACK", sequence=call.sequence, branch=branch))
            call.finish("them")
            raise ConnectionRefusedError(final.first)
        call.answered_at = loop.time()
        call.target = _uri(final.get("Contact"))
        self.send(call.request("ACK", sequence=call.sequence))
        call.rtp.start(_peer(final.body))
        return call

    def send(self, data: bytes, to: tuple[str, int] | None = None) -> None:
        """One datagram to Asterisk, or back to whoever asked."""
        self._transport.sendto(data, to or self.server)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = parse(data)
        call = self.calls.get(message.get("Call-ID"))
        if message.status:
            if call is not None and message.get("CSeq").endswith("INVITE"):
                call.replies.put_nowait(message)
            return
        method = message.first.split()[0] if message.first else ""
        if method == "INVITE" and call is None:
            self._invited(message, addr)
        elif method and method != "ACK":
            self._reply(message, addr, "200 OK" if call or method == "OPTIONS" else "481 No Such Call")
            if call is not None and method in ("BYE", "CANCEL"):
                call.finish("them")

    async def _final(self, call: SipCall, invite: bytes) -> Message:
        """Sends the INVITE until a reply comes, then waits for the final one."""
        reply: Message | None = None
        while reply is None:
            self.send(invite)
            try:
                reply = await asyncio.wait_for(call.replies.get(), SEND_AGAIN)
            except TimeoutError:
                continue
        while reply.status < 200:
            reply = await call.replies.get()
        return reply

    def _invited(self, invite: Message, addr: tuple[str, int]) -> None:
        call = SipCall(self, invite.get("Call-ID"), invite)
        if self.on_call is None:
            self._reply(invite, addr, self.refuse, call.tag)
            return
        self.calls[call.call_id] = call
        task = asyncio.get_running_loop().create_task(self._accept(call, invite, addr, self.on_call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(
        self, call: SipCall, invite: Message, addr: tuple[str, int], on_call: Callable[[SipCall], Awaitable[None]]
    ) -> None:
        self._reply(invite, addr, "180 Ringing", call.tag)
        port = await call.rtp.open()
        call.local, call.remote = f"{invite.get('To')};tag={call.tag}", invite.get("From")
        call.target = _uri(invite.get("Contact"))
        call.rtp.start(_peer(invite.body))
        self._reply(invite, addr, "200 OK", call.tag, _sdp(port))
        call.answered_at = asyncio.get_running_loop().time()
        await on_call(call)
        await call.hang_up()

    def _reply(self, to: Message, addr: tuple[str, int], status: str, tag: str = "", body: str = "") -> None:
        same = [f"{name}: {value}" for name in ("Via", "From", "Call-ID", "CSeq") for value in to.every(name)]
        receiver = to.get("To") + (f";tag={tag}" if tag and ";tag=" not in to.get("To") else "")
        contact = f"Contact: <sip:{self.number}@127.0.0.1:{self.port}>"
        self.send(_packed([f"SIP/2.0 {status}", *same, f"To: {receiver}", contact], body), addr)


def _packed(lines: list[str], body: str) -> bytes:
    kind = ["Content-Type: application/sdp"] if body else []
    return "\r\n".join([*lines, *kind, f"Content-Length: {len(body)}", "", body]).encode()


def _sdp(port: int) -> str:
    lines = [
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", f"m=audio {port} RTP/AVP 0 101",
        "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", "a=ptime:20", "a=sendrecv", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def _peer(sdp: str) -> tuple[str, int]:
    host, port = re.search(r"c=IN IP4 (\S+)", sdp), re.search(r"m=audio (\d+)", sdp)
    assert host is not None, f"no address for the sound in {sdp!r}"
    assert port is not None, f"no port for the sound in {sdp!r}"
    return host[1], int(port[1])


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]+)>", contact)
    assert found, f"no address in {contact!r}"
    return found[1]
