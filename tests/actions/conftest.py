"""A fresh store on each kind of database, and this folder's flows for its tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.actions.store import Store, open_store

sys.path.insert(0, str(Path(__file__).parent))

from postgres_server import Server, running

BOTH = ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("postgres")])]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(params=BOTH)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes databases with nothing in them, of one kind; their names are what `open_store` takes."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        return server.empty
    return lambda: str(tmp_path / "frontdesk.db")


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The name of a database with the present schema."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        return server.database()
    return str(tmp_path / "frontdesk.db")


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    with open_store(database, tmp_path / "recordings") as opened:
        yield opened
