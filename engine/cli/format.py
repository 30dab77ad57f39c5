"""`frontdesk format`: talk files in their one canonical form."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import click

from engine.errors import AuthorError
from engine.simulate.files import find_talks, text_of
from engine.talk.writer import format_talk


@click.command("format", short_help="Write talk files in one canonical form.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; show what would change, and exit 1 if anything would.")
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], check: bool) -> None:
    """Formats talk files: spacing, quotes, the short forms of every line. Comments and empty lines stay, and a talk
    runs as before. A PATH is a file, a folder with *.talk files anywhere below, or a shipped flow.

    \b
    Example:
      frontdesk format flows/trattoria/talks
      frontdesk format . --check
    """
    colour = False if "NO_COLOR" in os.environ else context.color
    files = find_talks(list(paths))
    changed, faults = 0, 0
    for file in files:
        try:
            text = text_of(file)
            new = format_talk(text, str(file))
        except AuthorError as error:
            faults += 1
            click.echo(str(error), color=colour)
            continue
        if new == text:
            continue
        changed += 1
        if check:
            _show(file, text, new, colour)
        else:
            _write(file, new)
            click.echo(f"formatted  {file}", color=colour)
    verb = "would change" if check else "formatted"
    click.echo(f"{changed} of {len(files)} talk{'' if len(files) == 1 else 's'} {verb}", err=True)
    context.exit(1 if faults or (check and changed) else 0)


def _show(file: Path, before: str, after: str, colour: bool | None) -> None:
    for line in difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(file), f"{file} (formatted)", lineterm=""
    ):
        click.secho(line, fg={"-": "red", "+": "green"}.get(line[:1]), color=colour)


def _write(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode())
    except OSError as error:
        raise click.FileError(str(file), error.strerror or str(error)) from error
