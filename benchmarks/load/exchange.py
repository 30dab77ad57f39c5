"""Calls through a real Asterisk: one half of a Local channel dials, the other brings its sound here by AudioSocket."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import httpx

from agi.dialplan.plan import Entry
from benchmarks.load.sound import Seen, Sound

NUMBER: Final = "100"
LINES: Final = (Entry(NUMBER, "trattoria"),)
LOST: Final = "a call of the benchmark was lost"
PLAN: Final = f"""
[bench]
include => frontdesk
exten => echo,1,Answer()
 same => n,AudioSocket(${{FD_SOUND}},${{FD_ECHO}})
exten => h,1,ExecIf($["${{EXTEN}}${{FD_OUTCOME}}" = "h"]?Log(WARNING,{LOST}))
[bench-caller]
exten => s,1,AudioSocket(${{FD_SOUND}},${{FD_CALLER}})
"""
"""What stands in Asterisk's dialplan beside what `frontdesk dialplan` prints for LINES."""
COMES_WITHIN: Final = 10.0
MOST_AT_ONCE: Final = 10


class Half(Sound):
    """The sound of one call, to which Asterisk connects: its id comes first."""

    def __init__(self, seen: Seen, clips: list[list[bytes]], came: Callable[[Half], None]) -> None:
        super().__init__(b"", seen, clips, asyncio.Event())
        self.came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self.identity:
            self.rest += data
            if len(self.rest) < 19:
                return
            self.identity, data, self.rest = self.rest[3:19], self.rest[19:], b""
            self.came(self)
        super().data_received(data)


class Exchange:
    """Makes calls over ARI. `task` says how it is reached (`url`, `login`), and where the echo server is."""

    def __init__(self, task: Mapping[str, Any], seen: Seen, clips: list[list[bytes]]) -> None:
        self._task, self._seen, self._clips = task, seen, clips
        self._expected: dict[bytes, asyncio.Future[Half]] = {}
        self._address = ""
        self._ari = httpx.AsyncClient(base_url=f"{task['url']}/ari", auth=tuple(task["login"]), trust_env=False)
        self._turn = asyncio.Semaphore(MOST_AT_ONCE)

    async def start(self) -> None:
        """Listens for the sound of calls."""
        server = await asyncio.get_running_loop().create_server(self._half, "127.0.0.1", 0, backlog=256)
        self._address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def call(self, caller: str) -> Half:
        """A call that was answered; OSError where none was."""
        identity = uuid.uuid4()
        found = self._expected[identity.bytes] = asyncio.get_running_loop().create_future()
        number = "echo" if "echo" in self._task else NUMBER
        params = {"endpoint": f"Local/{number}@bench/n", "context": "bench-caller", "extension": "s", "priority": "1",
                  "formats": "slin", "callerId": caller, "timeout": "10"}  # fmt: skip
        variables = {"FD_SOUND": str(identity), "FD_CALLER": self._address, "FD_ECHO": self._task.get("echo", "")}
        try:
            async with self._turn, asyncio.timeout(COMES_WITHIN):
                reply = await self._ari.post("/channels", params=params, json={"variables": variables})
                reply.raise_for_status()
                half: Half = await found
                return half
        except (TimeoutError, httpx.HTTPError) as fault:
            raise OSError(f"Asterisk makes no call: {fault}") from fault
        finally:
            del self._expected[identity.bytes]

    def _half(self) -> Half:
        return Half(self._seen, self._clips, self._came)

    def _came(self, half: Half) -> None:
        found = self._expected.get(half.identity)
        if found is not None and not found.done():
            found.set_result(half)
        elif half.transport is not None:
            half.transport.close()
