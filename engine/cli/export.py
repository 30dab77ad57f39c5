"""`frontdesk export`: a call as a talk file, or bookings for other programs."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from engine.actions.export import to_csv, to_ical
from engine.actions.ledger import bookings_of
from engine.actions.store import Store, open_store
from engine.errors import SettingsError
from engine.persona.persona import Persona
from engine.shipped import find_flow, shipped_flows
from engine.simulate.export import export
from engine.simulate.kept import Kept, kept_call, variant_of
from engine.simulate.report import failure_lines
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import Stage, languages_of, load_stage, stage_with
from engine.talk.reader import read_talk
from engine.talk.writer import write_talk

BOOKINGS = "bookings"


@click.command("export", short_help="A call as a talk file; bookings as iCal or CSV.")
@click.argument("what", metavar="CALL|bookings")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Else printed.")
@click.option("--db", metavar="FILE", help="The database; else FRONTDESK_DB, else frontdesk.db in this folder.")
@click.option("--mask", is_flag=True, help="A call: make up names, numbers, dates of birth and other private values.")
@click.option("--flow", metavar="FLOW", help="A call: the flow that the talk is for; else the version that took it.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Bookings: only this day.")
@click.option("--all", "everything", is_flag=True, help="Bookings: cancelled ones as well.")
@click.pass_context
def command(
    context: click.Context,
    what: str,
    output: Path | None,
    db: str | None,
    mask: bool,
    flow: str | None,
    day: datetime | None,
    everything: bool,
) -> None:
    """Writes a call from the log as a talk file, to be kept as a test, or bookings as .ics or .csv.

    The talk holds what the caller said and what was understood, what we said and what the tools answered; it runs with
    `frontdesk simulate`. What the flow calls sensitive is in no log: such turns hold made-up values.

    \b
    Example:
      frontdesk export 20261106-193012-5f3a9c1e --mask -o flows/trattoria/talks/friday.talk
      frontdesk export bookings --day 2026-12-31 -o party.ics
    """
    if what == BOOKINGS and (mask or flow):
        raise click.UsageError("--mask and --flow are for calls")
    if what != BOOKINGS and (day or everything):
        raise click.UsageError("--day and --all are for bookings")
    with open_store(db, create=False) as store:
        if what == BOOKINGS:
            _write(output, _bookings(store, day, everything, output))
            return
        call = kept_call(store.archive, what)
    text, stage = _talk(call, flow, output, mask)
    result = run_script(bind(read_talk(text, str(output or what)), stage.flow), stage)
    _write(output, text.encode())
    if not result.passed:
        click.echo("the talk does not run as the call went:", err=True)
        for line in failure_lines(result):
            click.echo(f"  {line}", err=True)
    context.exit(0 if result.passed else 1)


def _talk(call: Kept, flow: str | None, output: Path | None, mask: bool) -> tuple[str, Stage]:
    above = None if output is None else output.resolve().parent.parent / "flow.yaml"
    if flow is not None:
        path = find_flow(flow).resolve()
        stage, own = load_stage(path, call.row.language, variant_of(call.turns)), languages_of(path)[0]
        given = None if above == path else _named(flow, output)
    elif call.flow is not None:
        stage, own = stage_with(call.flow, Persona("plain")), call.own
        shipped = call.row.flow in shipped_flows() and not (above and above.is_file())
        given = call.row.flow if shipped else None
    else:
        raise SettingsError(f"the flow that took {call.row.id} is not kept: say which it was with --flow")
    return write_talk(export(call, stage, own, mask, given)), stage


def _named(flow: str, output: Path | None) -> str:
    """The flow as the talk names it: relative to the talk file, or a shipped name."""
    path = Path(flow)
    return os.path.relpath(path.resolve(), output.resolve().parent) if output is not None and path.exists() else flow


def _bookings(store: Store, day: datetime | None, everything: bool, output: Path | None) -> bytes:
    ending = ".csv" if output is None else output.suffix
    if ending not in (".ics", ".csv"):
        raise click.BadParameter("bookings are written to .ics or .csv", param_hint="--output")
    status = None if everything else "booked"
    found = store.read(lambda connection: bookings_of(connection, day.date() if day else None, status))
    return to_ical(found) if ending == ".ics" else to_csv(found).encode()


def _write(output: Path | None, content: bytes) -> None:
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        raise click.FileError(str(output), error.strerror or str(error)) from error
    click.echo(f"wrote {output}", err=True)
