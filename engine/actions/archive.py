"""What happened in calls, kept in the database: entries are queued by the call and written in the background.

A call never waits for the log. A thread writes what is queued, a tenth of a second's worth in one transaction, so that
who looks on sees a call as it goes. While the database is full, locked or away, everything waits in the queue and is
written when it is back; beyond `MOST` entries, the newest are dropped and counted, and the program's own log says so.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

import sqlalchemy as sa

from engine.actions.counting import Counted, Missed, count_call
from engine.actions.failures import Refused, StoreError, Unsure
from engine.actions.history import Search, chosen_calls, words_of
from engine.actions.schema import call_events, call_words, calls, flows, insert

Change: TypeAlias = Callable[[sa.Connection], Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """What is put into a table with all others of a batch, after its changes."""

    table: sa.Table
    rows: Sequence[Mapping[str, Any]]

    def __call__(self, connection: sa.Connection) -> None:
        insert(connection, self.table, self.rows)


MOST: Final = 20_000
"""Entries that wait for a database that does not take them: a minute of a hundred calls, some 40 MB."""
_BATCH: Final = 500
_GATHER: Final = 0.1
"""Seconds for which the first entry of a batch waits for more, so that many calls do not mean many commits."""
_AGAIN: Final = 1.0
"""Seconds between two tries while the database takes nothing."""
_LAST_TRIES: Final = 5.0
"""Seconds for which a store that is closed still tries to write what is left."""
_log = logging.getLogger(__name__)


class Database(Protocol):
    """What the archive needs of the store."""

    def read(self, work: Callable[[sa.Connection], Any]) -> Any: ...

    def write(self, work: Callable[[sa.Connection], Any], seconds: float = 5.0, *, alone: bool = True) -> Any: ...


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call; `outcome` and `ended` are None while it goes on or when its process died. `line` is what the telephone
    system calls it, `recording` a path under the store's recordings."""

    id: str
    flow: str
    version: str
    language: str
    timezone: str
    caller: str | None
    called: str | None
    line: str | None
    started: datetime
    recording: str | None = None
    ended: datetime | None = None
    outcome: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A version of a flow: its files as text, by name, and which of them is the flow itself."""

    version: str
    name: str
    file: str
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `kind` is event, effect or timing, `body` JSON data."""

    seq: int
    at: datetime
    kind: str
    body: Mapping[str, Any]


