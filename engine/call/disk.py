"""Writing to disk beside the calls: a disk that is slow, full or gone costs recordings, never a caller's time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

log = logging.getLogger(__name__)
WRITE_WITHIN: Final = 4.0
"""Seconds after which whoever waits for something to be on disk goes on without it."""


class Disk(Protocol):
    """Does what blocks; one thing after the other."""

    def write(self, work: Callable[[], None]) -> asyncio.Future[None]:
        """Returns at once; the future ends with the work, or with its OSError."""

    def close(self) -> None:
        """Takes no more work; what was given is done."""


class ThreadDisk:
    """One thread for all calls of a process, started when it is first needed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "disk")

    def write(self, work: Callable[[], None]) -> asyncio.Future[None]:
        return asyncio.wrap_future(self._thread.submit(work))

    def close(self) -> None:
        self._thread.shutdown(wait=False)


async def written(work: asyncio.Future[None], what: str) -> bool:
    """Whether the work is done in time; says in the log what is not kept where it is not."""
    try:
        async with asyncio.timeout(WRITE_WITHIN):
            await asyncio.shield(work)
    except TimeoutError:
        log.warning("the disk is slow: %s is not written after %g s", what, WRITE_WITHIN)
        return False
    except OSError as fault:
        log.warning("%s is not kept: %s", what, fault)
        return False
    return True
