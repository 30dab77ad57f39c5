"""Numbers of calls by the hour: added once for each call, and read for a time and some flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Final, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.actions.schema import calls, counts, misses

BETWEEN: Final = "\t"
_AFTER: Final = "\n"
"""The sign after `BETWEEN`."""


class Counted(Protocol):
    """What a call adds: `labels` in the order of /metrics, without the flow."""

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def value(self) -> float: ...


class Missed(Protocol):
    """Words that were not understood."""

    @property
    def at(self) -> datetime: ...

    @property
    def step(self) -> str: ...

    @property
    def slot(self) -> str: ...

    @property
    def rung(self) -> int: ...

    @property
    def words(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sum:
    """A number of one hour, or of a longer time where it was asked for so."""

    hour: datetime | None
    flow: str
    name: str
    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Unheard:
    """Words that were not understood in a call."""

    call_id: str
    flow: str
    at: datetime
    step: str
    slot: str
    rung: int
    words: str


def count_call(
    connection: sa.Connection,
    call_id: str,
    flow: str,
    at: datetime,
    added: Iterable[Counted],
    missed: Iterable[Missed],
) -> None:
    """Adds a call to the hour in which it ended; a call that was counted before changes nothing, so that this may be
    done again."""
    once = sa.update(calls).where(calls.c.id == call_id, calls.c.counted.is_(False)).values(counted=True)
    if connection.execute(once).rowcount == 0:
        return
    hour = at.replace(minute=0, second=0, microsecond=0)
    rows = [
        {"hour": hour, "flow": flow, "name": one.name, "labels": BETWEEN.join(one.labels), "value": one.value}
        for one in added
    ]
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(counts)
    more = statement.on_conflict_do_update(
        index_elements=[column.name for column in counts.primary_key],
        set_={"value": counts.c.value + statement.excluded.value},
    )
    # in one order, so that two processes that count at the same time do not wait for each other for ever
    connection.execute(more, sorted(rows, key=lambda row: (row["name"], row["labels"])))
    said = [
        {"call_id": call_id, "flow": flow, "at": one.at, "step": one.step, "slot": one.slot, "rung": one.rung,
         "words": one.words}
        for one in missed
    ]  # fmt: skip
    if said:
        connection.execute(sa.insert(misses), said)


def sums(
    connection: sa.Connection, since: datetime, until: datetime, flow: str | None = None, *, names: Sequence[str]
) -> list[Sum]:
    """The numbers of these names in a time, added up."""
    whole = (
        sa.select(counts.c.flow, counts.c.name, counts.c.labels, sa.func.sum(counts.c.value))
        .where(*_within(since, until, flow), counts.c.name.in_(names))
        .group_by(counts.c.flow, counts.c.name, counts.c.labels)
    )
    rows = connection.execute(whole)
    return [Sum(None, name, metric, _labels(labels), value) for name, metric, labels, value in rows]


def hourly(
    connection: sa.Connection,
    since: datetime,
    until: datetime,
    flow: str | None = None,
    *,
    name: str,
    first: str | None = None,
) -> list[Sum]:
    """The numbers of one name for each hour; with `first`, those whose first label is this."""
    hour = sa.type_coerce(counts.c.hour, sa.DateTime)  # made aware below, once for each hour and not for each row
    chosen = sa.select(hour, counts.c.flow, counts.c.labels, counts.c.value)
    chosen = chosen.where(*_within(since, until, flow), counts.c.name == name)
    if first is not None:
        chosen = chosen.where(counts.c.labels >= first + BETWEEN, counts.c.labels < first + _AFTER)
    hours: dict[datetime, datetime] = {}
    return [
        Sum(hours.get(at) or hours.setdefault(at, at.replace(tzinfo=UTC)), its, name, _labels(labels), value)
        for at, its, labels, value in connection.execute(chosen)
    ]


def _within(since: datetime, until: datetime, flow: str | None) -> list[sa.ColumnElement[bool]]:
    within = [counts.c.hour >= since, counts.c.hour < until]
    return within if flow is None else [*within, counts.c.flow == flow]


def first_hour(connection: sa.Connection) -> datetime | None:
    """Since when there are numbers."""
    found: datetime | None = connection.execute(sa.select(sa.func.min(counts.c.hour))).scalar()
    return found


def unheard(
    connection: sa.Connection, since: datetime, until: datetime, flow: str | None = None, limit: int = 2000
) -> list[Unheard]:
    """Words that were not understood in a time, newest first."""
    columns = (misses.c[one.name] for one in fields(Unheard))
    chosen = sa.select(*columns).where(misses.c.at >= since, misses.c.at < until)
    if flow is not None:
        chosen = chosen.where(misses.c.flow == flow)
    return [Unheard(*row) for row in connection.execute(chosen.order_by(misses.c.at.desc()).limit(limit))]


def _labels(text: str) -> tuple[str, ...]:
    return tuple(text.split(BETWEEN)) if text else ()
