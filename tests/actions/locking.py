"""Another who has the write lock of a database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from engine.actions.store import open_store


@contextlib.contextmanager
def locked(database: str) -> Iterator[None]:
    """Nobody else may write `alone` meanwhile."""
    with open_store(database) as other, other._engine.connect() as connection:
        transaction = other._backend.begin(connection, alone=True, seconds=60.0)
        assert transaction is not None
        yield
        transaction.rollback()
