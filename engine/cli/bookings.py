"""`frontdesk bookings`: what was booked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from engine.actions.export import booking_data, to_csv, to_ical
from engine.actions.ledger import Booking, bookings_of
from engine.actions.store import open_store
from engine.acts import Recording

_WIDTHS = (10, 11, 5, 14, 24, 16, 10, 12)


@click.command("bookings", short_help="What was booked.")
@click.option("--db", metavar="FILE", help="The database; else FRONTDESK_DB, else frontdesk.db in this folder.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only this day.")
@click.option("--all", "everything", is_flag=True, help="Cancelled ones as well.")
@click.option("--json", "as_json", is_flag=True, help="A list of JSON objects.")
@click.option(
    "--export", type=click.Path(dir_okay=False, path_type=Path), help="Write them to this .ics or .csv file instead."
)
def command(db: str | None, day: datetime | None, everything: bool, as_json: bool, export: Path | None) -> None:
    """Lists bookings in the order of their start.

    \b
    frontdesk bookings --day 2026-12-31
    frontdesk bookings --export week.ics
    """
    if export is not None and export.suffix not in (".ics", ".csv"):
        raise click.BadParameter("the file must end in .ics or .csv", param_hint="--export")
    with open_store(db, create=False) as store:
        status = None if everything else "booked"
        found = store.read(lambda connection: bookings_of(connection, day.date() if day else None, status))
    if export is not None:
        content = to_ical(found) if export.suffix == ".ics" else to_csv(found).encode()
        try:
            export.write_bytes(content)
        except OSError as fault:
            raise click.FileError(str(export), fault.strerror or str(fault)) from fault
        click.echo(f"{len(found)} bookings written to {export}", err=True)
    elif as_json:
        click.echo(json.dumps([booking_data(booking) for booking in found], indent=2, ensure_ascii=False))
    else:
        _print(found)


def _print(found: Sequence[Booking]) -> None:
    if not found:
        click.echo("no bookings", err=True)
        return
    click.secho(_row(["reference", "day", "time", "what", "name", "phone", "where", "status"]), bold=True)
    for booking in found:
        click.echo(_row(_cells(booking)))


def _cells(booking: Booking) -> list[str]:
    name = f"recording {booking.name.ref}" if isinstance(booking.name, Recording) else str(booking.name or "")
    what = f"{booking.party_size} guests" if booking.party_size else booking.service or ""
    status = booking.status if booking.heard_by_caller or booking.status != "booked" else "not heard"
    where = "+".join(booking.units)
    return [
        booking.reference, f"{booking.day}", f"{booking.starts:%H:%M}", what, name, booking.phone or "", where, status,
    ]  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
