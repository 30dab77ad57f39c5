"""PostgreSQL dies in the middle of bookings and comes back: nothing is lost, nothing is made twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from actions_flow import EIGHT, FRIDAY, NOW, call, restaurant
from postgres_server import Server

from engine.actions.ledger import bookings_of
from engine.actions.registry import Toolbox
from engine.actions.store import Store, open_store

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]
CALLERS, EACH, CRASHES = 3, 12, 2
AGAIN, WITHIN = 0.05, 60.0
FIRST_WEEK = 20
"""Far from the days on which the restaurant is closed."""


@dataclass
class Caller:
    """Books week after week. What failed or what nobody knows is looked up, as a call does, and asked again under the
    same key. `told` has the references that were heard, by keys."""

    number: int
    store: Store
    toolbox: Toolbox
    booked: asyncio.Semaphore
    told: dict[str, object] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        for turn in range(EACH):
            self.store.archive.keep_entry(f"call {self.number}", turn + 1, NOW, "event", {"turn": turn})
            await self.book(f"{self.number}/{turn}", FIRST_WEEK + self.number * EACH + turn)
            self.booked.release()

    async def book(self, key: str, week: int) -> None:
        day, phone = FRIDAY + timedelta(weeks=week), f"0770090012{self.number}"
        wish = call("book", key, f"call {self.number}", day=day, time=EIGHT, party_size=2, phone=phone)
        while key not in self.told:
            outcome = await self.toolbox.run(wish)
            self.heard[outcome.name] += 1
            if outcome.name != "booked":
                outcome = await self.toolbox.look_up(wish)
            if outcome.name == "booked":
                self.told[key] = outcome.values["reference"]
            else:
                await asyncio.sleep(AGAIN)


def test_a_server_that_dies_under_bookings_loses_none_and_makes_none_twice(postgres: Server) -> None:
    async def main(store: Store) -> list[Caller]:
        booked, toolbox = asyncio.Semaphore(0), Toolbox(restaurant(), store)
        callers = [Caller(number, store, toolbox, booked) for number in range(CALLERS)]
        async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
            for caller in callers:
                group.create_task(caller.run())
            for _ in range(CRASHES):
                for _ in range(CALLERS * EACH // (CRASHES + 1)):
                    await booked.acquire()
                await asyncio.to_thread(postgres.crash)
        return callers

    began = {"flow": "trattoria", "version": "0" * 64, "language": "en-GB", "timezone": "Europe/London", "started": NOW}
    with open_store(postgres.database()) as store:
        for number in range(CALLERS):
            store.archive.keep_call({"id": f"call {number}", "caller": None, "called": None, "line": None, **began})
        callers = asyncio.run(main(store))
        heard = sum((caller.heard for caller in callers), Counter())
        assert heard["failed"] + heard["unknown"], "no booking was under way when the server died"
        made = Counter(booking.reference for booking in store.read(bookings_of))
        assert made == Counter(str(reference) for caller in callers for reference in caller.told.values())
        assert made.total() == CALLERS * EACH
        assert store.archive.flush()
        for number in range(CALLERS):
            assert [entry.seq for entry in store.archive.entries(f"call {number}")] == list(range(1, EACH + 1))
