"""A real PostgreSQL server of its own for the tests, on a unix socket in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg

from engine.actions.schema import HEAD, metadata
from engine.actions.store import open_store

QUICK = ("fsync=off", "full_page_writes=off", "max_connections=60", "listen_addresses=''", "log_min_messages=fatal")
"""What is safe where only clients are killed and the data is thrown away."""


class Server:
    """Gives away databases."""

    def __init__(self, folder: Path, control: Callable[..., None]) -> None:
        self._folder, self._control = folder, control
        self._numbers = count()
        self._filled = self.empty()
        open_store(self._filled).close()

    def empty(self) -> str:
        """The URL of a new database without a table."""
        name = f"empty{next(self._numbers)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        return self._dsn(name)

    def database(self) -> str:
        """The URL of a database with the present schema and without a row; the same one each time."""
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        with psycopg.connect(self._filled, autocommit=True) as connection:
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE".encode())
            connection.execute("UPDATE alembic_version SET version_num = %s", (HEAD,))
        return self._filled

    def crash(self) -> None:
        """Stops as if it were killed, and starts again; whoever is connected loses the connection."""
        self._control("stop", "-m", "immediate")
        self._control("start")

    def _dsn(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={quote(str(self._folder), safe='')}"


def binaries() -> Path:
    """The folder of initdb and postgres; script/setup installs them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if on_path and not found:
        return Path(on_path).parent
    assert found, "there is no PostgreSQL server: run `script/setup test`, or apt-get install postgresql"
    return found[-1].parent


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Starts a server, and throws all of it away at the end. PostgreSQL refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="fd-pg-"))
    user = _user()
    if user is not None:
        shutil.chown(folder, user)
    data, where = folder / "data", binaries()

    def run(*words: object) -> None:
        subprocess.run(list(map(str, words)), user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    def control(*words: str) -> None:
        run(where / "pg_ctl", *words, "-w", "-t", "30", "-D", data, "-l", folder / "log", "-o", options)

    options = " ".join(f"-c {setting}" for setting in (*QUICK, f"unix_socket_directories={folder}"))
    run(where / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C")
    control("start")
    try:
        yield Server(folder, control)
    finally:
        control("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    if os.getuid() != 0:
        return None
    return "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"
