"""`frontdesk convert`: a transcript from another system becomes a talk file."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from engine.shipped import find_flow
from engine.simulate.files import text_of
from engine.simulate.recording import Recorded, record
from engine.simulate.stage import load_stage
from engine.talk.speakers import Speakers
from engine.talk.transcripts import as_talk, read_conversation
from engine.talk.writer import write_line, write_talk


@click.command("convert", short_help="Make a talk file from a transcript.")
@click.argument("transcript", metavar="FILE", type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="TALK", type=click.Path(path_type=Path), help="The talk file; else printed.")
@click.option("--flow", metavar="FLOW", help="The flow to play it to; else the flow.yaml above the talk file.")
@click.option("--now", metavar="ISO", help="When the call comes in; else when all is open.")
@click.option("--caller", "callers", metavar="NAME", multiple=True, help="A name that means the caller.")
@click.option("--agent", "agents", metavar="NAME", multiple=True, help="A name that means us.")
@click.option("--title", help="The talk's first line; else where it is from.")
@click.option("--force", is_flag=True, help="Write over a talk file that is there.")
def command(
    transcript: Path,
    output: Path | None,
    flow: str | None,
    now: str | None,
    callers: tuple[str, ...],
    agents: tuple[str, ...],
    title: str | None,
    force: bool,
) -> None:
    """Reads a conversation from another system: lines such as `Caller: …` and `Bot: …` (with times before them), CSV
    with a column for the speaker, JSON messages, JSON lines.

    With a flow the caller's lines are played to it, and the talk says what the flow answers and understands: read it,
    and keep it as a test. Without a flow the talk holds what was said there.

    \b
    Example:
      frontdesk convert monday.csv -o flows/trattoria/talks/monday.talk
      frontdesk convert chat.json --flow trattoria
    """
    if output is not None and output.exists() and not force:
        raise click.UsageError(f"{output} is there already; --force writes over it")
    found = read_conversation(text_of(transcript), str(transcript), Speakers(callers, agents))
    path = _flow(flow, output)
    if path is None:
        text = write_talk(as_talk(found))
    else:
        above = output is not None and output.resolve().parent.parent / "flow.yaml" == path
        given = None if above else _named(flow or str(path), output)
        recorded = record(found, load_stage(path), title or f"From {transcript.name}", _moment(now), given)
        text = write_talk(recorded.talk) + _left(recorded)
        _tell(recorded)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(output), error.strerror or str(error)) from error
    click.echo(f"wrote {output}; run it with: frontdesk simulate {output}", err=True)


def _flow(flow: str | None, output: Path | None) -> Path | None:
    if flow is not None:
        return find_flow(flow).resolve()
    above = None if output is None else output.resolve().parent.parent / "flow.yaml"
    return above if above is not None and above.is_file() else None


def _named(flow: str, output: Path | None) -> str:
    """The flow as the talk file names it: a path relative to the file, or the name of a shipped flow."""
    path = Path(flow)
    if output is None or not path.exists():
        return flow
    return os.path.relpath(path.resolve(), output.resolve().parent)


def _moment(now: str | None) -> datetime | None:
    if now is None:
        return None
    try:
        return datetime.fromisoformat(now)
    except ValueError as error:
        raise click.BadParameter(f"{now!r} is no moment such as 2026-10-01T11:00", param_hint="--now") from error


def _left(recorded: Recorded) -> str:
    """The lines that found no call any more, as comments."""
    return "".join(f"# the call was over before: {write_line(line)}\n" for line in recorded.left)


def _tell(recorded: Recorded) -> None:
    if recorded.left:
        count = len(recorded.left)
        lines = "line of the caller comes" if count == 1 else "lines of the caller come"
        click.echo(f"{count} {lines} after the end of the call ({recorded.ended})", err=True)
    elif recorded.ended is None:
        click.echo("the call is not over after the caller's last line", err=True)
