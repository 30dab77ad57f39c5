"""Today: who is on the phone, and the bookings of the day or the week as a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from engine.actions.export import to_csv, to_ical
from engine.actions.history import Search
from engine.actions.ledger import Booking, bookings_between, made_since
from engine.actions.resources import Appointments, Resource, ResourceError, read_resources
from engine.console.calendar import Day, DayGrid, about, day_grid, days, week_of, who
from engine.console.navigation import EVERYONE
from engine.console.pages import Pages
from engine.console.visit import Visit
from engine.flow.model import Flow

pages = Pages()


@dataclass(frozen=True, slots=True)
class Board:
    """One flow's bookings: a grid for each resource, or a list of days where a week is shown."""

    flow: str
    grids: tuple[DayGrid, ...]
    days: tuple[Day, ...]
    services: Mapping[str, str]


@pages.get("/today", roles=EVERYONE)
async def today(visit: Visit) -> Response:
    zone = await visit.run(lambda: ZoneInfo(visit.parts.zone))
    this = visit.now.astimezone(zone).date()
    day = day_asked(visit.asked("day"), this)
    week = visit.asked("view") == "week"
    shown = week_of(day) if week else (day,)
    boards = await visit.run(lambda: _boards(visit, shown, week))
    live = await visit.run(lambda: visit.parts.calls.live(visit.now))
    numbers = await visit.run(lambda: _numbers(visit, this, zone))
    around = {"before": day - timedelta(days=7 if week else 1), "after": day + timedelta(days=7 if week else 1)}
    calendar: dict[str, Any] = {"day": day, "this": this, "week": week, "shown": shown, "boards": boards, **around}
    return visit.page("today/index.html", live=live, numbers=numbers, who=who, about=about, **calendar)


@pages.get("/today/export/{kind}", roles=EVERYONE)
async def export(visit: Visit) -> Response:
    """The bookings of a day or a week as `bookings.ics` or `bookings.csv`."""
    kind = "csv" if visit.named("kind") == "bookings.csv" else "ics"
    zone = await visit.run(lambda: ZoneInfo(visit.parts.zone))
    day = day_asked(visit.asked("day"), visit.now.astimezone(zone).date())
    shown = week_of(day) if visit.asked("view") == "week" else (day,)
    found = await visit.run(lambda: _bookings(visit, shown[0], shown[-1]))
    await visit.audit("booking.export", shown[0].isoformat(), days=len(shown), bookings=len(found), format=kind)
    content, media = (to_csv(found).encode(), "text/csv") if kind == "csv" else (to_ical(found), "text/calendar")
    name = f"bookings-{shown[0]:%Y-%m-%d}.{kind}"
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


def day_asked(text: str, otherwise: date) -> date:
    """The day of a query; another one where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def resources_of(flow: Flow) -> dict[str, Resource]:
    """The resources of a flow by name; none where they cannot work, which `check` tells."""
    try:
        return read_resources(flow.resources, flow.calendars)
    except ResourceError:
        return {}


def booked_flows(visit: Visit) -> dict[str, Flow]:
    """The flows of the lines that take bookings, by the flow's name; each once, whatever lines it answers."""
    return {flow.name: flow for flow in visit.parts.lines.flows().values() if resources_of(flow)}


def _bookings(visit: Visit, first: date, last: date) -> list[Booking]:
    return visit.parts.store.read(lambda connection: bookings_between(connection, first, last))


def _boards(visit: Visit, shown: tuple[date, ...], week: bool) -> list[Board]:
    found = _bookings(visit, shown[0], shown[-1])
    boards = []
    for name, flow in booked_flows(visit).items():
        mine, resources = [one for one in found if one.flow == name], resources_of(flow)
        offered = (one.services for one in resources.values() if isinstance(one, Appointments))
        services = {key: said for one in offered for key, said in one.items()}
        grids = () if week else tuple(day_grid(one, shown[0], mine, visit.now) for one in resources.values())
        boards.append(Board(name, grids, days(shown, mine), services))
    return boards


def _numbers(visit: Visit, this: date, zone: ZoneInfo) -> Mapping[str, int]:
    """What happened today, in three numbers."""
    since = datetime.combine(this, time(0), zone).astimezone(UTC)
    store = visit.parts.store
    expected = [one for one in _bookings(visit, this, this) if one.status == "booked"]
    return {
        "calls": store.archive.count(Search(since=since)),
        "made": store.read(lambda connection: made_since(connection, since)),
        "expected": sum(one.party_size or 1 for one in expected),
    }
