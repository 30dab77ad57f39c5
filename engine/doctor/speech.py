"""The engines that listen and speak: each is started, does a little work, and is ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from engine.doctor.registry import Row, look
from engine.effects import Expecting
from engine.errors import AuthorError, FrontdeskError, SettingsError
from engine.flow.loader import load_flow, variants_of
from engine.flow.model import Flow
from engine.persona.persona import persona_beside
from engine.persona.prosody import Prosody, Utterance
from engine.settings import Settings, read_line
from engine.shipped import find_flow
from engine.speech.consent import read_consent
from engine.speech.engines import open_detector, open_recogniser
from engine.speech.recorded import NotRecorded, RecordedVoice
from engine.speech.voices import open_voice
from engine.speech.warming import fixed_sentences

RATE = 8000
QUESTION = Expecting("doctor", "yes_no", yes_no=True)
WITHIN = 60.0
"""Seconds for an engine to start and to do its work; models are large."""


@look("speech")
def speech(settings: Settings) -> Iterator[Row]:
    if settings.speech.voice == "recorded":
        yield from _recordings(settings)
    else:
        yield _voice(settings)
    if settings.speech.voice == "xtts":
        yield from _speakers(settings.speech.voices)
    yield _recogniser(settings)
    yield _detector()


def _voice(settings: Settings) -> Row:
    async def say() -> int:
        speech = settings.speech
        voice = open_voice(speech.voice, speech.voices, replace(speech.xtts, streams=1))
        try:
            async with asyncio.timeout(WITHIN):
                greeting = Utterance("Good morning.", "en-GB", Prosody())
                sizes = [len(chunk) async for chunk in voice.speak(greeting, RATE)]
                return sum(sizes)
        finally:
            await voice.close()

    name, began = f"voice {settings.speech.voice}", time.perf_counter()
    try:
        size = asyncio.run(say())
    except AuthorError:
        return Row(name, "error", "does not speak: a consent is missing or faulty", "See the speakers below.")
    except (FrontdeskError, OSError, TimeoutError) as fault:
        return Row(name, "error", f"does not speak: {_text(fault)}", "See `frontdesk say --help`, and `speech.voice`.")
    if size == 0:
        return Row(name, "error", "speaks, but nothing is to be heard", "Try another `speech.voice`.")
    return Row(name, "ok", f"said {size / 2 / RATE:.1f} s of sound in {_since(began)}")


def _recordings(settings: Settings) -> Iterator[Row]:
    """Which sentences of each line are recorded, and which another voice will say."""
    try:
        voice = RecordedVoice(settings.speech.voices)
    except SettingsError as fault:
        yield Row("voice recorded", "error", f"does not speak: {fault}", "See docs/voice.md.")
        return
    for line in settings.lines.values():
        try:
            flow = read_line(line).flow
        except (FrontdeskError, OSError):
            continue  # said with the line
        for one in variants_of(flow) if flow is not None else ():
            yield _recorded(line.name, one, voice)


def _recorded(line: str, flow: Flow, voice: RecordedVoice) -> Row:
    name = f"{line}{flow.variant and f' ({flow.variant})'}: recordings"
    voices = persona_beside(flow.path, flow.persona).voices_in(flow.language)
    texts = fixed_sentences(flow)
    try:
        speaker = voice.of(Utterance("", flow.language, Prosody(), voices))
    except NotRecorded as fault:
        return Row(name, "error", str(fault), "Record the line's language, or name its speaker in the persona.")
    missing = [text for text in texts if not speaker.says(text)]
    if not missing:
        return Row(name, "ok", f"{speaker.name} has recorded all {len(texts)} sentences")
    text = f"{speaker.name} lacks {len(missing)} of {len(texts)} sentences, which another voice says, such as:"
    return Row(name, "warning", f"{text} {missing[0]}", "`frontdesk warm --engine recorded --json` lists them all.")


def _speakers(folder: Path | None) -> Iterator[Row]:
    """Whose voices may speak, and whose consent is missing."""
    samples = sorted(folder.glob("*.wav")) if folder is not None else []
    if not samples:
        yield Row("speakers", "off", "no recordings in `speech.voices`; the model's own speakers speak")
    for sample in samples:
        name = f"speaker {sample.stem}"
        try:
            consent = read_consent(sample, date.today())
        except AuthorError as fault:
            first = fault.findings[0]
            yield Row(name, "error", f"{first.at}: {first.message}", first.hint)
            continue
        until = f", until {consent.until}" if consent.until else ""
        yield Row(name, "ok", f"{consent.person} agreed on {consent.given}{until}: {consent.purpose}")


def _recogniser(settings: Settings) -> Row:
    listening = settings.speech.listening

    async def warm() -> bool:
        lines = list(settings.lines.values())
        flow = load_flow(lines[0].flow if lines else find_flow("trattoria"))
        recogniser = open_recogniser(flow, listening)
        try:
            async with asyncio.timeout(WITHIN):
                await recogniser.warm((QUESTION,))
                await recogniser.recognise(bytes(RATE), RATE, QUESTION)
            return recogniser.open
        finally:
            await recogniser.close()

    name, began = f"recogniser {listening.recogniser}", time.perf_counter()
    try:
        is_open = asyncio.run(warm())
    except (FrontdeskError, OSError, TimeoutError) as fault:
        return Row(name, "error", f"does not start: {_text(fault)}", "See `speech` in docs/reference.md.")
    knows = "understands open speech" if is_open else "knows small grammars; names and free text are kept as recordings"
    return Row(name, "ok", f"started and listened in {_since(began)}; {knows}")


def _detector() -> Row:
    try:
        detector = open_detector()
        quiet = detector.listening(RATE).feed(bytes(RATE))
    except (FrontdeskError, OSError, RuntimeError) as fault:
        return Row("speech detector", "error", f"does not work: {_text(fault)}", "Install frontdesk again.")
    return Row("speech detector", "ok", f"{detector.name}; silence is speech with {quiet:.0%}")


def _since(began: float) -> str:
    return f"{time.perf_counter() - began:.1f} s"


def _text(fault: BaseException) -> str:
    return str(fault) or f"nothing came within {WITHIN:g} s"