class Archive:
    """The log of calls of one store. `keep_*` never block; `flush` waits until all that was kept is written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[Change | threading.Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._closing = threading.Event()
        self._flows: set[str] = set()
        self.lost = 0
        """Entries that were dropped, because the database took nothing for so long or refused them."""

    def keep_flow(self, version: str, name: str, file: str, sources: Mapping[str, str]) -> None:
        """The files of a version of a flow, and which of them is the flow itself; kept once, with its first call."""
        if version in self._flows:
            return
        self._flows.add(version)
        row = {"version": version, "name": name, "file": file, "sources": dict(sources)}
        self._put(lambda connection: insert(connection, flows, [row]))

    def keep_call(self, call: Mapping[str, Any]) -> None:
        """A call began; the names are those of `CallRow`."""
        row = dict(call)
        self._put(lambda connection: insert(connection, calls, [row]))

    def keep_entry(self, call_id: str, seq: int, at: datetime, kind: str, body: Mapping[str, Any]) -> None:
        """Something happened in a call that began."""
        row = {"call_id": call_id, "seq": seq, "at": at, "kind": kind, "body": body}
        self._put_entry(Rows(call_events, [row]))

    def keep_words(self, call_id: str, text: str) -> None:
        """Words by which the call is found; they are forgotten with what was said in it."""
        rows = [{"call_id": call_id, "word": word} for word in words_of(text)]
        if rows:
            self._put_entry(Rows(call_words, rows))

    def keep(self, change: Change) -> None:
        """Anything else that is written with what was kept before; it may be tried more than once."""
        self._put(change)

    def keep_end(self, call_id: str, outcome: str, at: datetime, recording: str | None = None) -> None:
        """The call ended."""
        done = sa.update(calls).where(calls.c.id == call_id).values(outcome=outcome, ended=at, recording=recording)
        self._put(lambda connection: connection.execute(done))

    def keep_numbers(
        self, call_id: str, flow: str, at: datetime, counts: Sequence[Counted], misses: Sequence[Missed]
    ) -> None:
        """What the call adds to the numbers of its hour; it is added once, however often this is written."""
        self._put(lambda connection: count_call(connection, call_id, flow, at, counts, misses))

    def calls(self, limit: int = 100) -> list[CallRow]:
        """The newest calls, newest first."""
        return self.search(Search(), limit)

    def search(self, wanted: Search, limit: int = 100, offset: int = 0) -> list[CallRow]:
        """The calls that fit, newest first, without the first `offset` of them."""
        self.flush()
        chosen = chosen_calls(wanted, calls).order_by(calls.c.started.desc(), calls.c.id)
        return [_call(row) for row in self._rows(chosen.limit(limit).offset(offset))]

    def count(self, wanted: Search) -> int:
        """How many calls fit."""
        self.flush()
        ((found,),) = (row.values() for row in self._rows(chosen_calls(wanted, sa.func.count())))
        return int(found)

    def call(self, call_id: str) -> CallRow | None:
        """One call, or None."""
        self.flush()
        return next((_call(row) for row in self._rows(sa.select(calls).where(calls.c.id == call_id))), None)

    def flow(self, version: str) -> FlowRow | None:
        """A version of a flow that took calls, or None."""
        self.flush()
        return next((FlowRow(**row) for row in self._rows(sa.select(flows).where(flows.c.version == version))), None)

    def entries(self, call_id: str, after: int = 0) -> list[Entry]:
        """All that happened in a call, in order; of a call that goes on, what came `after` the last `seq` known."""
        self.flush()
        columns = (call_events.c.seq, call_events.c.at, call_events.c.kind, call_events.c.body)
        of_call = (call_events.c.call_id == call_id, call_events.c.seq > after)
        chosen = sa.select(*columns).where(*of_call).order_by(call_events.c.seq)
        return [Entry(**row) for row in self._rows(chosen)]

    def flush(self, seconds: float = 10.0) -> bool:
        """Waits until everything kept so far is written; False when that takes longer than `seconds`."""
        if self._thread is None:
            return True
        written = threading.Event()
        self._put(written)
        return written.wait(seconds)

    def close(self) -> None:
        """Writes what is left and ends the thread."""
        with self._starting:
            if self._thread is not None:
                self._closing.set()
                self._queue.put(None)
                self._thread.join(timeout=30.0)
                self._thread = None

    def _rows(self, chosen: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = self._database.read(
            lambda connection: [dict(row) for row in connection.execute(chosen).mappings()]
        )
        return rows

    def _put(self, change: Change | threading.Event) -> None:
        self._queue.put(change)
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="archive", daemon=True)
                    self._thread.start()

    def _put_entry(self, change: Rows) -> None:
        if self._queue.qsize() < MOST:
            self._put(change)
            return
        if self.lost % MOST == 0:
            _log.error("the call log cannot be written: %d entries wait, and new ones are lost", MOST)
        self.lost += 1

    def _run(self) -> None:
        """Takes what is there, up to a batch, and writes it in one transaction; then tells who waits for it."""
        going = True
        while going:
            batch, waiting, going = self._take()
            self._write(batch)
            for written in waiting:
                written.set()

    def _take(self) -> tuple[list[Change], list[threading.Event], bool]:
        """The next batch, who waits for it, and whether more will come."""
        batch: list[Change] = []
        waiting: list[threading.Event] = []
        item = self._queue.get()
        until = time.monotonic() + _GATHER
        while item is not None:
            if isinstance(item, threading.Event):
                waiting.append(item)
                until = 0.0  # somebody waits for what is there now
            else:
                batch.append(item)
            if len(batch) >= _BATCH:
                return batch, waiting, True
            try:
                left = until - time.monotonic()
                item = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                return batch, waiting, True
        return batch, waiting, False

    def _write(self, batch: list[Change]) -> None:
        """One transaction, tried until the database takes it. If something in it is refused, each change on its own, so
        that one cannot spoil another."""
        gives_up: float | None = None
        while batch:
            try:
                self._database.write(lambda connection: _write_all(connection, batch), 20.0, alone=False)
                return
            except Refused as fault:
                if len(batch) > 1:
                    for change in batch:
                        self._write([change])
                else:
                    self._lose(1, fault)
                return
            except (StoreError, Unsure) as fault:
                if self._closing.is_set():
                    gives_up = gives_up or time.monotonic() + _LAST_TRIES
                    if time.monotonic() >= gives_up:
                        self._lose(len(batch), fault)
                        return
                    time.sleep(_AGAIN / 10)
                else:
                    _log.warning("the call log waits for its database: %s", fault)
                    self._closing.wait(_AGAIN)

    def _lose(self, entries: int, fault: Exception) -> None:
        self.lost += entries
        _log.error("%d entries of the call log could not be written: %s", entries, fault)


def _call(row: Mapping[str, Any]) -> CallRow:
    return CallRow(**{name: value for name, value in row.items() if name != "counted"})


def _write_all(connection: sa.Connection, batch: Sequence[Change]) -> None:
    """The changes in their order, then the rows of each table at once: a call is there before what happened in it."""
    rows: dict[sa.Table, list[Mapping[str, Any]]] = {}
    for change in batch:
        if isinstance(change, Rows):
            rows.setdefault(change.table, []).extend(change.rows)
        else:
            change(connection)
    for table, all_rows in rows.items():
        insert(connection, table, all_rows)
