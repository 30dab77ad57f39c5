"""`frontdesk warm`: renders prompts before any call."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from engine.errors import SettingsError
from engine.flow.loader import load_flow, read_languages, variants_of
from engine.persona.persona import persona_beside
from engine.persona.prosody import Utterance
from engine.settings import load_settings
from engine.shipped import find_flow
from engine.speech.cache import PromptCache
from engine.speech.recorded import NotRecorded
from engine.speech.rendering import Renderer
from engine.speech.voices import VOICES, open_voice
from engine.speech.warming import utterances_to_warm


def _wanted(flow: str) -> tuple[str, tuple[Utterance, ...]]:
    """A flow's name, and what is to be rendered of it: in every language that is complete, and of every variant."""
    path = find_flow(flow)
    own = load_flow(path)
    found: dict[Utterance, None] = {}
    for reading in read_languages(path):
        if reading.flow is None or reading.report.has_errors:
            continue
        for one in (reading.flow, *(variants_of(reading.flow) if reading.variants else ())):
            found.update(dict.fromkeys(utterances_to_warm(one, persona_beside(path, one.persona))))
    return own.name, tuple(found)


async def warmed(utterances: Iterable[Utterance], renderer: Renderer, rate: int) -> tuple[int, list[str]]:
    """Renders what is missing; says how many were, and which are not recorded. Ends the voice."""
    rendered, unrecorded = 0, dict[str, None]()
    try:
        for utterance in utterances:
            try:
                rendered += await renderer.warm(utterance, rate)
            except NotRecorded:
                unrecorded[utterance.text] = None
        return rendered, list(unrecorded)
    finally:
        await renderer.voice.close()


@click.command("warm", short_help="Render the prompts of flows into the cache.")
@click.argument("flows", nargs=-1, required=True, metavar="FLOW…")
@click.option(
    "--config", type=click.Path(path_type=Path), help="The settings file, for the voice and the cache's folder."
)
@click.option("--cache", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where prompts are kept.")
@click.option("--engine", type=click.Choice(sorted(VOICES)), help="The voice engine, if not the settings' one.")
@click.option(
    "--rate", default="8000", type=click.Choice(["8000", "16000"]), show_default=True, help="Samples a second."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def command(
    flows: tuple[str, ...], config: Path | None, folder: Path | None, engine: str | None, rate: str, as_json: bool
) -> None:
    """Render every fixed prompt of each FLOW into the cache, so that calls begin to speak at once.

    \b
    frontdesk warm trattoria clinic
    """
    settings = load_settings(config)
    console = Console(stderr=True, no_color=True if click.get_current_context().color is False else None)
    cache = PromptCache(folder or settings.speech.cache)
    results: list[dict[str, Any]] = []
    for name, utterances in [_wanted(flow) for flow in flows]:
        speech = settings.speech
        voice = open_voice(engine or speech.voice, speech.voices, replace(speech.xtts, streams=1))
        renderer = Renderer(voice, cache)
        shown = track(utterances, name, console=console, disable=not sys.stderr.isatty())
        try:
            rendered, unrecorded = asyncio.run(warmed(shown, renderer, int(rate)))
        except OSError as error:
            raise SettingsError(f"cannot write to the cache {cache.folder}: {error.strerror or error}") from error
        counts = {"prompts": len(utterances), "rendered": rendered, "not_recorded": unrecorded}
        results.append({"flow": name, **counts, "cache": str(cache.folder)})
    cache.trim()
    for result in results:
        plain = (
            f"{result['flow']}: {result['prompts']} prompts, {result['rendered']} rendered now, in {result['cache']}"
        )
        click.echo(json.dumps(result, ensure_ascii=False) if as_json else plain)
        for text in result["not_recorded"] if not as_json else ():
            click.echo(f"  not recorded: {text}")
