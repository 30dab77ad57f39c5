"""Worker processes: who is too slow is not killed, who hangs or dies is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from engine.speech.vendors.processes import Processes

ECHO = "import sys; from engine.speech.vendors.processes import serve; "
SERVE = "serve(sys.stdin.buffer, sys.stdout.buffer, lambda samples, header: {**header, 'bytes': len(samples)})"


def with_processes(
    program: str, scene: Callable[[Processes], Awaitable[None]], count: int = 1, hang: float = 60.0
) -> None:
    async def whole() -> None:
        processes = Processes(("-c", program), count, deadline=60.0, hang=hang)
        try:
            await scene(processes)
        finally:
            await processes.close()

    asyncio.run(whole())


def test_a_request_is_answered_with_its_samples() -> None:
    async def scene(processes: Processes) -> None:
        answers = await asyncio.gather(*(processes.ask({"number": number}, bytes(number)) for number in range(20)))
        assert answers == [{"number": number, "bytes": number} for number in range(20)]
        assert len(processes.idle) == 2

    with_processes(ECHO + SERVE, scene, count=2)


def test_a_process_that_is_late_is_kept_with_what_it_has_loaded() -> None:
    async def scene(processes: Processes) -> None:
        await processes.ask({}, b"")
        (before,) = processes.idle
        assert await processes.ask({"late": True}, b"", deadline=0.0) == {}
        assert await processes.ask({"late": False}, b"") == {"late": False, "bytes": 0}
        (after,) = processes.idle
        assert after.pid == before.pid

    with_processes(ECHO + SERVE, scene)


def test_a_process_that_hangs_is_replaced() -> None:
    async def scene(processes: Processes) -> None:
        assert await processes.ask({}, b"") == {}
        assert not processes.idle

    with_processes("import time; time.sleep(600)", scene, hang=0.2)


def test_a_process_that_dies_is_replaced() -> None:
    async def scene(processes: Processes) -> None:
        assert await processes.ask({}, b"") == {}
        assert not processes.idle

    with_processes("raise SystemExit(3)", scene)
