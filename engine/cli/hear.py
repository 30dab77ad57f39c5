"""`frontdesk hear`: what the recogniser hears in a recording."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path

import click

from engine.effects import Expecting
from engine.errors import SettingsError
from engine.flow.loader import load_flow
from engine.flow.model import Flow, ListenStep
from engine.shipped import find_flow
from engine.speech.audio import FRAME_SECONDS, Sound, frame_bytes, read_wav
from engine.speech.ear import Ear, SpeechEnded
from engine.speech.engines import RECOGNISERS, Listening, open_detector, open_recogniser
from engine.understanding.asked import expecting_of

RATE = 8000
ROOM = 4.0
"""Seconds of silence put after the recording, so that its last words end."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One utterance that the ear cut out of the recording; times in seconds from its beginning."""

    text: str
    alternatives: tuple[str, ...]
    confidence: float
    start: float
    end: float
    endpoint_ms: float
    recognise_ms: float

    def line(self) -> str:
        words = self.text or "(nothing that the grammar knows)"
        waited = f"ended after {self.endpoint_ms:.0f} ms of silence, heard in {self.recognise_ms:.0f} ms"
        return f"{self.start:6.2f}-{self.end:.2f} s  {words}  [{self.confidence:.2f}]  {waited}"


def cut(sound: Sound, flow: Flow, expecting: Expecting) -> tuple[list[SpeechEnded], float]:
    """The utterances in a recording, and the milliseconds that cutting them took."""
    begun = time.perf_counter()
    ear = Ear(open_detector(), sound.rate, flow.slots)
    ear.listen(0, expecting)
    silence = b"\0" * (frame_bytes(sound.rate) * round(ROOM / FRAME_SECONDS))
    pieces = [event for event in ear.feed(sound.samples + silence) if isinstance(event, SpeechEnded)]
    return pieces, 1000 * (time.perf_counter() - begun)


async def heard_in(
    pieces: list[SpeechEnded], rate: int, flow: Flow, expecting: Expecting, listening: Listening
) -> list[Piece]:
    """What a warm recogniser makes of each utterance."""
    recogniser = open_recogniser(flow, listening)
    heard = []
    try:
        await recogniser.warm([expecting])
        for piece in pieces:
            said = await recogniser.recognise(piece.samples, rate, expecting)
            start, end = piece.started_frame * FRAME_SECONDS, piece.ended_frame * FRAME_SECONDS
            waited = 1000 * FRAME_SECONDS * (piece.decided_frame - piece.ended_frame)
            heard.append(Piece(said.text, said.alternatives, said.confidence, start, end, waited, said.milliseconds))
    finally:
        await recogniser.close()
    return heard


def first_question(flow: Flow) -> str:
    """The first open question of a flow, else its first slot."""
    listens = (name for name, step in flow.steps.items() if isinstance(step, ListenStep))
    return next(listens, next(iter(flow.slots), flow.start))


@click.command("hear")
@click.argument("recording", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="IN.wav")
@click.option("--flow", "flow_name", default="trattoria", show_default=True, help="A file, a folder or a shipped name.")
@click.option("--asked", help="The slot or step that the recording answers; without it the flow's first open question.")
@click.option("--recogniser", type=click.Choice(list(RECOGNISERS)), default="pocketsphinx", show_default=True)
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The recogniser's model.")
@click.option("--json", "as_json", is_flag=True, help="Print words, confidence and times as JSON.")
def command(
    recording: Path, flow_name: str, asked: str | None, recogniser: str, model: Path | None, as_json: bool
) -> None:
    """Hear what the recogniser makes of a recording (16-bit WAV).

    \b
    frontdesk hear answer.wav --flow trattoria --asked party_size
    """
    flow = load_flow(find_flow(flow_name))
    expecting = expecting_of(flow, asked or first_question(flow))
    if expecting is None:
        raise SettingsError(f"{flow_name} asks nothing called {asked}")
    sound = read_wav(recording, RATE)
    pieces, vad_ms = cut(sound, flow, expecting)
    heard = asyncio.run(heard_in(pieces, sound.rate, flow, expecting, Listening(recogniser, 1, model)))
    if as_json:
        click.echo(json.dumps(_as_data(heard, expecting, sound, vad_ms)))
        return
    for piece in heard:
        click.echo(piece.line())
    if not heard:
        click.echo("no speech")


def _as_data(heard: list[Piece], expecting: Expecting, sound: Sound, vad_ms: float) -> dict[str, object]:
    """The first utterance on top, as a call would take it; all of them in `utterances`."""
    first = heard[0] if heard else Piece("", (), 0.0, 0.0, 0.0, 0.0, 0.0)
    return {
        "text": first.text,
        "alternatives": list(first.alternatives),
        "confidence": round(first.confidence, 3),
        "endpoint_ms": round(first.endpoint_ms, 1),
        "stages": {"vad_ms": round(vad_ms, 1), "recognise_ms": round(first.recognise_ms, 1)},
        "asked": expecting.asked or expecting.step,
        "seconds": round(sound.seconds, 3),
        "utterances": [
            {
                "text": piece.text,
                "alternatives": list(piece.alternatives),
                "confidence": round(piece.confidence, 3),
                "start": round(piece.start, 3),
                "end": round(piece.end, 3),
                "endpoint_ms": round(piece.endpoint_ms, 1),
                "recognise_ms": round(piece.recognise_ms, 1),
            }
            for piece in heard
        ],
    }
