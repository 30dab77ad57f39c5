"""What is forgotten and when: the sound and the words of calls after some days, bookings only where configured."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from engine.actions.details import recordings_in
from engine.actions.schema import bookings, call_events, call_words, calls, deliveries, misses, outbound_calls

_SOUND: Final = frozenset({".wav", ".flac", ".ogg", ".raw"})


@dataclass(frozen=True, slots=True)
class Purged:
    """How many callers were forgotten, how many bookings and how many files were deleted."""

    calls: int = 0
    bookings: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days each kind of data is kept: sound, what was said, who called; `bookings` after their end, None
    for ever."""

    recordings: int = 30
    transcripts: int = 30
    numbers: int = 30
    bookings: int | None = None


USUAL: Final = Keep()
"""Where the settings say nothing."""


def purge_rows(connection: sa.Connection, now: datetime, keep: Keep) -> tuple[Purged, frozenset[str]]:
    """Deletes what was said in old calls and who called; answers the recordings that coming bookings still need."""
    said, who, sound = (now - timedelta(days=days) for days in (keep.transcripts, keep.numbers, keep.recordings))
    old = sa.select(calls.c.id).where(calls.c.started < said)
    for table in (call_events, call_words, misses):
        connection.execute(sa.delete(table).where(table.c.call_id.in_(old)))
    _forget_callers(connection, who)
    known = calls.c.caller.is_not(None) | calls.c.line.is_not(None)
    forgotten = connection.execute(sa.update(calls).where(calls.c.started < who, known).values(caller=None, line=None))
    heard = calls.c.recording.is_not(None)
    connection.execute(sa.update(calls).where(calls.c.started < sound, heard).values(recording=None))
    over = (deliveries.c.created < said, deliveries.c.due.is_(None))
    connection.execute(sa.delete(deliveries).where(*over))
    connection.execute(sa.delete(outbound_calls).where(outbound_calls.c.at < who))
    dropped = 0
    if keep.bookings is not None:
        past = bookings.c.ends < now - timedelta(days=keep.bookings)
        dropped = connection.execute(sa.delete(bookings).where(past)).rowcount
    coming = sa.select(bookings.c.name_recording, bookings.c.note_recording, bookings.c.details).where(
        bookings.c.status == "booked", bookings.c.ends > now
    )
    kept = ((name, note, *recordings_in(details)) for name, note, details in connection.execute(coming))
    refs = frozenset(ref for some in kept for ref in some if ref)
    return Purged(forgotten.rowcount, dropped), refs


def _forget_callers(connection: sa.Connection, limit: datetime) -> None:
    """A number stands also where a call's transcript begins, which may be kept for longer."""
    first = sa.and_(call_events.c.call_id == calls.c.id, call_events.c.kind == "event", call_events.c.seq == 1)
    chosen = sa.select(call_events.c.id, call_events.c.body).select_from(calls.join(call_events, first))
    for row in connection.execute(chosen.where(calls.c.started < limit, calls.c.caller.is_not(None))).all():
        without = {**row.body, "caller": None}
        connection.execute(sa.update(call_events).where(call_events.c.id == row.id).values(body=without))


def purge_files(folder: Path, keep: Collection[str], now: datetime, days: int) -> int:
    """Deletes the recordings under `folder` that are older than `days` and not in `keep` (paths relative to it), and
    the folders that this empties; answers how many recordings there were."""
    limit = (now - timedelta(days=days)).timestamp()
    kept = {(folder / ref).resolve() for ref in keep}
    old = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in _SOUND and path.is_file() and path.stat().st_mtime < limit and path.resolve() not in kept
    ]
    for path in old:
        path.unlink(missing_ok=True)
        if path.parent != folder and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return len(old)
