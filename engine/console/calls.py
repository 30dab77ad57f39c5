"""Calls: found by time, number, outcome, flow, variant and words; each with its sound, its times and its way."""

from __future__ import annotations

import re
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from engine.actions import schema
from engine.actions.archive import CallRow
from engine.actions.history import Search
from engine.actions.store import Store
from engine.console.again import Again
from engine.console.navigation import EVERYONE
from engine.console.pages import Pages
from engine.console.plots import stacked
from engine.console.transcript import ANSWER, STAGES, answers, shown_lines
from engine.console.visit import Visit
from engine.errors import FrontdeskError

pages = Pages()

A_PAGE: Final = 50
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_FILTERS: Final = ("text", "number", "outcome", "flow", "variant", "since", "until")


@dataclass(frozen=True, slots=True)
class Options:
    """What calls can be chosen by."""

    flows: tuple[str, ...]
    outcomes: tuple[str, ...]
    variants: tuple[str, ...]


@pages.get("/calls", roles=EVERYONE)
async def index(visit: Visit) -> Response:
    asked = {name: visit.asked(name).strip() for name in _FILTERS}
    page = int(visit.asked("page", "1")) if visit.asked("page", "1").isdigit() else 1
    page = min(max(page, 1), 10_000)
    zone = await visit.run(lambda: ZoneInfo(visit.parts.zone))
    wanted = search_of(asked, zone)
    archive = visit.parts.store.archive
    count = await visit.run(lambda: archive.count(wanted))
    found = await visit.run(lambda: archive.search(wanted, A_PAGE, (page - 1) * A_PAGE))
    options = await visit.run(lambda: options_of(visit.parts.store))
    kept = {name: value for name, value in asked.items() if value}
    return visit.page(
        "calls/index.html",
        calls=found, count=count, first=(page - 1) * A_PAGE + 1, page=page, pages=max(1, -(-count // A_PAGE)),
        asked=asked, options=options, query=urlencode(kept), filtered=bool(kept), zone=visit.parts.zone, tone=tone,
    )  # fmt: skip


@pages.get("/calls/{id}", roles=EVERYONE)
async def one(visit: Visit) -> Response:
    row = await _row(visit)
    parts = visit.parts
    entries = await visit.run(lambda: parts.store.archive.entries(row.id))
    seconds = await visit.run(lambda: sound_seconds(parts.store, row))
    answered = answers(entries)
    return visit.page(
        "calls/one.html",
        row=row, tone=tone, why=why_ended(row), seconds=seconds,
        lines=shown_lines(entries, row.language, seconds),
        times=stacked([(one.to, one.stages, one.total) for one in answered], STAGES, ANSWER),
        bookings=await visit.run(lambda: _bookings(parts.store, row.id)),
        current=await visit.run(lambda: flow_on_disk(visit, row)) is not None,
        name=name_for(row),
    )  # fmt: skip


@pages.get("/calls/{id}/way", roles=EVERYONE)
async def way(visit: Visit) -> Response:
    """The flow's picture with the way of the call; a part, since drawing may take a second."""
    row = await _row(visit)
    live = await visit.run(lambda: visit.parts.calls.call(row.id))
    compiled = await visit.run(lambda: visit.parts.calls.compiled(row))
    picture = await visit.run(lambda: visit.parts.pictures.of(compiled)) if compiled else None
    visited = live.following.visited if live else []
    return visit.page("calls/way.html", picture=picture, visited=visited)


@pages.get("/calls/{id}/recording", roles=EVERYONE)
async def recording(visit: Visit) -> Response:
    """The sound of a call, or the part of it that a browser's Range asks for. Who listens is in the audit."""
    row = await _row(visit)
    path = await visit.run(lambda: sound_path(visit.parts.store, row))
    if path is None:
        raise HTTPException(404)
    if visit.connection.headers.get("range", "bytes=0-").startswith("bytes=0-"):
        await visit.audit("call.listen", row.id)
    return FileResponse(path, media_type="audio/wav", headers={"cache-control": "no-store"})


@pages.get("/calls/{id}/replay", roles=EVERYONE)
async def replay(visit: Visit) -> Response:
    row = await _row(visit)
    now = visit.asked("flow") == "now"
    path = await visit.run(lambda: flow_on_disk(visit, row)) if now else None
    again: Again = visit.parts.again
    found, fault = None, "" if path or not now else "No line has this flow any more."
    if not fault:
        try:
            found = await visit.run(lambda: again.replay(row.id, path))
        except FrontdeskError as error:
            fault = str(error)
    return visit.page("calls/replay.html", row=row, found=found, fault=fault, now=now)


@pages.get("/calls/{id}/test", roles=EVERYONE)
async def test(visit: Visit) -> Response:
    return await _test_page(visit, await _row(visit))


@pages.post("/calls/{id}/test", roles=EVERYONE)
async def save_test(visit: Visit) -> Response:
    """Writes a call as a talk file beside its flow; a file that is there already is left as it is."""
    row, form = await _row(visit), await visit.form()
    name = str(form.get("name", "")).strip().removesuffix(".talk")
    if not _NAME.fullmatch(name):
        return await _test_page(
            visit, row, name, "Give a name of small letters, digits, - and _, such as friday-for-two."
        )
    path = await visit.run(lambda: flow_on_disk(visit, row))
    if path is None:
        return await _test_page(visit, row, name, "No line has this flow any more, so there is no place for the test.")
    try:
        written = await visit.run(lambda: visit.parts.again.test(row.id, path))
        file = await visit.run(lambda: _write_new(path.parent / "talks" / f"{name}.talk", written.text))
    except FileExistsError:
        return await _test_page(visit, row, name, f"There is a test called {name} already; give another name.")
    except OSError as error:
        return await _test_page(visit, row, name, f"It cannot be written: {error.strerror}.")
    await visit.audit("call.test", row.id, file=file.name, flow=row.flow)
    return visit.back_to(f"/calls/{row.id}", f"The test is saved as {file.name}.")


async def _test_page(visit: Visit, row: CallRow, name: str = "", problem: str = "") -> Response:
    path = await visit.run(lambda: flow_on_disk(visit, row))
    written, fault = None, ""
    try:
        written = await visit.run(lambda: visit.parts.again.test(row.id, path))
    except FrontdeskError as error:
        fault = str(error)
    shown = {"row": row, "test": written, "fault": fault, "name": name or name_for(row), "problem": problem}
    return visit.page("calls/test.html", 422 if problem else 200, **shown)


def _write_new(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


async def _row(visit: Visit) -> CallRow:
    row = await visit.run(lambda: visit.parts.store.archive.call(visit.named("id")))
    if row is None:
        raise HTTPException(404)
    return row


def search_of(asked: Mapping[str, str], zone: ZoneInfo) -> Search:
    """The search that a form asks for; what cannot be read does not matter."""
    since, until = _day(asked["since"], zone), _day(asked["until"], zone, 1)
    return Search(
        text=asked["text"] or None,
        number=asked["number"] or None,
        outcome=asked["outcome"] or None,
        flow=asked["flow"] or None,
        variant=asked["variant"] or None,
        since=since,
        until=until,
    )


def _day(text: str, zone: ZoneInfo, later: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        return datetime.combine(day, time(0), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def options_of(store: Store) -> Options:
    """What calls of the log can be told apart by."""
    calls = schema.calls

    def work(connection: sa.Connection) -> Options:
        found = (
            tuple(value for (value,) in connection.execute(sa.select(column).distinct().order_by(column)) if value)
            for column in (calls.c.flow, calls.c.outcome, calls.c.variant)
        )
        return Options(*found)

    return store.read(work)


def _bookings(store: Store, call_id: str) -> list[Mapping[str, Any]]:
    """The bookings that a call made or changed."""
    bookings, commits = schema.bookings, schema.commits
    columns = (bookings.c.id, bookings.c.reference, bookings.c.day, bookings.c.status, commits.c.outcome)
    joined = commits.join(bookings, commits.c.booking_id == bookings.c.id)
    chosen = sa.select(*columns).select_from(joined).where(commits.c.call_id == call_id).order_by(commits.c.at)
    return store.read(lambda connection: [dict(found) for found in connection.execute(chosen).mappings()])


def sound_path(store: Store, row: CallRow) -> Path | None:
    """The file of a call's recording; None where there is none, or it is not under the store's recordings."""
    if row.recording is None or store.recordings is None:
        return None
    folder = store.recordings.resolve()
    path = (folder / row.recording).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None


def sound_seconds(store: Store, row: CallRow) -> float | None:
    """The length of a call's recording; None where there is none that can be played."""
    path = sound_path(store, row)
    if path is None:
        return None
    try:
        with wave.open(str(path), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (OSError, EOFError, wave.Error):
        return None


def flow_on_disk(visit: Visit, row: CallRow) -> Path | None:
    """The file of the flow that took a call, as the lines have it now; None where no line has it any more."""
    lines = visit.parts.lines
    return next((lines.settings[name].flow for name, flow in lines.flows().items() if flow.name == row.flow), None)


def name_for(row: CallRow) -> str:
    """A name for the test of a call."""
    return re.sub(r"[^a-z0-9]+", "_", f"{row.outcome or 'call'}_{row.started:%Y%m%d_%H%M}".lower()).strip("_")


_BAD: Final = ("failed", "limit", "nomatch", "noinput", "refused", "loop")


def tone(outcome: str | None) -> str:
    """The colour of how a call ended: green where it ended as its flow means it to."""
    if outcome is None:
        return "live"
    if outcome in _BAD or outcome.endswith((" failed", " unknown")):
        return "bad"
    if outcome.startswith("transfer"):
        return "info"
    return "warn" if outcome in ("hung_up", "caller_hung_up") else "good"


_WHY: Final[Mapping[str, str]] = {
    "hung_up": "The caller hung up before the flow had come to an end.",
    "goodbye": "The caller said goodbye.",
    "limit": "The call had come to a limit: too many failures, too many turns, or too long.",
    "nomatch": "We had not understood the caller as often as the flow allows.",
    "noinput": "The caller had been silent as often as the flow allows.",
    "refused": "The caller's values were refused as often as the flow allows.",
    "loop": "The conversation went round in circles as often as the flow allows.",
    "failed": "Something failed on our side; the server's log has it.",
    "operator": "The caller asked for a person.",
    "ordered_person": "Somebody at the console gave the call to a person.",
    "ordered_end": "Somebody at the console ended the call.",
}


_TRANSFERS: Final[Mapping[str, str]] = {
    "connected": "A person took the call.",
    "busy": "The person who was rung was busy.",
    "no_answer": "Nobody answered at the person who was rung.",
    "declined": "The person who was rung declined the call.",
    "closed": "Nobody was there to take the call.",
    "failed": "The call could not be given to a person.",
}


def why_ended(row: CallRow) -> str:
    """How the call ended, in a sentence."""
    if row.ended is None:
        return "It goes on, or the process that held it has died."
    outcome = row.outcome or "unknown"
    if outcome.startswith("transfer ") and outcome.removeprefix("transfer ") in _TRANSFERS:
        return _TRANSFERS[outcome.removeprefix("transfer ")]
    return _WHY.get(outcome, f"The flow came to its end at the step “{outcome}”.")
