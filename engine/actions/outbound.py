"""Calls of campaigns as rows: begun before they are dialled, ended with what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.actions.schema import insert, outbound_calls


@dataclass(frozen=True, slots=True)
class OutboundCall:
    """One call of a campaign; `outcome` is None while it goes on, or where its process died. `why` is the last step of
    the conversation, `call_id` that of its log."""

    campaign: str
    key: str
    number: str
    number_of_try: int
    at: datetime
    outcome: str | None = None
    why: str | None = None
    call_id: str | None = None


def begin(connection: sa.Connection, call: OutboundCall) -> bool:
    """Notes that a call is about to be made; false where another process has begun the same one."""
    same = sa.select(outbound_calls.c.id).where(
        outbound_calls.c.campaign == call.campaign,
        outbound_calls.c.key == call.key,
        outbound_calls.c.number_of_try == call.number_of_try,
    )
    if connection.execute(same).first() is not None:
        return False
    row = {
        "campaign": call.campaign,
        "key": call.key,
        "number": call.number,
        "number_of_try": call.number_of_try,
        "at": call.at,
    }
    insert(connection, outbound_calls, [row])
    return True


def end(connection: sa.Connection, call: OutboundCall) -> None:
    """Notes what came of a call that was begun."""
    connection.execute(
        sa.update(outbound_calls)
        .where(
            outbound_calls.c.campaign == call.campaign,
            outbound_calls.c.key == call.key,
            outbound_calls.c.number_of_try == call.number_of_try,
        )
        .values(outcome=call.outcome, why=call.why, call_id=call.call_id)
    )


def calls_of(connection: sa.Connection, campaign: str) -> Sequence[OutboundCall]:
    """Every call of a campaign, oldest first."""
    columns = outbound_calls.c
    chosen = sa.select(
        columns.campaign, columns.key, columns.number, columns.number_of_try, columns.at, columns.outcome, columns.why,
        columns.call_id,
    ).where(columns.campaign == campaign).order_by(columns.id)  # fmt: skip
    return [OutboundCall(*row) for row in connection.execute(chosen)]
