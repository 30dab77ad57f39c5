"""`frontdesk replay`: a call from the log, run through the engine again."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator

import click

from engine.actions.store import open_store
from engine.errors import SettingsError
from engine.flow.loader import load_flow
from engine.flow.model import Flow
from engine.shipped import find_flow
from engine.simulate.kept import Kept, kept_call, variant_of
from engine.simulate.replay import Parted, Replay, as_json, event_line, replay, side_by_side

_COLUMN = 46


@click.command("replay", short_help="Run a call through the engine again.")
@click.argument("call_id", metavar="CALL")
@click.option("--flow", metavar="FLOW", help="Another flow or version; else the version that took the call.")
@click.option("--db", metavar="FILE", help="The database; else FRONTDESK_DB, else frontdesk.db in this folder.")
@click.option("--json", "to_json", is_flag=True, help="The result as JSON.")
@click.pass_context
def command(context: click.Context, call_id: str, flow: str | None, db: str | None, to_json: bool) -> None:
    """Feeds the events of a call to the engine, and compares effect by effect with what happened then.

    With --flow this tells what a changed flow would do otherwise: prompts that are worded in another way, and the first
    event that leads somewhere else. Exits 0 when the call goes as it went, 1 when it does not.

    \b
    Example:
      frontdesk replay 20261106-193012-5f3a9c1e
      frontdesk replay 20261106-193012-5f3a9c1e --flow flows/trattoria
    """
    with open_store(db, create=False) as store:
        call = kept_call(store.archive, call_id)
    found = replay(call, _flow(call, flow))
    if to_json:
        click.echo(json.dumps(as_json(call, found), indent=2, ensure_ascii=False))
    else:
        colour = False if "NO_COLOR" in os.environ else context.color
        for line in _told(call, found):
            click.echo(line, color=colour)
    context.exit(1 if found.parted or found.worded or found.lesser else 0)


def _flow(call: Kept, flow: str | None) -> Flow:
    if flow is not None:
        return load_flow(find_flow(flow), call.row.language, variant_of(call.turns))
    if call.flow is None:
        raise SettingsError(f"the flow that took {call.row.id} is not kept: say which to use with --flow")
    return call.flow


def _told(call: Kept, found: Replay) -> Iterator[str]:
    for one in found.worded:
        yield click.style(f"{one.at:%H:%M:%S}  {one.id} is worded in another way", fg="yellow")
        yield from _columns("then", one.was, "now", one.now)
    if found.lesser:
        yield click.style("the call goes on as it did, with these parts of effects changed:", fg="yellow")
        yield from (f"    {line}" for line in found.lesser)
    if found.parted is not None:
        yield from _parting(call, found.parted)
    elif not found.worded and not found.lesser:
        events = f"{found.events} event{'' if found.events == 1 else 's'}"
        yield click.style(f"{call.row.id} goes as it went: {events}, the same effects", fg="green", bold=True)


def _parting(call: Kept, parted: Parted) -> Iterator[str]:
    yield click.style(f"{parted.at:%H:%M:%S}  event {parted.number} of {len(call.turns)} leads elsewhere", fg="red")
    yield f"  {event_line(parted.event)}"
    yield f"  we were at    {parted.position}"
    yield f"    {'then':<{_COLUMN}}  now"
    for was, now, same in side_by_side(parted):
        mark = " " if same else "≠"
        left = textwrap.wrap(was, _COLUMN) or [""]
        right = textwrap.wrap(now, _COLUMN) or [""]
        for number in range(max(len(left), len(right))):
            one = left[number] if number < len(left) else ""
            other = right[number] if number < len(right) else ""
            yield f"  {mark if number == 0 else ' '} {one:<{_COLUMN}}  {other}".rstrip()
    if parted.was == parted.now:
        yield from (f"  {line}" for line in parted.apart)
    if any(turn.masked for turn in call.turns[: parted.number]):
        yield "  Values that the log masks are made up, which may be why."


def _columns(head: str, text: str, other: str, instead: str) -> Iterator[str]:
    width = max(len(head), len(other))
    yield f"    {head:<{width}}  {text}"
    yield f"    {other:<{width}}  {instead}"
