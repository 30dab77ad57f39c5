"""What the store needs of a database: how it is opened, and how one writer at a time is let in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final, Protocol

import sqlalchemy as sa

SLICE: Final = 0.1
"""Seconds that a database itself waits for a lock before we look at the deadline again."""


class Backend(Protocol):
    """One kind of database, opened."""

    @property
    def engine(self) -> sa.Engine: ...

    def turn(self) -> AbstractContextManager[object]:
        """Held by whoever works on a database that takes one user at a time."""

    def prepare(self, seconds: float) -> None:
        """Whatever must be done once before the first transaction. Raises DBAPIError when it cannot be opened."""

    def reading(self, connection: sa.Connection) -> sa.Connection:
        """The connection, set to see one consistent state of the data."""

    def begin(self, connection: sa.Connection, alone: bool, seconds: float) -> sa.RootTransaction | None:
        """Begins to write; `alone` waits until no other such writer is at work, so that what is read stays true until
        the commit. None when that takes longer than a slice; `seconds` are left to wait in all."""
