"""The database: opened, brought to the present schema, read and written, by as many processes as like.

SQLite in write-ahead mode. Every change is one short transaction that takes the write lock before it reads
(`BEGIN IMMEDIATE`), so two calls can never both see the last table free. A busy database is tried again until the
deadline of the caller; nothing waits without end.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from engine.actions import ledger, retention
from engine.actions.archive import Archive
from engine.actions.schema import HEAD
from engine.errors import FrontdeskError

T = TypeVar("T")
Work = Callable[[sa.Connection], T]

_SLICE: Final = 0.1
"""Seconds that SQLite itself waits for a lock before we look at the deadline again."""
_BUSY: Final = (5, 6)
"""SQLITE_BUSY and SQLITE_LOCKED."""


class StoreError(FrontdeskError):
    """The database cannot be used; the change surely did not happen."""


class StoreBusy(StoreError):
    """Others held the write lock until the deadline."""


class Abandoned(StoreError):
    """The change was given up before it was committed."""


class Unsure(FrontdeskError):
    """The commit itself failed: whether the change is there must be looked up."""


def default_database() -> str:
    """Where bookings and calls are kept unless a command says otherwise: FRONTDESK_DB, or a file in this folder."""
    return os.environ.get("FRONTDESK_DB") or "frontdesk.db"


def open_store(database: str | Path | None = None, recordings: Path | None = None, create: bool = True) -> Store:
    """Opens the database (a path, an SQLAlchemy URL, `:memory:`, or None for the default) and migrates it.

    `recordings` is the folder that `Recording.ref` and `Recorded.ref` are relative to; by default the folder
    `recordings` beside the database. Raises StoreError when it cannot be opened, was made by a newer frontdesk, or is
    not there and `create` is false.
    """
    text = str(database) if database is not None else default_database()
    url = sa.make_url(text if "://" in text else f"sqlite:///{text}")
    if url.get_backend_name() != "sqlite":
        raise StoreError(
            f"{url.render_as_string()} cannot be used: bookings are kept in SQLite, give the path of a file"
        )
    in_memory = url.database in (None, "", ":memory:")
    if not in_memory:
        path = Path(str(url.database)).absolute()
        if not create and not path.is_file():
            raise StoreError(f"there is no database {text}; give it with --db or FRONTDESK_DB")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise StoreError(f"{text} cannot be made: {fault}") from fault
        recordings = recordings or path.parent / "recordings"
    store = Store(_connect(url, in_memory), in_memory, recordings)
    try:
        store._prepare()
    except DBAPIError as fault:
        store.close()
        raise StoreError(f"{text} cannot be used as a database: {fault.orig}") from fault
    return store


class Store:
    """One open database. Everything here blocks and may be called from any thread."""

    def __init__(self, engine: sa.Engine, in_memory: bool, recordings: Path | None) -> None:
        self.recordings = recordings
        """The folder of the recordings; None for a database in memory."""
        self.threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="store")
        """Where asynchronous callers run what blocks."""
        self._engine = engine
        self._alone: AbstractContextManager[Any] | None = threading.RLock() if in_memory else None
        self.archive = Archive(self)
        """The log of calls, written in the background."""

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what is running and closes the database."""
        self.archive.close()
        self.threads.shutdown(wait=True)
        self._engine.dispose()

    def read(self, work: Work[T]) -> T:
        """Runs `work` on one consistent view of the data; raises StoreError when the database fails."""
        try:
            with self._turn(), self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as fault:
            raise StoreError(f"the database could not be read: {fault}") from fault

    def write(self, work: Work[T], seconds: float = 5.0, abandoned: threading.Event | None = None) -> T:
        """Runs `work` as the only writer and commits it; at most `seconds` are spent waiting for the lock.

        Raises StoreBusy, Abandoned (when `abandoned` was set before the commit) or another StoreError when the change
        surely did not happen, and Unsure when the commit itself failed.
        """
        deadline = time.monotonic() + seconds
        with self._turn(), self._engine.connect() as plain:
            connection = plain.execution_options(begin="BEGIN IMMEDIATE")
            try:
                transaction = self._begin(connection, deadline, abandoned)
                result = work(connection)
            except SQLAlchemyError as fault:
                raise StoreError(f"the database could not be changed: {fault}") from fault
            if abandoned is not None and abandoned.is_set():
                raise Abandoned("the change was given up")
            try:
                transaction.commit()
            except SQLAlchemyError as fault:
                raise Unsure(f"the change may not be in the database: {fault}") from fault
            return result

    def mark_heard(self, key: str) -> None:
        """The caller heard what became of the booking that was made or changed under this key."""
        self.write(lambda connection: ledger.mark_heard(connection, key, heard=True))

    def mark_not_heard(self, key: str) -> None:
        """The caller was gone before they heard of it; so it is until `mark_heard` says otherwise."""
        self.write(lambda connection: ledger.mark_heard(connection, key, heard=False))

    def purge(self, now: datetime, days: int = 30, booking_days: int | None = None) -> retention.Purged:
        """Deletes recordings and what was said in calls that are older than `days`; bookings stay, unless
        `booking_days` says how long after their end. A recording that belongs to a coming booking stays until it is
        over."""
        purged, refs = self.write(lambda connection: retention.purge_rows(connection, now, days, booking_days), 30.0)
        files = retention.purge_files(self.recordings, refs, now, days) if self.recordings else 0
        return retention.Purged(purged.calls, purged.bookings, files)

    def _begin(
        self, connection: sa.Connection, deadline: float, abandoned: threading.Event | None
    ) -> sa.RootTransaction:
        while True:
            try:
                return connection.begin()
            except OperationalError as fault:
                if not _is_busy(fault):
                    raise
                if abandoned is not None and abandoned.is_set():
                    raise Abandoned("the change was given up") from fault
                if time.monotonic() >= deadline:
                    raise StoreBusy("the database is busy; the change was not made") from fault

    def _turn(self) -> AbstractContextManager[Any]:
        """A database in memory is one connection, so its users take turns."""
        return self._alone or nullcontext()

    def _prepare(self, seconds: float = 30.0) -> None:
        """Brings the database to write-ahead mode and the present schema; other processes may do the same meanwhile."""
        deadline = time.monotonic() + seconds
        while self._alone is None:
            try:
                with self._engine.connect() as plain:
                    plain.execution_options(begin="").exec_driver_sql("PRAGMA journal_mode = WAL")
                break
            except OperationalError as fault:
                if not _is_busy(fault) or time.monotonic() >= deadline:
                    raise
        if self.read(_version) != HEAD:
            self.write(_migrate, seconds)


def _connect(url: sa.URL, in_memory: bool) -> sa.Engine:
    options: dict[str, Any] = {"connect_args": {"timeout": _SLICE, "check_same_thread": False}}
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


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrate(connection: sa.Connection) -> None:
    """Runs the migrations that are missing; imported here because a database is migrated once and opened often."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    version = _version(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(f"the database was made by a newer frontdesk (its schema is {version}); install that one")
    command.upgrade(config, "head")
