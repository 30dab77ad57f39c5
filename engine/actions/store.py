"""The database: opened, brought to the present schema, read and written, by as many processes as like.

Every change is one short transaction, and whoever reads before they write is the only one to do so (see `sqlite` and
`postgres`), so two calls can never both see the last table free. A busy database is tried again until the deadline of
the caller; nothing waits without end.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.actions import ledger, retention
from engine.actions.archive import Archive
from engine.actions.backend import Backend
from engine.actions.failures import Abandoned, Refused, StoreBusy, StoreError, Unsure
from engine.actions.postgres import Postgres
from engine.actions.schema import HEAD
from engine.actions.sqlite import Sqlite

__all__ = ["Abandoned", "Refused", "Store", "StoreBusy", "StoreError", "Unsure", "default_database", "open_store"]

T = TypeVar("T")
Work = Callable[[sa.Connection], T]


def default_database() -> str:
    """Where bookings and calls are kept unless a command says otherwise: FRONTDESK_DB, or a file in this folder."""
    return os.environ.get("FRONTDESK_DB") or "frontdesk.db"


def open_store(database: str | Path | None = None, recordings: Path | None = None, create: bool = True) -> Store:
    """Opens the database (a path, an SQLAlchemy URL, `:memory:`, or None for the default) and migrates it.

    `recordings` is the folder that `Recording.ref` and `Recorded.ref` are relative to; by default the folder
    `recordings` beside a SQLite file, else in this folder. Raises StoreError when it cannot be opened, was made by a
    newer frontdesk, or is not there and `create` is false.
    """
    text = str(database) if database is not None else default_database()
    try:
        url = sa.make_url(text if "://" in text else f"sqlite:///{text}")
    except ArgumentError as fault:
        raise StoreError(f"the database's URL cannot be read; write {_POSTGRES_URL}") from fault
    shown = url.render_as_string() if "://" in text else text
    match url.get_backend_name():
        case "sqlite":
            store = _open_sqlite(url, shown, recordings, create)
        case "postgresql":
            store = Store(_open_postgres(url), recordings or Path.cwd() / "recordings")
        case _:
            raise StoreError(
                f"{shown} cannot be used: bookings are kept in SQLite (give the path of a file) or PostgreSQL "
                f"({_POSTGRES_URL})"
            )
    try:
        store._prepare(create)
    except (DBAPIError, StoreError) as fault:
        store.close()
        raise StoreError(f"{shown} cannot be used as a database: {_why(fault)}") from fault
    return store


def schema_of(database: str) -> str | None:
    """The migration that a PostgreSQL database is at, None where it holds no tables of ours; changes nothing. Raises
    StoreError when it cannot be read."""
    url = sa.make_url(database)
    with Store(_open_postgres(url), None) as store:
        return store.read(_version)


_POSTGRES_URL = "postgresql://USER@HOST/NAME"


def _open_sqlite(url: sa.URL, shown: str, recordings: Path | None, create: bool) -> Store:
    if url.database in (None, "", ":memory:"):
        return Store(Sqlite(url, True), recordings)
    path = Path(str(url.database)).absolute()
    if not create and not path.is_file():
        raise StoreError(f"there is no database {shown}; give it with --db or FRONTDESK_DB")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StoreError(f"{shown} cannot be made: {fault}") from fault
    return Store(Sqlite(url, False), recordings or path.parent / "recordings")


def _open_postgres(url: sa.URL) -> Postgres:
    try:
        return Postgres(url)
    except ImportError as fault:
        raise StoreError("PostgreSQL needs psycopg: pip install 'frontdesk[postgres]'") from fault


class Store:
    """One open database. Everything here blocks and may be called from any thread."""

    def __init__(self, backend: Backend, recordings: Path | None) -> None:
        self.recordings = recordings
        """The folder of the recordings; None for a database in memory."""
        self.threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="store")
        """Where asynchronous callers run what blocks."""
        self._backend = backend
        self._engine = backend.engine
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
            with self._backend.turn(), self._engine.connect() as plain:
                connection = self._backend.reading(plain)
                with connection.begin():
                    return work(connection)
        except SQLAlchemyError as fault:
            raise StoreError(f"the database could not be read: {_why(fault)}") from fault

    def write(
        self,
        work: Work[T],
        seconds: float = 5.0,
        abandoned: threading.Event | None = None,
        alone: bool = True,
    ) -> T:
        """Runs `work` and commits it; at most `seconds` are spent waiting for the lock. With `alone` nobody else who
        writes so is at work until the commit: what `work` reads stays true.

        Raises StoreBusy, Abandoned (when `abandoned` was set before the commit), Refused (the database does not take
        this) or another StoreError when the change surely did not happen, and Unsure when the commit itself failed.
        """
        deadline = time.monotonic() + seconds
        try:
            with self._backend.turn(), self._engine.connect() as connection:
                transaction = self._begin(connection, deadline, abandoned, alone)
                result = work(connection)
                if abandoned is not None and abandoned.is_set():
                    raise Abandoned("the change was given up")
                try:
                    transaction.commit()
                except SQLAlchemyError as fault:
                    raise Unsure(f"the change may not be in the database: {_why(fault)}") from fault
                return result
        except (OperationalError, InterfaceError, PoolTimeout) as fault:
            raise StoreError(f"the database could not be changed: {_why(fault)}") from fault
        except SQLAlchemyError as fault:
            raise Refused(f"the database does not take this: {_why(fault)}") from fault

    def mark_heard(self, key: str) -> None:
        """The caller heard what became of the booking that was made or changed under this key."""
        self.write(lambda connection: ledger.mark_heard(connection, key, heard=True))

    def mark_not_heard(self, key: str) -> None:
        """The caller was gone before they heard of it; so it is until `mark_heard` says otherwise."""
        self.write(lambda connection: ledger.mark_heard(connection, key, heard=False))

    def purge(self, now: datetime, keep: retention.Keep = retention.USUAL) -> retention.Purged:
        """Deletes what has been kept for long enough, each kind of data by its own time. A recording that belongs to a
        coming booking stays until it is over."""
        purged, refs = self.write(lambda connection: retention.purge_rows(connection, now, keep), 30.0)
        files = retention.purge_files(self.recordings, refs, now, keep.recordings) if self.recordings else 0
        return retention.Purged(purged.calls, purged.bookings, files)

    def _begin(
        self, connection: sa.Connection, deadline: float, abandoned: threading.Event | None, alone: bool
    ) -> sa.RootTransaction:
        while True:
            left = deadline - time.monotonic()
            transaction = self._backend.begin(connection, alone, left)
            if transaction is not None:
                return transaction
            if abandoned is not None and abandoned.is_set():
                raise Abandoned("the change was given up")
            if time.monotonic() >= deadline:
                raise StoreBusy("the database is busy; the change was not made")

    def _prepare(self, create: bool, seconds: float = 30.0) -> None:
        """Brings the database to the present schema; other processes may do the same meanwhile."""
        self._backend.prepare(seconds)
        version = self.read(_version)
        if version is None and not create:
            raise StoreError("there are no calls or bookings of frontdesk in it")
        if version != HEAD:
            self.write(_migrate, seconds)


def _why(fault: Exception) -> str:
    """The first line of what the database says; what follows it may hold a caller's words."""
    said = str(fault.orig if isinstance(fault, DBAPIError) else fault).strip()
    return said.splitlines()[0] if said else type(fault).__name__


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
