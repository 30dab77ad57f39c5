"""Kills booking calls and looks at what is left: the bookings, the log, and what the caller was told.

python tests/actions/kills.py [ROUNDS]    kills on both databases and prints the table that docs/integration.md shows
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.actions.ledger import Booking, bookings_of, committed
from engine.actions.schema import changes, commits, holds
from engine.actions.store import Store, open_store
from engine.watch.encoding import decode

MOMENTS = ("sent", "during", "committed", "unspoken", "told")
BEGAN = datetime(2027, 1, 5, 12, 0, tzinfo=ZoneInfo("Europe/London"))
"""A Tuesday; each round is a week later, so that no round takes a table from another."""
VICTIM = Path(__file__).parent / "victim.py"


@dataclass
class Tally:
    """What was left of the calls of one moment."""

    killed: int = 0
    booked: int = 0
    told: int = 0
    again: Counter[str] = field(default_factory=Counter)
    """What the same caller heard when they called again."""
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Aftermath:
    """One call after its end: `told` are the prompts that the caller heard, `numbers` the booking numbers in them."""

    signal: int
    told: frozenset[str]
    numbers: frozenset[str]


@contextmanager
def victims(database: str) -> Iterator[subprocess.Popen[str]]:
    """The process whose children are killed."""
    command = [sys.executable, str(VICTIM), database]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def hold(process: subprocess.Popen[str], call: str, moment: str, week: int) -> Aftermath:
    """Holds one call to its end, whatever that is."""
    assert process.stdin is not None
    assert process.stdout is not None
    at = BEGAN + timedelta(weeks=week)
    order = {"call": call, "moment": moment, "at": at.isoformat(), "day": (at + timedelta(days=1)).date().isoformat()}
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    lines: list[dict[str, Any]] = []
    while not lines or "died" not in lines[-1]:
        lines.append(json.loads(process.stdout.readline()))
    heard = lines[:-1]
    ids = frozenset(prompt for line in heard for prompt in line["told"])
    return Aftermath(lines[-1]["died"], ids, frozenset(number for line in heard for number in line["numbers"]))


def kill_calls(store: Store, process: subprocess.Popen[str], moment: str, rounds: int, again: int) -> Tally:
    """Kills one call a round, looks, and in the first rounds lets the same caller call `again`."""
    tally = Tally()
    first = MOMENTS.index(moment) * rounds
    for week in range(first, first + rounds):
        call = f"{moment}-{week}"
        after = hold(process, call, moment, week)
        store.write(lambda connection: None)  # waits for what PostgreSQL still does for the dead process
        tally.killed += after.signal == 9
        tally.told += "done" in after.told
        mine = [booking for booking in store.read(bookings_of) if booking.call_id == call]
        tally.booked += len(mine)
        tally.faults += [f"{call}: {fault}" for fault in faults(store, call, moment, after, mine)]
        if week >= first + again:
            continue
        second = hold(process, f"{call}-again", "spared", week)
        tally.again[said(second, mine)] += 1
        left = [booking for booking in store.read(bookings_of) if booking.call_id.removesuffix("-again") == call]
        if len(left) != 1:
            tally.faults.append(f"{call}: {len(left)} bookings after the second call")
    return tally


def faults(store: Store, call: str, moment: str, after: Aftermath, mine: list[Booking]) -> Iterator[str]:
    """Everything that does not fit together."""
    due = {"sent": (0,), "during": (0, 1)}.get(moment, (1,))
    if after.signal != 9:
        yield f"ended by {after.signal}, not by the kill"
    if len(mine) not in due:
        yield f"{len(mine)} bookings"
    if ("done" in after.told) != bool(after.numbers) or not after.numbers <= {one.reference for one in mine}:
        yield "the caller was told a number that is not booked"
    yield from _tables_disagree(store, call, mine)
    yield from _log_disagrees(store, call, mine)


def _tables_disagree(store: Store, call: str, mine: list[Booking]) -> Iterator[str]:
    def look(connection: sa.Connection) -> tuple[int, int, list[Any]]:
        ids = [booking.id for booking in mine]
        held = connection.execute(sa.select(holds.c.booking_id).distinct().where(holds.c.booking_id.in_(ids))).all()
        noted = connection.execute(sa.select(changes.c.id).where(changes.c.call_id == call)).all()
        of_call = (commits.c.call_id == call, commits.c.does == "booking.book")
        keys = connection.execute(sa.select(commits.c.key).where(*of_call)).scalars()
        return len(held), len(noted), [committed(connection, key) for key in keys]

    held, noted, kept = store.read(look)
    if not held == noted == len(kept) == len(mine):
        yield f"{len(mine)} bookings, {held} held, {noted} in the history, {len(kept)} commits"
    if any(outcome != "booked" or booking not in mine for outcome, booking in kept):
        yield "looking the commit up gives something else"
    if any(booking.heard_by_caller for booking in mine):
        yield "the booking counts as heard, but the process died before the caller had heard all of it"


def _log_disagrees(store: Store, call: str, mine: list[Booking]) -> Iterator[str]:
    entries = store.archive.entries(call)
    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)):
        yield "the log has holes"
    logged = [decode(entry.body) for entry in entries if entry.kind == "event"]
    references = [event.values["reference"] for event in logged if getattr(event, "outcome", "") == "booked"]
    if any(reference not in [booking.reference for booking in mine] for reference in references):
        yield "the log tells of a booking that is not there"
    row = store.archive.call(call)
    if entries and (row is None or row.outcome is not None):
        yield "the call does not stand in the log as one that broke off"


def said(after: Aftermath, mine: list[Booking]) -> str:
    """What the second call came to."""
    if after.signal != 0:
        return f"died by {after.signal}"
    if "known" in after.told and after.numbers == {booking.reference for booking in mine}:
        return "you already have that booking, with its number"
    return "booked" if "done" in after.told else "something else"


def _row(kind: str, moment: str, tally: Tally) -> str:
    again = ", ".join(f"{count} × {what}" for what, count in tally.again.items())
    cells = (kind, moment, tally.killed, tally.booked, tally.told, again, len(tally.faults) or "nothing")
    return "| " + " | ".join(map(str, cells)) + " |"


def main(rounds: int) -> int:
    from postgres_server import running

    bad = 0
    print("| database | killed | calls | bookings | caller was told | the same caller, calling again | lost |")
    print("|" + " --- |" * 7)
    with tempfile.TemporaryDirectory() as folder, running() as server:
        for kind, database in (("SQLite", str(Path(folder) / "a.db")), ("PostgreSQL", server.database())):
            with open_store(database) as store, victims(database) as process:
                for moment in MOMENTS:
                    tally = kill_calls(store, process, moment, rounds, again=rounds)
                    print(_row(kind, moment, tally), flush=True)
                    print("\n".join(tally.faults[:5]), end="\n" if tally.faults else "", file=sys.stderr)
                    bad += len(tally.faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
