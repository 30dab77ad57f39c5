"""The database of bookings and calls: looked at without a change, not even a migration."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from engine.actions.schema import HEAD
from engine.actions.store import StoreError, schema_of
from engine.doctor.registry import Row, look
from engine.settings import Settings


@look("database")
def database(settings: Settings) -> Iterator[Row]:
    text = settings.database.removeprefix("sqlite:///")
    if text.startswith("postgresql://"):
        yield _served(text)
        return
    if "://" in text:
        yield Row(
            "database",
            "error",
            f"{text.partition('://')[0]} is no database for bookings",
            "Name a SQLite file, or postgresql://USER@HOST/NAME.",
        )
        return
    path = Path(text)
    yield _present(path) if path.is_file() else _absent(path)


def _absent(path: Path) -> Row:
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not os.access(folder, os.W_OK):
        return Row("database", "error", f"{path} cannot be made: {folder} may not be written", "Set `database`.")
    return Row("database", "ok", f"{path} is not there yet; it will be made with the first call")


def _served(url: str) -> Row:
    shown = make_url(url).render_as_string()
    try:
        version = schema_of(url)
    except StoreError as fault:
        return Row("database", "error", f"{shown}: {fault}", "Start the server, or mend the URL, user and password.")
    if version is not None and version > HEAD:
        return Row("database", "error", f"{shown} was made by a newer frontdesk", "Install that version here.")
    later = "" if version == HEAD else "; its tables will be made or brought to this version when it is opened"
    return Row("database", "ok", f"{shown}{later}")


def _present(path: Path) -> Row:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            (healthy,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.DatabaseError as fault:
        return Row("database", "error", f"{path}: {fault}", "Bring it back from a backup, or name another file.")
    version = str(versions[0][0]) if versions else ""
    if healthy != "ok":
        return Row("database", "error", f"{path} is damaged: {healthy}", "Bring it back from a backup.")
    if version > HEAD:
        return Row("database", "error", f"{path} was made by a newer frontdesk", "Install that version here.")
    if not os.access(path, os.W_OK):
        return Row("database", "error", f"{path} may not be written", f"Run `chown` or `chmod u+w {path}`.")
    later = "" if version == HEAD else "; it will be brought to this version when it is opened"
    return Row("database", "ok", f"{path}, {path.stat().st_size / 1e6:.1f} MB{later}")
