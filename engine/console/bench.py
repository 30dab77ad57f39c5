"""Work that takes seconds of a processor, done by processes of its own, so that neither calls nor pages wait for it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, TypeVar

from engine.errors import PeerError

T = TypeVar("T")
HUMBLE: Final = 10
"""How far calls go before this work."""
WORKERS: Final = 2
"""One that answers at once, while another one proves."""
WAITING: Final = 8
"""Pieces of work that may wait; more is refused."""
KEPT: Final = 64


class Bench:
    """Used in one event loop. Processes are started when they are first needed; results are kept by their key."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._kept: OrderedDict[tuple[str, ...], Any] = OrderedDict()
        self._doing: dict[tuple[str, ...], asyncio.Future[Any]] = {}

    async def run(self, key: tuple[str, ...], work: Callable[..., T], *given: Any) -> T:
        """What `work` (a function of a module, with data that can be pickled) answers; the same key is worked on once.

        Raises what the work raises, and PeerError where its process dies or too much waits.
        """
        if key in self._kept:
            self._kept.move_to_end(key)
            kept: T = self._kept[key]
            return kept
        if key not in self._doing:
            if len(self._doing) >= WAITING:
                raise PeerError("frontdesk is busy with checks; try again in a moment")
            task = asyncio.ensure_future(self._work(work, given))
            self._doing[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        found: T = await asyncio.shield(self._doing[key])
        return found

    async def _work(self, work: Callable[..., T], given: tuple[Any, ...]) -> T:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(WORKERS, mp_context=spawn, initializer=os.nice, initargs=(HUMBLE,))
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *given)
        except BrokenProcessPool as fault:
            if self._pool is pool:
                self._pool = None
            raise PeerError("the process that checks flows died; try again") from fault

    def _done(self, key: tuple[str, ...], done: asyncio.Future[Any]) -> None:
        del self._doing[key]
        if not done.cancelled() and done.exception() is None:
            self._kept[key] = done.result()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def close(self) -> None:
        """The server stops."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
