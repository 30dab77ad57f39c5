"""`frontdesk say`: hear a persona."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path

import click

from engine.cli.sampling import SAMPLE, SITUATIONS, samples
from engine.errors import SettingsError
from engine.persona.persona import load_persona
from engine.persona.prosody import Utterance
from engine.persona.shortened import unshortened
from engine.settings import load_settings
from engine.shipped import find_flow, shipped_flows
from engine.speech.audio import write_wav
from engine.speech.rendering import Renderer
from engine.speech.tts import Voice
from engine.speech.voices import VOICES, open_voice


def find_persona(text: str, flow: str | None = None) -> Path:
    """The persona file that is meant: a file, or a name among the personas of `flow`, else of the shipped flows.
    Raises SettingsError when there is none, or when several flows have one of this name."""
    if Path(text).is_file():
        return Path(text)
    folders = [find_flow(name).parent / "personas" for name in ([flow] if flow else shipped_flows())]
    found = [folder / f"{text}.yaml" for folder in folders if (folder / f"{text}.yaml").is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingsError(f"several flows have a persona {text}; say which with --flow")
    known = sorted(path.stem for folder in folders for path in folder.glob("*.yaml"))
    raise SettingsError(f"there is no persona {text}; give a file, or one of: {', '.join(known) or 'none'}")


def voice_of(engine: str, folder: Path | None, config: Path | None) -> Voice:
    """The voice of this engine. Settings are read where they are given, or where the engine has no other way."""
    if config is None and engine != "xtts":
        return open_voice(engine, folder)
    speech = load_settings(config).speech
    return open_voice(engine, folder or speech.voices, replace(speech.xtts, streams=1))


async def spoken_to(output: Path, utterance: Utterance, voice: Voice, rate: int) -> dict[str, object]:
    """Renders an utterance as a call would hear it, after the voice has been started; answers what `--json` prints."""
    renderer = Renderer(voice)
    begun = time.perf_counter()
    first: float | None = None
    parts: list[bytes] = []
    try:
        await renderer.whole(replace(utterance, text="Hello."), rate)
        started = time.perf_counter()
        async with aclosing(renderer.sound(utterance, rate)) as chunks:
            async for chunk in chunks:
                first = time.perf_counter() if first is None else first
                parts.append(chunk)
        done = time.perf_counter()
    finally:
        await voice.close()
    samples = b"".join(parts)
    try:
        output.touch()
        write_wav(output, samples, rate)
    except OSError as error:
        raise SettingsError(f"cannot write {output}: {error.strerror or error}") from error
    return {
        "engine": voice.name,
        "version": voice.version,
        "start_ms": round(1000 * (started - begun), 1),
        "first_audio_ms": None if first is None else round(1000 * (first - started), 1),
        "render_ms": round(1000 * (done - started), 1),
        "seconds": round(len(samples) / 2 / rate, 3),
        "rate": rate,
        "file": str(output),
    }


@click.command("say")
@click.argument("text", default="")
@click.option("--persona", required=True, help="A persona file, or the name of a persona of a shipped flow.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The WAV file.")
@click.option(
    "--samples",
    "to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Instead: a folder for a page with a sample of every situation, and what was measured in it.",
)
@click.option("--flow", help="The flow whose personas are meant: a file, a folder or a shipped name.")
@click.option("--situation", default="plain", type=click.Choice(SITUATIONS), help="How it is said.", show_default=True)
@click.option("--language", default="en-GB", show_default=True, help="The language of the text.")
@click.option(
    "--engine", default="espeak", type=click.Choice(sorted(VOICES)), show_default=True, help="The voice engine."
)
@click.option(
    "--voices",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of Piper's voices, or of XTTS's speakers.",
)
@click.option("--config", type=click.Path(path_type=Path), help="The settings file, for what XTTS needs.")
@click.option("--rate", default=8000, type=click.Choice(["8000", "16000"]), show_default=True, help="Samples a second.")
@click.option("--json", "as_json", is_flag=True, help="Print engine, times and length as JSON.")
def command(
    text: str,
    persona: str,
    output: Path | None,
    to: Path | None,
    flow: str | None,
    situation: str,
    language: str,
    engine: str,
    voices: Path | None,
    config: Path | None,
    rate: str,
    as_json: bool,
) -> None:
    """Hear a persona: says TEXT into a WAV file.

    \b
    frontdesk say "Good evening. How can I help?" --persona host -o hello.wav
    frontdesk say --persona host --samples samples/
    """
    if (output is None) == (to is None):
        raise click.UsageError("give one of --output and --samples")
    if not text.strip() and to is None:
        raise SettingsError("there is nothing to say: the text is empty")
    who = load_persona(find_persona(persona, flow))
    for warning in who.warnings:
        click.echo(str(warning), err=True)
    if to is not None:
        voice, said = voice_of(engine, voices, config), " ".join(text.split()) or SAMPLE
        made = asyncio.run(samples(to, who, said, language, voice, int(rate)))
        click.echo(json.dumps([asdict(sample) for sample in made]) if as_json else f"{to / 'index.html'}")
        return
    numbers = situation == "numbers"
    prosody = who.prosody("plain" if numbers else situation, numbers)
    utterance = Utterance(unshortened(" ".join(text.split()), language), language, prosody, who.voices_in(language))
    assert output is not None
    result = asyncio.run(spoken_to(output, utterance, voice_of(engine, voices, config), int(rate)))
    if as_json:
        click.echo(json.dumps({"persona": who.name, **result}))
    else:
        click.echo(
            f"{output}: {result['seconds']} s, first sound after {result['first_audio_ms']} ms ({result['engine']})"
        )
