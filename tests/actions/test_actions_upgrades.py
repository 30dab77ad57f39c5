"""A database of an earlier frontdesk is brought to the present schema, and nothing in it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from actions_flow import EIGHT, FRIDAY, NOW, call, restaurant
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from engine.actions.history import Search
from engine.actions.ledger import Booking, bookings_of
from engine.actions.registry import Toolbox
from engine.actions.schema import metadata
from engine.actions.store import Store, open_store
from engine.acts import PersonName

EARLIER = ["0001", "0003", "0006"]
WISH = call("book", day=FRIDAY, time=EIGHT, party_size=2, name=PersonName("Ann", "Lee"), phone="07700900123")
Rows = dict[str, list[dict[str, Any]]]


def lived_in(store: Store) -> Rows:
    """What a call with a booking leaves, by tables."""
    began = {"version": "0" * 64, "language": "en-GB", "timezone": "Europe/London", "caller": "+441632960123"}
    store.archive.keep_call({"id": "call", "flow": "trattoria", "called": "100", "line": "1.1", "started": NOW} | began)
    assert asyncio.run(Toolbox(restaurant(), store).run(WISH)).name == "booked"
    store.archive.keep_end("call", "goodbye", NOW + timedelta(minutes=2))
    assert store.archive.flush()

    def rows(connection: sa.Connection) -> Rows:
        tables = {table.name: connection.execute(sa.select(table)).mappings().all() for table in metadata.sorted_tables}
        return {name: [dict(row) for row in found] for name, found in tables.items()}

    return store.read(rows)


def make(database: str, revision: str, rows: Rows) -> None:
    """Makes a database as it was at a revision, and fills it with as much of the rows as it could hold."""
    url = sa.make_url(database if "://" in database else f"sqlite:///{database}")
    postgres = url.get_backend_name() == "postgresql"
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg") if postgres else url)
    config = Config()
    config.set_main_option("script_location", str(files("engine.actions") / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        there = sa.inspect(connection)
        for table in metadata.sorted_tables:
            if there.has_table(table.name):
                known = {column["name"] for column in there.get_columns(table.name)}
                numbered = {column.name for column in table.primary_key if isinstance(column.type, sa.Integer)}
                for row in rows[table.name]:
                    kept = {name: value for name, value in row.items() if name in known - numbered}
                    connection.execute(sa.insert(table).values(kept))
    engine.dispose()


@pytest.mark.parametrize("revision", EARLIER)
def test_an_earlier_database_is_upgraded_with_all_that_is_in_it(
    revision: str, new_database: Callable[[], str], tmp_path: Path
) -> None:
    with open_store(tmp_path / "now.db") as store:
        rows, before = lived_in(store), store.read(bookings_of)
    database = new_database()
    make(database, revision, rows)
    with open_store(database) as store:
        assert store.read(lambda found: compare_metadata(MigrationContext.configure(found), metadata)) == []
        assert store.read(bookings_of) == before
        again, other = book_again(store)
        assert (again, len(other)) == (before[0].reference, 2)
        (found,) = store.archive.search(Search(flow="trattoria", number="960123"))
        assert (found.id, found.outcome) == ("call", "goodbye")


def book_again(store: Store) -> tuple[object, list[Booking]]:
    """The reference that the same wish gets now, and all bookings once another caller has booked."""
    toolbox = Toolbox(restaurant(), store)
    known = asyncio.run(toolbox.run(WISH))
    new = call("book", call_id="other", day=FRIDAY, time=EIGHT, party_size=2, phone="07700900124")
    assert asyncio.run(toolbox.run(new)).name == "booked"
    return known.values["reference"], store.read(bookings_of)
