"""SQLite in write-ahead mode: a file on this machine, used by as many processes as like."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from engine.actions.backend import SLICE

_BUSY: Final = (5, 6)
"""SQLITE_BUSY and SQLITE_LOCKED."""


class Sqlite:
    """A writer takes the write lock before it reads (`BEGIN IMMEDIATE`), so there is one at a time. A database in
    memory is one connection, so its users take turns."""

    def __init__(self, url: sa.URL, in_memory: bool) -> None:
        self.engine = _connect(url, in_memory)
        self._alone: AbstractContextManager[Any] | None = threading.RLock() if in_memory else None

    def turn(self) -> AbstractContextManager[object]:
        return self._alone or nullcontext()

    def prepare(self, seconds: float) -> None:
        """Brings the file to write-ahead mode; other processes may do the same meanwhile."""
        deadline = time.monotonic() + seconds
        while self._alone is None:
            try:
                with self.engine.connect() as plain:
                    plain.execution_options(begin="").exec_driver_sql("PRAGMA journal_mode = WAL")
                break
            except OperationalError as fault:
                if not _is_busy(fault) or time.monotonic() >= deadline:
                    raise

    def reading(self, connection: sa.Connection) -> sa.Connection:
        return connection

    def begin(self, connection: sa.Connection, alone: bool, seconds: float) -> sa.RootTransaction | None:
        try:
            return connection.execution_options(begin="BEGIN IMMEDIATE").begin()
        except OperationalError as fault:
            if _is_busy(fault):
                return None
            raise


def _connect(url: sa.URL, in_memory: bool) -> sa.Engine:
    options: dict[str, Any] = {"connect_args": {"timeout": SLICE, "check_same_thread": False}}
    if in_memory:
        options["poolclass"] = sa.StaticPool
    engine = sa.create_engine(url, hide_parameters=True, **options)  # an error's text never holds a caller's words

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is purged is overwritten
        connection.execute("PRAGMA synchronous = FULL")  # a booking that a caller was told of survives a power cut

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        statement = connection.get_execution_options().get("begin", "BEGIN")
        if statement:
            connection.exec_driver_sql(statement)

    return engine


def _is_busy(fault: OperationalError) -> bool:
    return isinstance(fault.orig, sqlite3.Error) and fault.orig.sqlite_errorcode & 0xFF in _BUSY
