"""The database: migrations, who waits for whom, and what a crash leaves."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
import sqlalchemy as sa
from actions_flow import EIGHT, FRIDAY, NOW, call, restaurant
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from locking import locked
from postgres_server import Server

from engine.actions.ledger import bookings_of
from engine.actions.registry import Toolbox
from engine.actions.retention import Keep
from engine.actions.schema import HEAD, metadata
from engine.actions.store import Abandoned, Store, StoreBusy, StoreError, default_database, open_store
from engine.acts import PersonName

RACER = Path(__file__).parent / "racer.py"


def test_migrations_make_exactly_the_schema(new_database: Callable[[], str]) -> None:
    with open_store(new_database()) as store:
        assert store.read(lambda found: compare_metadata(MigrationContext.configure(found), metadata)) == []


def test_the_newest_migration_is_the_head() -> None:
    names = [path.name for path in (files("engine.actions") / "migrations" / "versions").iterdir()]
    assert max(name for name in names if name[0].isdigit()).startswith(HEAD)


def test_a_database_is_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        with open_store(tmp_path / "new" / "a.db") as store:
            assert store.recordings == tmp_path / "new" / "recordings"
            assert store.read(bookings_of) == []


def test_two_processes_may_open_a_new_database_at_once(new_database: Callable[[], str]) -> None:
    name = new_database()
    racers = [subprocess.Popen([sys.executable, RACER, "open", name]) for _ in range(3)]
    assert [racer.wait(60) for racer in racers] == [0, 0, 0]


def test_a_database_of_a_newer_frontdesk_is_left_alone(database: str) -> None:
    with open_store(database) as store:
        store.write(lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StoreError, match="newer frontdesk"):
        open_store(database)


@pytest.mark.parametrize(
    "name", ["postgresql://u:secret@127.0.0.1:1/x", "mysql://u:secret@localhost/x", "text.db", "folder"]
)
def test_what_is_no_database_is_refused_in_plain_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.db").write_text("these are only words, " * 100)
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="cannot be used") as told:
        open_store(name if "://" in name else tmp_path / name)
    assert "secret" not in str(told.value)


def test_reading_commands_make_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        open_store(tmp_path / "a.db", create=False)
    assert not (tmp_path / "a.db").exists()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_reading_commands_make_no_tables(postgres: Server) -> None:
    name = postgres.empty()
    with pytest.raises(StoreError, match="no calls or bookings"):
        open_store(name, create=False)


def test_the_default_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRONTDESK_DB", raising=False)
    assert default_database() == "frontdesk.db"
    monkeypatch.setenv("FRONTDESK_DB", "/data/bookings.db")
    assert default_database() == "/data/bookings.db"


def test_a_writer_gives_up_at_its_deadline(store: Store, database: str) -> None:
    with locked(database), pytest.raises(StoreBusy):
        store.write(lambda connection: None, seconds=0.0)
    assert store.write(lambda connection: "done", seconds=1.0) == "done"


def test_a_change_that_was_given_up_is_not_made(store: Store) -> None:
    given_up = threading.Event()

    def insert(connection: sa.Connection) -> None:
        connection.execute(sa.text("CREATE TABLE made (id INTEGER)"))
        given_up.set()

    with pytest.raises(Abandoned):
        store.write(insert, abandoned=given_up)
    assert not store.read(lambda connection: sa.inspect(connection).has_table("made"))


def test_an_error_in_a_change_undoes_it(store: Store) -> None:
    def half(connection: sa.Connection) -> None:
        connection.execute(sa.text("CREATE TABLE made (id INTEGER)"))
        connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))

    with pytest.raises(StoreError):
        store.write(half)
    assert not store.read(lambda connection: sa.inspect(connection).has_table("made"))


def test_two_processes_never_both_get_the_last_table(database: str) -> None:
    rounds = 80
    open_store(database).close()
    racers = [
        subprocess.Popen(
            [sys.executable, RACER, "race", database, str(number), str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    results: list[list[str]] = []
    for _ in range(rounds):
        for racer in racers:  # both stand at the line before either is let go
            assert racer.stdout is not None
            assert racer.stdout.readline().strip() == "ready"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        results.append(sorted(racer.stdout.readline().strip() for racer in racers if racer.stdout))
    assert [racer.wait(30) for racer in racers] == [0, 0]
    assert results == [["booked", "taken"]] * rounds
    with open_store(database) as store:
        assert len(store.read(bookings_of)) == rounds


def test_what_a_booking_held_goes_with_it(store: Store) -> None:
    wish = call("book", day=FRIDAY, time=EIGHT, party_size=2, name=PersonName("Ann", "Lee"), phone="07700900123")
    assert asyncio.run(Toolbox(restaurant(), store).run(wish)).name == "booked"
    store.purge(NOW + timedelta(days=400), Keep(bookings=365))
    assert store.read(lambda connection: connection.execute(sa.text("SELECT count(*) FROM holds")).scalar()) == 0
