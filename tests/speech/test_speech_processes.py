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


TOLD = """
import sys
from engine.speech.vendors.processes import serve
told = []
def hear(samples, header):
    told.append(header["number"])
    return None if header.get("more") else {"told": told}
serve(sys.stdin.buffer, sys.stdout.buffer, hear)
"""


def test_a_lease_is_told_things_and_asked_in_between() -> None:
    async def scene(processes: Processes) -> None:
        assert processes.lease() is None  # nothing runs yet, and who speaks is not kept waiting
        await processes.ask({"number": 0}, b"")
        lease = processes.lease()
        assert lease is not None
        assert processes.lease() is None
        for number in (1, 2):
            lease.tell({"number": number, "more": True}, b"")
        assert await lease.ask({"number": 3}) == {"told": [0, 1, 2, 3]}
        lease.release()
        assert await processes.ask({"number": 4}, b"") == {"told": [0, 1, 2, 3, 4]}
        assert len(processes.idle) == 1

    with_processes(TOLD, scene)


def test_who_needs_an_answer_takes_the_process_of_a_lease() -> None:
    async def scene(processes: Processes) -> None:
        await processes.ask({"number": 0}, b"")
        lease = processes.lease()
        assert lease is not None
        assert await processes.ask({"number": 1}, b"sound") == {"told": [0, 1]}
        lease.tell({"number": 2, "more": True}, b"")
        assert await lease.ask({"number": 3}) is None
        lease.release()
        assert len(processes.idle) == 1

    with_processes(TOLD, scene)


def test_nobody_takes_the_process_of_a_lease_that_is_about_to_answer() -> None:
    async def scene(processes: Processes) -> None:
        await processes.ask({"number": 0}, b"")
        lease = processes.lease()
        assert lease is not None
        asked = asyncio.create_task(lease.ask({"number": 1}))
        await asyncio.sleep(0)
        other = asyncio.create_task(processes.ask({"number": 2}, b"sound"))
        assert await asked == {"told": [0, 1]}
        lease.release()
        assert await other == {"told": [0, 1, 2]}

    with_processes(TOLD, scene)


def test_a_lease_that_is_given_up_while_it_answers_gives_its_process_back() -> None:
    async def scene(processes: Processes) -> None:
        await processes.ask({"number": 0}, b"")
        lease = processes.lease()
        assert lease is not None
        asked = asyncio.create_task(lease.ask({"number": 1}))
        await asyncio.sleep(0)
        asked.cancel()
        lease.release()
        assert await processes.ask({"number": 2}, b"") == {"told": [0, 1, 2]}
        assert len(processes.idle) == 1

    with_processes(TOLD, scene)


def test_a_lease_whose_process_dies_says_so_and_another_starts() -> None:
    async def scene(processes: Processes) -> None:
        await processes.ask({"number": 0}, b"")
        (process,) = processes.idle
        lease = processes.lease()
        assert lease is not None
        process.kill()
        assert await lease.ask({"number": 1}) is None
        lease.release()
        assert await processes.ask({"number": 2}, b"") == {"told": [2]}

    with_processes(TOLD, scene)
