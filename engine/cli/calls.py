"""`frontdesk calls`: who called, and what was said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from engine.actions.archive import CallRow, Entry
from engine.actions.store import open_store
from engine.actions.tally import Tally, tally
from engine.watch.account import Line, account

_WIDTHS = (25, 16, 7, 12, 16, 20)


@click.command("calls", short_help="Who called, and what was said.")
@click.argument("call_id", metavar="[ID]", required=False)
@click.option("--db", metavar="FILE", help="The database; else FRONTDESK_DB, else frontdesk.db in this folder.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many calls to list.")
@click.option("--by", type=click.Choice(["variant"]), help="Count what came of calls, by the variant that they took.")
@click.option("--json", "as_json", is_flag=True, help="JSON: a list of calls, or one call with all its entries.")
@click.pass_context
def command(
    context: click.Context, call_id: str | None, db: str | None, limit: int, by: str | None, as_json: bool
) -> None:
    """Lists the newest calls, or shows one as a conversation with what was understood.

    \b
    frontdesk calls
    frontdesk calls 20261106-193012-5f3a9c1e
    frontdesk calls --by variant
    """
    if by is not None:
        if call_id is not None:
            raise click.UsageError("--by counts all calls: give no ID")
        with open_store(db, create=False) as store:
            store.archive.flush()
            _print_tallies(store.read(tally), as_json)
        return
    with open_store(db, create=False) as store:
        calls = store.archive.calls(limit) if call_id is None else []
        call = None if call_id is None else store.archive.call(call_id)
        entries = [] if call is None else store.archive.entries(call.id)
    if call_id is not None and call is None:
        click.echo(f"there is no call {call_id}; `frontdesk calls` lists them", err=True)
        context.exit(1)
    if call is None:
        _print_calls(calls, as_json)
    elif as_json:
        lines = [_line_data(line, call) for line in account(entries, call.language)]
        whole = {**_call_data(call), "conversation": lines, "entries": [_entry_data(entry) for entry in entries]}
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        _print_call(call, entries)


def _print_calls(calls: Sequence[CallRow], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_call_data(call) for call in calls], indent=2, ensure_ascii=False))
    elif not calls:
        click.echo("no calls", err=True)
    else:
        click.secho(_row(["id", "began", "length", "flow", "caller", "outcome"]), bold=True)
        for call in calls:
            began = f"{_local(call.started, call):%Y-%m-%d %H:%M}"
            click.echo(_row([call.id, began, _length(call), call.flow, call.caller or "", call.outcome or "going on"]))


def _print_tallies(tallies: Sequence[Tally], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_tally_data(one) for one in tallies], indent=2, ensure_ascii=False))
        return
    if not tallies:
        click.echo("no calls", err=True)
        return
    rows = [("flow", "variant", "calls", "booked", "length", "outcomes"), *map(_tally_row, tallies)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, bold=number == 0)


def _tally_row(one: Tally) -> tuple[str, ...]:
    share = f"{one.booked} ({round(100 * one.booked / one.calls)} %)"
    minutes, seconds = divmod(round(one.seconds / one.calls), 60)
    outcomes = ", ".join(f"{name} {count}" for name, count in one.outcomes.most_common())
    return one.flow, one.variant or "-", str(one.calls), share, f"{minutes}:{seconds:02}", outcomes


def _tally_data(one: Tally) -> dict[str, Any]:
    return {
        "flow": one.flow,
        "variant": one.variant or None,
        "calls": one.calls,
        "booked": one.booked,
        "mean_seconds": round(one.seconds / one.calls, 1),
        "outcomes": dict(one.outcomes.most_common()),
    }


def _print_call(call: CallRow, entries: Sequence[Entry]) -> None:
    click.secho(f"{call.id}  {call.flow}  {_local(call.started, call):%Y-%m-%d %H:%M:%S}  {_length(call)}", bold=True)
    for line in account(entries, call.language):
        understood = click.style(f"  [{line.understood}]", fg="cyan") if line.understood else ""
        colour = {"agent": "green", "caller": "yellow", "keys": "yellow"}.get(line.who)
        who = click.style(line.who.ljust(6), fg=colour)
        click.echo(f"{_local(line.at, call):%H:%M:%S}  {who}  {line.text}{understood}")
    if not entries:
        click.echo("what was said is no longer kept", err=True)
    click.echo(f"{'outcome:':18}{call.outcome or 'none yet'}")
    if call.recording:
        click.echo(f"{'recording:':18}{call.recording}")


def _call_data(call: CallRow) -> dict[str, Any]:
    return {
        "id": call.id,
        "flow": call.flow,
        "version": call.version,
        "language": call.language,
        "caller": call.caller,
        "called": call.called,
        "line": call.line,
        "started": _local(call.started, call).isoformat(),
        "ended": _local(call.ended, call).isoformat() if call.ended else None,
        "outcome": call.outcome,
        "recording": call.recording,
    }


def _line_data(line: Line, call: CallRow) -> dict[str, Any]:
    return {
        "at": _local(line.at, call).isoformat(),
        "who": line.who,
        "text": line.text,
        "understood": line.understood or None,
    }


def _entry_data(entry: Entry) -> dict[str, Any]:
    return {"seq": entry.seq, "at": entry.at.isoformat(), "kind": entry.kind, "body": entry.body}


def _local(moment: datetime, call: CallRow) -> datetime:
    return moment.astimezone(ZoneInfo(call.timezone))


def _length(call: CallRow) -> str:
    if call.ended is None:
        return ""
    minutes, seconds = divmod(round((call.ended - call.started).total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


def _row(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
