"""What came of calls, counted for each variant of a flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from engine.actions.schema import calls, commits


@dataclass(slots=True)
class Tally:
    """Calls of one variant that are over, of a flow; `variant` is empty for calls that took none. `booked` are calls
    in which something was booked, changed or cancelled; `seconds` is the length of all calls together."""

    flow: str
    variant: str
    calls: int = 0
    booked: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)


def tally(
    connection: sa.Connection, since: datetime | None = None, flows: Collection[str] | None = None
) -> list[Tally]:
    """One for each flow and variant, by name; of `flows` alone where they are given."""
    done = sa.select(commits.c.call_id).where(commits.c.call_id == calls.c.id, commits.c.booking_id.is_not(None))
    chosen = sa.select(
        calls.c.flow, calls.c.variant, calls.c.outcome, calls.c.started, calls.c.ended, done.exists()
    ).where(calls.c.ended.is_not(None))
    if since is not None:
        chosen = chosen.where(calls.c.started >= since)
    if flows is not None:
        chosen = chosen.where(calls.c.flow.in_(flows))
    found: dict[tuple[str, str], Tally] = {}
    for flow, name, outcome, started, ended, booked in connection.execute(chosen):
        one = found.setdefault((flow, name or ""), Tally(flow, name or ""))
        one.calls += 1
        one.booked += bool(booked)
        one.seconds += (ended - started).total_seconds()
        one.outcomes[outcome or "unknown"] += 1
    return [found[key] for key in sorted(found)]
