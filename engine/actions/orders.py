"""What people order for calls that go on: written by the console, taken by whichever process holds the call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args

import sqlalchemy as sa

from engine.actions.schema import calls, orders
from engine.actions.store import Store

What: TypeAlias = Literal["person", "end"]
WHATS: Final[tuple[What, ...]] = get_args(What)

STALE: Final = timedelta(seconds=30)
"""An order that nobody took for so long is void: what it was about has changed."""


@dataclass(frozen=True, slots=True)
class Order:
    """`person`: give the caller to a person; `end`: say goodbye and hang up."""

    id: int
    call_id: str
    what: What
    by: str
    given: datetime
    taken: datetime | None = None


def give(store: Store, call_id: str, what: What, by: str, now: datetime) -> bool:
    """Orders it for a call that goes on; False when there is none of this name. A second order of the same kind for
    the same call, while the first waits, changes nothing."""
    going = sa.select(calls.c.id).where(calls.c.id == call_id, calls.c.ended.is_(None))
    same = sa.select(orders.c.id).where(
        orders.c.call_id == call_id, orders.c.what == what, orders.c.taken.is_(None), orders.c.given > now - STALE
    )
    row = {"call_id": call_id, "what": what, "by": by, "given": now}

    def work(connection: sa.Connection) -> bool:
        if connection.execute(going).first() is None:
            return False
        if connection.execute(same).first() is None:
            connection.execute(sa.insert(orders).values(row))
        return True

    return store.write(work)


def take(store: Store, call_ids: Collection[str], now: datetime) -> list[Order]:
    """The orders for these calls that wait, oldest first; each is given out once. What is stale is left."""
    if not call_ids:
        return []
    waiting = sa.select(orders).where(
        orders.c.call_id.in_(call_ids), orders.c.taken.is_(None), orders.c.given > now - STALE
    )
    if not store.read(lambda connection: connection.execute(waiting.limit(1)).first()):
        return []

    def work(connection: sa.Connection) -> list[Order]:
        found = [Order(**row) for row in connection.execute(waiting.order_by(orders.c.id)).mappings()]
        ids = [order.id for order in found]
        connection.execute(sa.update(orders).where(orders.c.id.in_(ids)).values(taken=now))
        return found

    return store.write(work)
