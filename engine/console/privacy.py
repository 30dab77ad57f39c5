"""Privacy: what is kept, why, how long and how much of it; all of one caller as a file, or deleted."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from engine.actions import schema
from engine.actions.archive import CallRow
from engine.actions.dossier import Dossier, digits_of, dossier, forget, remove, sounds
from engine.actions.export import booking_data
from engine.actions.store import Store
from engine.console.navigation import ADMINS, STAFF
from engine.console.pages import Pages
from engine.console.visit import Visit
from engine.watch.account import account

pages = Pages()

_SHOWN: Final = 3
_README: Final = """All that frontdesk keeps of the caller with this number.

caller.json      calls with every event, bookings, messages, calls that were made to them
calls/ID.txt     what was said, to be read
recordings/      sound: the caller is on the left side, we are on the right

Values that the flow calls sensitive are not kept and cannot be given; they show as dots.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data. `days` is how long it is kept, None for ever; `oldest` when the oldest of it is from."""

    name: str
    why: str
    days: int | None
    count: int
    unit: str
    oldest: datetime | None
    key: str


@pages.get("/privacy", roles=STAFF)
async def index(visit: Visit) -> Response:
    kinds = await visit.run(lambda: _kinds(visit))
    flows = await visit.run(visit.parts.lines.flows)
    masked = {
        flow.name: [slot.label or slot.name for slot in flow.slots.values() if slot.sensitive]
        for flow in flows.values()
    }
    return visit.page("privacy/index.html", kinds=kinds, masked=masked, zone=visit.parts.zone)


@pages.get("/privacy/size", roles=STAFF)
async def size(visit: Visit) -> Response:
    """How much there is on the disk; a part, since files have to be looked at one by one."""
    recordings, database = await visit.run(lambda: _sizes(visit.parts.store, visit.parts.settings.database))
    return visit.page("privacy/size.html", recordings=recordings, database=database)


@pages.post("/privacy/purge", roles=ADMINS)
async def purge(visit: Visit) -> Response:
    """Deletes at once what is due, as the server does once a day."""
    store, now, keep = visit.parts.store, visit.now, visit.parts.settings.keep
    purged = await visit.run(lambda: store.purge(now, keep))
    await visit.audit("privacy.purge", "", calls=purged.calls, bookings=purged.bookings, files=purged.files)
    told = f"Deleted: {purged.calls} callers, {purged.files} recordings, {purged.bookings} bookings."
    return visit.back_to("/privacy", told)


@pages.post("/privacy/caller", roles=ADMINS)
async def caller(visit: Visit) -> Response:
    """All of one caller. By POST, so that no number stands in an address, a history or a log."""
    form = await visit.form()
    number = str(form.get("number", "")).strip()
    return await _caller(visit, number, _chosen(form.getlist("call")))


@pages.post("/privacy/export", roles=ADMINS)
async def export(visit: Visit) -> Response:
    form = await visit.form()
    number, chosen = str(form.get("number", "")).strip(), _chosen(form.getlist("call"))
    if not digits_of(number):
        return await _caller(visit, number, chosen)
    store, now = visit.parts.store, visit.now
    path = await visit.run(lambda: _archive(store, number, now, chosen))
    await visit.audit("privacy.export", _hidden(number))
    name = f"caller-{digits_of(number)[-_SHOWN:]}-{now:%Y-%m-%d}.zip"
    done = BackgroundTask(os.unlink, path)
    return FileResponse(path, media_type="application/zip", filename=name, background=done)


@pages.post("/privacy/forget", roles=ADMINS)
async def forget_caller(visit: Visit) -> Response:
    """Deletes all of one caller, in the database and on the disk; the number must be written once more."""
    form = await visit.form()
    number, chosen = str(form.get("number", "")).strip(), _chosen(form.getlist("call"))
    if not digits_of(number) or digits_of(str(form.get("again", ""))) != digits_of(number):
        problem = "Write the number once more to delete: the two are not the same." if digits_of(number) else ""
        return await _caller(visit, number, chosen, problem)
    store, now = visit.parts.store, visit.now
    found, files = await visit.run(lambda: _forget(store, number, now, chosen))
    counted = {"calls": len(found.calls), "bookings": len(found.bookings), "messages": len(found.messages)}
    await visit.audit("privacy.forget", _hidden(number), recordings=files, **counted)
    told = f"Deleted: {counted['calls']} calls, {counted['bookings']} bookings, {files} recordings."
    return visit.back_to("/privacy", told)


async def _caller(visit: Visit, number: str, chosen: Sequence[str], problem: str = "") -> Response:
    if not digits_of(number):
        kinds = await visit.run(lambda: _kinds(visit))
        told = "Give the whole number, at least six digits."
        return visit.page("privacy/index.html", 422, kinds=kinds, masked={}, zone=visit.parts.zone, problem=told)
    store, now = visit.parts.store, visit.now
    found = await visit.run(lambda: store.read(lambda connection: dossier(connection, number, now, chosen)))
    files = await visit.run(lambda: sounds(store.recordings, found))
    about: dict[str, Any] = {"number": number, "chosen": chosen, "problem": problem, "files": len(files)}
    coming = [one for one in found.bookings if one.status == "booked" and one.ends > now]
    return visit.page("privacy/caller.html", 422 if problem else 200, found=found, coming=coming, **about)


def _chosen(values: Sequence[object]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _hidden(number: str) -> str:
    """A number as the audit may keep it: who deleted what must be known, whom it was about must not."""
    return f"…{digits_of(number)[-_SHOWN:]}"


def _forget(store: Store, number: str, now: datetime, chosen: Sequence[str]) -> tuple[Dossier, int]:
    store.archive.flush()

    def work(connection: sa.Connection) -> tuple[Dossier, frozenset[str]]:
        found = dossier(connection, number, now, chosen)
        return found, forget(connection, found)

    found, refs = store.write(work, 30.0)
    files = sounds(store.recordings, found, refs)
    return found, remove(store.recordings, files) if store.recordings else 0


def _archive(store: Store, number: str, now: datetime, chosen: Sequence[str]) -> Path:
    """A ZIP file of all that is kept of a caller, in a file of its own that whoever sends it deletes."""
    store.archive.flush()
    found = store.read(lambda connection: dossier(connection, number, now, chosen))
    handle, name = tempfile.mkstemp(suffix=".zip")
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README)
        archive.writestr("caller.json", json.dumps(_data(store, number, now, found), indent=2, ensure_ascii=False))
        for call in found.calls:
            archive.writestr(f"calls/{call.id}.txt", _script(store, call))
        for path in sounds(store.recordings, found):
            assert store.recordings is not None
            archive.write(path, f"recordings/{path.relative_to(store.recordings.resolve())}")
    return Path(name)


def _data(store: Store, number: str, now: datetime, found: Dossier) -> dict[str, Any]:
    return {
        "number": number,
        "exported": now.isoformat(timespec="seconds"),
        "calls": [_call_data(store, call) for call in found.calls],
        "bookings": [booking_data(one) for one in found.bookings],
        "messages": [
            {
                "kind": one.kind,
                "to": one.recipient,
                "sent": one.created.isoformat(),
                "state": one.state,
                "body": one.body,
            }
            for one in found.messages
        ],
        "called_by_us": [
            {"campaign": one.campaign, "at": one.at.isoformat(), "outcome": one.outcome} for one in found.tried
        ],
    }


def _call_data(store: Store, call: CallRow) -> dict[str, Any]:
    entries = store.archive.entries(call.id)
    return {
        "id": call.id,
        "flow": call.flow,
        "language": call.language,
        "caller": call.caller,
        "called": call.called,
        "started": call.started.isoformat(),
        "ended": call.ended.isoformat() if call.ended else None,
        "outcome": call.outcome,
        "recording": call.recording,
        "events": [{"at": one.at.isoformat(), "kind": one.kind, "body": one.body} for one in entries],
    }


def _script(store: Store, call: CallRow) -> str:
    out = io.StringIO()
    for line in account(store.archive.entries(call.id), call.language):
        meant = f"   [{line.understood}]" if line.understood else ""
        out.write(f"{line.at:%Y-%m-%d %H:%M:%S}  {line.who:<7} {line.text}{meant}\n")
    return out.getvalue()


def _kinds(visit: Visit) -> list[Kind]:
    keep = visit.parts.settings.keep
    return visit.parts.store.read(lambda connection: list(_counted(connection, keep)))


def _counted(connection: sa.Connection, keep: Any) -> Iterator[Kind]:
    calls, bookings, outbound = schema.calls, schema.bookings, schema.outbound_calls
    words = sa.select(schema.call_events.c.id).where(schema.call_events.c.call_id == calls.c.id, _FIRST).exists()

    def told(when: Any, *where: Any) -> tuple[int, datetime | None]:
        row = connection.execute(sa.select(sa.func.count(), sa.func.min(when)).where(*where)).one()
        return row[0], row[1]

    rows = (
        ("Recordings", "so that a call can be heard again where its caller agreed", keep.recordings, "calls",
         told(calls.c.started, calls.c.recording.is_not(None)), "recordings.keep"),
        ("Transcripts", "so that faults are found, and calls become tests", keep.transcripts, "calls",
         told(calls.c.started, words), "transcripts.keep"),
        ("Words not understood", "so that the flow learns them", keep.transcripts, "wordings",
         told(schema.misses.c.at), "transcripts.keep"),
        ("Callers' numbers", "so that callers can be called back; flows may mask them", keep.numbers, "calls",
         told(calls.c.started, calls.c.caller.is_not(None)), "numbers.keep"),
        ("Numbers that we called", "so that nobody is called twice", keep.numbers, "calls",
         told(outbound.c.at), "numbers.keep"),
        ("Messages that were sent", "so that they arrive once", keep.transcripts, "messages",
         told(schema.deliveries.c.created), "transcripts.keep"),
        ("Bookings", "so that guests and patients are expected", keep.bookings, "bookings",
         told(bookings.c.created), "bookings.keep"),
        ("Calls without words and numbers", "so that it is known when there was a call and how it ended", None, "calls",
         told(calls.c.started), ""),
        ("Numbers by the hour", "for the page Numbers; nobody can be told by them", None, "numbers",
         told(schema.counts.c.hour), ""),
        ("Who changed what here", "so that changes can be traced to their author", None, "entries",
         told(schema.audit.c.at), ""),
    )  # fmt: skip
    for name, why, days, unit, (count, oldest), key in rows:
        yield Kind(name, why, days, count, _ONE[unit] if count == 1 else unit, oldest, key)


_ONE: Final = {
    "calls": "call", "wordings": "wording", "messages": "message", "bookings": "booking", "numbers": "number",
    "entries": "entry",
}  # fmt: skip
_FIRST: Final = schema.call_events.c.seq == 1


def _sizes(store: Store, database: str) -> tuple[int, int | None]:
    """Bytes of all recordings, and of the database where it is a file."""
    folder = store.recordings
    sound = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder else 0
    files = [Path(f"{database}{ending}") for ending in ("", "-wal")] if "://" not in database else []
    kept = [path.stat().st_size for path in files if path.is_file()]
    return sound, sum(kept) if kept else None
