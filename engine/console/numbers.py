"""Numbers: what came of calls, how fast we answer, where callers are not understood, and what their words were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from engine.actions.counting import Unheard, first_hour, hourly, sums, unheard
from engine.console.figures import NAMES, RUNGS, STAGES, by_day, by_hour, figures
from engine.console.navigation import EVERYONE, STAFF
from engine.console.pages import Pages
from engine.console.plots import bars, lines
from engine.console.shelf import Conflict
from engine.console.shelves import Work
from engine.console.texts import Texts
from engine.console.unheard import Group, groups, meanings, plain_words, with_phrase
from engine.console.visit import Visit
from engine.errors import FrontdeskError
from engine.flow.model import Flow
from engine.flow.reading import read_flow

pages = Pages()

TIMES: Final = {"1": "Today", "7": "7 days", "30": "30 days", "90": "90 days"}
USUAL: Final = "7"
MOST_GROUPS: Final = 15


@dataclass(frozen=True, slots=True)
class Time:
    """The time that is looked at, by days of a zone."""

    days: int
    since: datetime
    until: datetime
    zone: ZoneInfo


@pages.get("/numbers", roles=EVERYONE)
async def index(visit: Visit) -> Response:
    asked = visit.asked("days", USUAL)
    span = await visit.run(lambda: _time(visit, asked if asked in TIMES else USUAL))
    flow = visit.asked("flow") or None
    stage = visit.asked("stage", STAGES[0])
    stage = stage if stage in STAGES else STAGES[0]
    shown = await visit.run(lambda: _numbers(visit, span, flow, stage))
    flows = sorted({one.name for one in (await visit.run(visit.parts.lines.flows)).values()})
    times: dict[str, Any] = {"times": TIMES, "days": str(span.days), "zone": visit.parts.zone}
    about = {**times, **shown, "flow": flow or "", "flows": flows, "stage": stage, "rungs": RUNGS}
    return visit.page("numbers/index.html", **about)


@pages.get("/numbers/words", roles=EVERYONE)
async def words(visit: Visit) -> Response:
    """All groups of words that were not understood, each with what it can be made to mean."""
    asked = visit.asked("days", USUAL)
    span = await visit.run(lambda: _time(visit, asked if asked in TIMES else USUAL))
    flow = visit.asked("flow") or None
    found = groups(await visit.run(lambda: _unheard(visit, span, flow)))
    works = await visit.run(lambda: _works(visit))
    offered = {group: meanings(works[group.flow][1], group.step) for group in found[:100] if group.flow in works}
    about: dict[str, Any] = {"times": TIMES, "days": str(span.days), "flow": flow or ""}
    return visit.page("numbers/words.html", groups=found[:100], offered=offered, works=works, **about)


@pages.post("/numbers/hear", roles=STAFF)
async def hear(visit: Visit) -> Response:
    """Words become a phrase that a flow hears: a new version of it, which callers meet once it is published."""
    form = await visit.form()
    name, key = str(form.get("flow", "")), str(form.get("meaning", ""))
    phrase = plain_words(str(form.get("words", "")))
    works = await visit.run(lambda: _works(visit))
    if name not in works or not phrase:
        raise HTTPException(422)
    work, flow = works[name]
    if work.shipped:
        return visit.back_to(f"/flows/{work.name}", "This flow came with frontdesk: make your own copy here first.")
    user, now = visit.user, visit.now
    try:
        made = await visit.run(lambda: _add(work, flow.language, key, phrase, user, now))
    except (Conflict, FrontdeskError) as fault:
        return visit.back_to("/numbers/words", str(fault))
    if made is None:
        return visit.back_to("/numbers/words", "That is no longer in the flow, or it has no list of phrases.")
    await visit.audit("flow.hear", work.name, meaning=key, version=made)
    told = f"Version {made} hears it. Look at the change, then publish it."
    return visit.back_to(f"/flows/{work.name}/versions/{made}", told)


def _add(work: Work, language: str, key: str, phrase: str, user: str, now: datetime) -> int | None:
    """The number of the version in which a meaning hears a phrase more; None where it cannot be put there."""
    head = work.shelf.head()
    flow = _flow_of(work.main, head.texts, language)
    meant = next((one for one in meanings(flow) if one.key == key), None) if flow else None
    if meant is None or meant.at.file not in head.texts:
        return None
    changed = with_phrase(head.texts[meant.at.file], meant.at.line, meant.at.column, phrase)
    if changed is None:
        return None
    message = f"Hears “{phrase}” as {key}"
    return work.shelf.save(head.token, {meant.at.file: changed}, user, message, now).number


@dataclass(frozen=True, slots=True)
class _Files:
    """Texts as the folder that a flow is read from."""

    texts: Texts

    def read(self, name: str, most: int) -> bytes | None:
        text = self.texts.get(name)
        return None if text is None else text.encode()[:most]

    def shown(self, name: str) -> str:
        return name


def _flow_of(main: str, texts: Texts, language: str) -> Flow | None:
    return read_flow(_Files(texts), main, language).flow


def _works(visit: Visit) -> Mapping[str, tuple[Work, Flow]]:
    """The flows of the lines by their names, each with its folder."""
    lines, found = visit.parts.lines, {}
    for work in visit.parts.shelves.all().values():
        flow = lines.flow(work.lines[0].name)
        if flow is not None:
            found[flow.name] = (work, flow)
    return found


def _time(visit: Visit, days: str) -> Time:
    zone = ZoneInfo(visit.parts.zone)
    today = visit.now.astimezone(zone).date()
    first = datetime.combine(today - timedelta(days=int(days) - 1), time(0), zone)
    last = datetime.combine(today + timedelta(days=1), time(0), zone)
    return Time(int(days), first.astimezone(UTC), last.astimezone(UTC), zone)


def _unheard(visit: Visit, span: Time, flow: str | None) -> list[Unheard]:
    return visit.parts.store.read(lambda connection: unheard(connection, span.since, span.until, flow))


def _numbers(visit: Visit, span: Time, flow: str | None, stage: str) -> dict[str, Any]:
    """All that the page shows of a time; one look at the database."""
    within = span.since, span.until, flow
    found, calls, took, first = visit.parts.store.read(
        lambda connection: (
            sums(connection, *within, names=NAMES),
            hourly(connection, *within, name="calls"),
            hourly(connection, *within, name="stage_seconds", first=stage),
            first_hour(connection),
        )
    )
    days = by_day(
        calls,
        took,
        span.zone,
        span.since.astimezone(span.zone).date(),
        (span.until - timedelta(hours=1)).astimezone(span.zone).date(),
    )
    hours = by_hour(calls, took, span.zone)
    slices = hours if span.days == 1 else days
    grouped = groups(_unheard(visit, span, flow))
    return {
        "figures": figures(found),
        "since": first,
        "by_day": bars([(one.name, one.calls) for one in slices]),
        "by_hour": bars([(one.name, one.calls) for one in hours]),
        "answer_by_day": lines([(one.name, (one.p50, one.p95)) for one in slices], ("p50", "p95")),
        "answer_by_hour": lines([(one.name, (one.p50, one.p95)) for one in hours], ("p50", "p95")),
        "groups": grouped[:MOST_GROUPS],
        "more": max(0, len(grouped) - MOST_GROUPS),
        "percent": _percent,
        "words_of_group": _words,
    }


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _words(group: Group) -> str:
    return ", ".join(words for words, _ in group.wordings[1:4])
