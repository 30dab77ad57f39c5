"""What happened in calls, kept in the database: entries are queued by the call and written in the background."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from engine.actions.schema import call_events, calls, flows
from engine.errors import FrontdeskError

Change: TypeAlias = Callable[[sa.Connection], Any]

_BATCH: Final = 500
_log = logging.getLogger(__name__)


class Database(Protocol):
    """What the archive needs of the store."""

    def read(self, work: Callable[[sa.Connection], Any]) -> Any: ...

    def write(self, work: Callable[[sa.Connection], Any], seconds: float = 5.0) -> Any: ...


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
        self._flows: set[str] = set()

    def keep_flow(self, version: str, name: str, file: str, sources: Mapping[str, str]) -> None:
        """The files of a version of a flow, and which of them is the flow itself; kept once, with its first call."""
        if version in self._flows:
            return
        self._flows.add(version)
        row = {"version": version, "name": name, "file": file, "sources": dict(sources)}
        self._put(lambda connection: connection.execute(insert(flows).values(row).on_conflict_do_nothing()))

    def keep_call(self, call: Mapping[str, Any]) -> None:
        """A call began; the names are those of `CallRow`."""
        row = dict(call)
        self._put(lambda connection: connection.execute(sa.insert(calls), row))

    def keep_entry(self, call_id: str, seq: int, at: datetime, kind: str, body: Mapping[str, Any]) -> None:
        """Something happened in a call that began."""
        row = {"call_id": call_id, "seq": seq, "at": at, "kind": kind, "body": body}
        self._put(lambda connection: connection.execute(sa.insert(call_events), row))

    def keep_end(self, call_id: str, outcome: str, at: datetime, recording: str | None = None) -> None:
        """The call ended."""
        done = sa.update(calls).where(calls.c.id == call_id).values(outcome=outcome, ended=at, recording=recording)
        self._put(lambda connection: connection.execute(done))

    def calls(self, limit: int = 100) -> list[CallRow]:
        """The newest calls, newest first."""
        self.flush()
        chosen = sa.select(calls).order_by(calls.c.started.desc(), calls.c.id).limit(limit)
        return [CallRow(**row) for row in self._rows(chosen)]

    def call(self, call_id: str) -> CallRow | None:
        """One call, or None."""
        self.flush()
        return next((CallRow(**row) for row in self._rows(sa.select(calls).where(calls.c.id == call_id))), None)

    def flow(self, version: str) -> FlowRow | None:
        """A version of a flow that took calls, or None."""
        self.flush()
        return next((FlowRow(**row) for row in self._rows(sa.select(flows).where(flows.c.version == version))), None)

    def entries(self, call_id: str) -> list[Entry]:
        """All that happened in a call, in order."""
        self.flush()
        columns = (call_events.c.seq, call_events.c.at, call_events.c.kind, call_events.c.body)
        chosen = sa.select(*columns).where(call_events.c.call_id == call_id).order_by(call_events.c.seq)
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

    def _run(self) -> None:
        """Takes what is there, up to a batch, and writes it in one transaction; then tells who waits for it."""
        going = True
        while going:
            batch: list[Change] = []
            waiting: list[threading.Event] = []
            while True:
                item = self._queue.get()
                if isinstance(item, threading.Event):
                    waiting.append(item)
                elif item is not None:
                    batch.append(item)
                if item is None or len(batch) == _BATCH or self._queue.empty():
                    break
            going = item is not None
            self._write(batch)
            for written in waiting:
                written.set()

    def _write(self, batch: list[Change]) -> None:
        """One transaction; if something in it is refused, each change on its own, so that one cannot spoil another."""
        if not batch:
            return
        try:
            self._database.write(lambda connection: [change(connection) for change in batch], 20.0)
        except FrontdeskError:
            for change in batch:
                try:
                    self._database.write(change, 20.0)
                except FrontdeskError as fault:
                    _log.error("an entry of the call log could not be written: %s", fault)
