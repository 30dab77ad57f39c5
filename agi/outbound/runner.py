"""Runs a campaign: asks the plan who is due, calls them, and keeps what came of it, until nobody is left."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from agi.outbound.campaign import Campaign
from agi.outbound.dialler import Outcome
from agi.outbound.plan import Attempt, Callee, due, next_moment
from engine.actions.outbound import OutboundCall, begin, calls_of, end
from engine.actions.store import Store
from engine.errors import FrontdeskError

log = logging.getLogger(__name__)

LOOKS_AGAIN: Final = timedelta(minutes=1)
"""The longest sleep: bookings may be made or cancelled meanwhile."""

Call: TypeAlias = Callable[[Callee], Awaitable[Outcome]]


class Runner:
    """`callees` says who is to be called as things are now; `call` makes one call. `report` hears of each that ends."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        callees: Callable[[], Sequence[Callee]],
        call: Call,
        clock: Callable[[], datetime],
        report: Callable[[Callee, Outcome], None],
    ) -> None:
        self._campaign, self._store, self._callees, self._call = campaign, store, callees, call
        self._clock, self._report = clock, report
        self._running: dict[asyncio.Task[None], str] = {}

    async def run(self, stop: asyncio.Event, wait: bool = True) -> Counter[str]:
        """Until nobody is left to call or `stop` is set, and calls that go on have ended; without `wait` until nobody
        may be called at this moment. Gives how often each outcome came in all."""
        while not stop.is_set():
            callees, attempts = await asyncio.to_thread(self._look)
            now = self._clock()
            for callee in due(self._campaign.rules, callees, attempts, now, len(self._running)):
                if callee.key not in self._running.values():
                    await self._begin(callee, attempts, now)
            moment = next_moment(self._campaign.rules, callees, attempts, now)
            if not self._running and (moment is None or (not wait and moment > now)):
                break
            await self._pause(stop, now, moment)
        if self._running:
            await asyncio.wait(self._running)
        return Counter(call.outcome or "unknown" for call in await asyncio.to_thread(self._calls))

    def _calls(self) -> Sequence[OutboundCall]:
        return self._store.read(lambda connection: calls_of(connection, self._campaign.name))

    def _look(self) -> tuple[Sequence[Callee], list[Attempt]]:
        return self._callees(), [Attempt(call.key, call.at, call.outcome) for call in self._calls()]

    async def _begin(self, callee: Callee, attempts: Sequence[Attempt], now: datetime) -> None:
        number_of_try = 1 + sum(attempt.key == callee.key for attempt in attempts)
        call = OutboundCall(self._campaign.name, callee.key, callee.number, number_of_try, now)
        ours = await asyncio.to_thread(self._store.write, lambda connection: begin(connection, call))
        if ours:
            task = asyncio.get_running_loop().create_task(self._one(callee, call))
            self._running[task] = callee.key
            task.add_done_callback(lambda done: self._running.pop(done, None))

    async def _one(self, callee: Callee, call: OutboundCall) -> None:
        try:
            outcome = await self._call(callee)
        except FrontdeskError as fault:
            log.error("the call to %s failed: %s", callee.number, fault)
            outcome = Outcome("failed")
        ended = OutboundCall(
            call.campaign, call.key, call.number, call.number_of_try, call.at, outcome.outcome, outcome.why,
            outcome.call_id,
        )  # fmt: skip
        await asyncio.to_thread(self._store.write, lambda connection: end(connection, ended))
        self._report(callee, outcome)

    async def _pause(self, stop: asyncio.Event, now: datetime, moment: datetime | None) -> None:
        """Until a call ends, the next one is due, or it is time to look again."""
        left = LOOKS_AGAIN if moment is None or moment <= now else min(LOOKS_AGAIN, moment - now)
        stopping = asyncio.ensure_future(stop.wait())
        try:
            waits: set[asyncio.Future[object]] = {stopping, *self._running}  # type: ignore[arg-type]
            await asyncio.wait(waits, timeout=left.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
