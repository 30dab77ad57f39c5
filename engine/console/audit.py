"""Who changed what, and when: one row for each change that a person made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.actions.schema import audit
from engine.actions.store import Store


@dataclass(frozen=True, slots=True)
class Deed:
    """`what` is a stable word such as `booking.cancel`, `about` the thing's name, `details` JSON data."""

    id: int
    at: datetime
    user: str
    what: str
    about: str
    details: Mapping[str, Any]


def note(
    store: Store, user: str, what: str, about: str, now: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """Keeps one change. No secret, and nothing of what a caller said, belongs in `details`."""
    row = {"at": now, "user": user, "what": what, "about": about, "details": dict(details or {})}
    store.write(lambda connection: connection.execute(sa.insert(audit).values(row)))


def deeds(store: Store, limit: int = 100, before: int | None = None) -> list[Deed]:
    """The newest changes, newest first; with `before`, those older than the one of this id."""
    chosen = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(audit.c.id < before)
    return store.read(lambda connection: [Deed(**row) for row in connection.execute(chosen).mappings()])
