"""`frontdesk models`: the models that recognisers need, fetched once."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.speech.vendors import whisper_models


@click.group("models", short_help="Fetch models for the recogniser.")
def command() -> None:
    """Fetch models of speech recognition, once, where there is a network; afterwards nothing needs one.

    \b
    Example:
      frontdesk models fetch small --to models/small
      then in frontdesk.yaml:  speech: {recogniser: whisper, model: models/small}
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the names as JSON.")
def listed(as_json: bool) -> None:
    """Names of the Whisper models that can be fetched.

    \b
    frontdesk models list
    """
    known = whisper_models.names()
    click.echo(json.dumps({"whisper": list(known)}) if as_json else "\n".join(known))


@command.command("fetch")
@click.argument("name")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="The folder; models/NAME if not given."
)
def fetched(name: str, folder: Path | None) -> None:
    """Fetch the Whisper model NAME from its publisher.

    \b
    frontdesk models fetch small --to models/small
    """
    place = whisper_models.fetch(name, folder or Path("models") / name)
    click.echo(f"{name} is in {place}; in frontdesk.yaml write: speech: {{recogniser: whisper, model: {place}}}")
