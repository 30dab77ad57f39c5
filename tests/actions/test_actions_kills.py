"""Ten calls killed at each moment of a booking, on each database; `make kills` kills a hundred each."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from conftest import BOTH
from kills import MOMENTS, kill_calls, victims

from engine.actions.store import Store, open_store

ROUNDS = 10


@pytest.fixture(scope="module", params=BOTH)
def ready(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, subprocess.Popen[str]]]:
    """A database, and a process whose children are killed while they book in it."""
    name = str(tmp_path_factory.mktemp("kills") / "a.db")
    if request.param == "postgres":
        name = request.getfixturevalue("postgres").database()
    with open_store(name) as store, victims(name) as process:
        yield store, process


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_call_leaves_one_booking_or_none_and_nothing_told_is_lost(
    moment: str, ready: tuple[Store, subprocess.Popen[str]]
) -> None:
    tally = kill_calls(*ready, moment, ROUNDS, again=2)
    assert tally.faults == []
    assert tally.killed == ROUNDS
    assert tally.booked == {"sent": 0, "during": tally.booked}.get(moment, ROUNDS)
    assert tally.told == {"told": ROUNDS, "during": tally.told}.get(moment, 0)
    if moment != "during":
        due = "booked" if moment == "sent" else "you already have that booking, with its number"
        assert tally.again == {due: 2}
