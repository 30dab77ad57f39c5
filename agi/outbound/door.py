"""`frontdesk campaign`: calls everybody whom a campaign's file names, at the hours that it allows."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import click

from agi.outbound.campaign import Campaign, callee_of, day_of, read_campaign
from agi.outbound.dialler import Outcome
from agi.outbound.opening import Outbound, never_called, outbound, sound_flow, target_of
from agi.outbound.plan import Attempt, Callee, next_moment, plain
from agi.outbound.runner import Runner
from engine.actions.ledger import bookings_of
from engine.actions.operations import booked_values
from engine.actions.outbound import calls_of
from engine.actions.resources import read_resources
from engine.actions.store import Store, open_store
from engine.flow.model import Flow
from engine.settings import Settings, load_settings


def callees_of(campaign: Campaign, flow: Flow, store: Store, now: datetime) -> Sequence[Callee]:
    """Everybody whom the campaign calls as things are now: those of the file, and those with bookings of the day."""
    found = list(campaign.calls)
    if campaign.bookings_of is not None:
        day, resources = day_of(campaign.day, now, flow.timezone), read_resources(flow.resources, flow.calendars)
        for booking in store.read(lambda connection: bookings_of(connection, day, "booked")):
            if booking.flow == campaign.bookings_of:
                values = booked_values(booking, resources.get(booking.resource))
                callee = callee_of(booking, _text(values["booked_service"]), _text(values["booked_with"]))
                found += [callee] if callee is not None else []
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def planned(campaign: Campaign, flow: Flow, store: Store, now: datetime) -> list[dict[str, str | None]]:
    """Who is still to be called, and when at the earliest: what `--plan` shows."""
    done = store.read(lambda connection: calls_of(connection, campaign.name))
    attempts = [Attempt(call.key, call.at, call.outcome) for call in done]
    rows: list[dict[str, str | None]] = []
    for callee in callees_of(campaign, flow, store, now):
        moment = next_moment(campaign.rules, (callee,), attempts, now)
        refused = plain(callee.number) in campaign.rules.never
        last = next((call.outcome or "unknown" for call in reversed(done) if call.key == callee.key), None)
        rows.append({
            "number": callee.number,
            "next": moment.isoformat(timespec="minutes") if moment else None,
            "last": "never called" if refused else last,
        })  # fmt: skip
    return rows


async def _run(settings: Settings, campaign: Campaign, flow: Flow, wait: bool,
               report: Callable[[Callee, Outcome], None]) -> Counter[str]:  # fmt: skip
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with outbound(settings, flow) as ours:
        return await runner_of(ours, campaign, report).run(stop, wait)


def runner_of(ours: Outbound, campaign: Campaign, report: Callable[[Callee, Outcome], None]) -> Runner:
    """What calls everybody of a campaign."""

    async def call(callee: Callee) -> Outcome:
        wish = ours.wish(callee.number, callee.about, campaign.ring, campaign.caller_id, campaign.machine_says)
        return await ours.dialler.call(wish, ours.desk, ours.flow.name)

    def clock() -> datetime:
        return datetime.now().astimezone()

    return Runner(
        campaign, ours.store, lambda: callees_of(campaign, ours.flow, ours.store, clock()), call, clock, report
    )


@click.command("campaign", short_help="Call everybody whom a campaign names.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--plan", is_flag=True, help="Only show who is still to be called, and when.")
@click.option("--once", is_flag=True, help="Call those who may be called now, and end instead of waiting for the rest.")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file; default ./frontdesk.yaml.")
@click.option("--json", "as_json", is_flag=True, help="Each call that ends, and how often each outcome came, as JSON.")
def command(file: Path, plan: bool, once: bool, config: Path | None, as_json: bool) -> None:
    """Call everybody whom a campaign names, such as the patients of tomorrow.

    Stopped (Ctrl-C ends it after the calls that go on) and started again, it calls nobody twice. Exits 0 when nobody is
    left to call.

    \b
    frontdesk campaign reminders.yaml --plan
    frontdesk campaign reminders.yaml
    """
    settings = load_settings(config)
    campaign = read_campaign(file, never_called(settings))
    flow = sound_flow(campaign.flow)
    if plan:
        with open_store(settings.database, settings.recordings) as store:
            rows = planned(campaign, flow, store, datetime.now().astimezone())
        lines = "\n".join(map(_line, rows)) or f"{campaign.name}: nobody is to be called"
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2) if as_json else lines)
        return
    for callee in campaign.calls:
        target_of(settings, callee.number)

    def report(callee: Callee, outcome: Outcome) -> None:
        row = {"number": callee.number, "outcome": outcome.outcome, "why": outcome.why, "call": outcome.call_id}
        ended = f" ({outcome.why})" if outcome.why else ""
        click.echo(json.dumps(row) if as_json else f"{callee.number}: {outcome.outcome}{ended}")

    counts = asyncio.run(_run(settings, campaign, flow, not once, report))
    total = ", ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items())) or "nobody was called"
    click.echo(json.dumps({"campaign": campaign.name, "outcomes": counts}) if as_json else f"{campaign.name}: {total}")


def _line(row: dict[str, str | None]) -> str:
    when = f"may be called from {row['next']}" if row["next"] else "is not called any more"
    return f"{row['number']}: {when}" + (f", last: {row['last']}" if row["last"] else "")
