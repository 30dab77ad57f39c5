"""PostgreSQL: one database for several machines, with the same promises as SQLite."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from engine.actions.backend import SLICE

_LOCK: Final = 0x66726F6E7464
"""The advisory lock of writers that read before they write."""
_WORK: Final = 2.0
"""Seconds that one statement may take beyond the wait for the lock."""
_LOCK_NOT_AVAILABLE: Final = "55P03"
_OPTIONS: Final = " ".join(
    (
        "-c synchronous_commit=on",  # a booking that a caller was told of survives a power cut
        "-c idle_in_transaction_session_timeout=15000",  # a machine that vanished in the middle holds no lock for long
        "-c TimeZone=UTC",
    )
)
_CONNECT: Final[dict[str, Any]] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
    "application_name": "frontdesk",
}
"""Seconds, but milliseconds for `tcp_user_timeout`: a server that is gone is noticed within a caller's patience."""


class Postgres:
    """A writer takes an advisory lock before it reads and has it until its transaction ends, however that ends; so two
    calls can never both see the last table free. The log of calls needs no lock and never waits for bookings."""

    def __init__(self, url: sa.URL) -> None:
        own = str(url.query.get("options", ""))
        self.engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,  # an error's text never holds a caller's words
            pool_pre_ping=True,  # the server may have been started again meanwhile
            pool_size=6,
            pool_timeout=5.0,
            isolation_level="READ COMMITTED",  # once the lock is ours, each statement sees what was committed before
            connect_args={**_CONNECT, "options": f"{own} {_OPTIONS}".strip()},
        )

    def turn(self) -> AbstractContextManager[object]:
        return nullcontext()

    def prepare(self, seconds: float) -> None:
        """Connects once, to fail early and in plain words."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def reading(self, connection: sa.Connection) -> sa.Connection:
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def begin(self, connection: sa.Connection, alone: bool, seconds: float) -> sa.RootTransaction | None:
        transaction = connection.begin()
        try:
            connection.execute(_LIMITS, {"lock": _ms(SLICE), "all": _ms(max(seconds, 0.0) + _WORK)})
            if alone:
                connection.execute(_ALONE, {"lock": _LOCK})
        except OperationalError as fault:
            transaction.rollback()
            if getattr(fault.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                return None
            raise
        return transaction


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


_LIMITS: Final = sa.text("SELECT set_config('lock_timeout', :lock, true), set_config('statement_timeout', :all, true)")
_ALONE: Final = sa.text("SELECT pg_advisory_xact_lock(:lock)")
