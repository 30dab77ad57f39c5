"""A page of samples: one sentence in every situation of a persona, with what was measured in its sound."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.errors import SettingsError
from engine.persona.persona import Persona
from engine.persona.prosody import Prosody, Utterance
from engine.speech.audio import dbfs, to_array, write_wav
from engine.speech.rendering import Renderer
from engine.speech.tts import Voice

SITUATIONS: Final = ("plain", "question", "echo", "apology", "success", "goodbye", "wait", "numbers")
SAMPLE: Final = "We have a table for four people on Saturday evening, at half past seven. Shall I book it for you?"
_AUDIBLE: Final = 60
_PAGE: Final = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>{name}</title>
<style>body {{ font: 16px/1.5 system-ui; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
table {{ border-collapse: collapse }} td, th {{ padding: .4rem .8rem; text-align: left; border-bottom: 1px solid #ccc }}
</style>
<h1>{name}</h1><p>{description}</p><p>“{text}” ({engine})</p>
<table><tr><th>Situation<th>Sound<th>Asked for<th>Measured</tr>
{rows}
</table></html>
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One recording. `pace` is in words a minute without the pauses, `level` in dB of full scale."""

    situation: str
    file: str
    prosody: Prosody
    seconds: float
    pace: int
    level: float


async def samples(
    folder: Path, persona: Persona, text: str, language: str, voice: Voice, rate: int
) -> tuple[Sample, ...]:
    """Writes a WAV file for each situation and `index.html` beside them. Ends the voice. Raises SettingsError where the
    folder cannot be written, and what the voice raises."""
    renderer = Renderer(voice)
    made: list[Sample] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for situation in SITUATIONS:
            numbers = situation == "numbers"
            prosody = persona.prosody("plain" if numbers else situation, numbers)
            utterance = Utterance(text, language, prosody, persona.voices_in(language))
            if not made:
                await renderer.whole(utterance, rate)  # the level of a voice is known once it has spoken
            sound = await renderer.whole(utterance, rate)
            file = f"{situation}.wav"
            write_wav(folder / file, sound, rate)
            made.append(_measured(situation, file, prosody, text, sound, rate))
        (folder / "index.html").write_text(_page(persona, text, language, voice.name, made), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write to {folder}: {error.strerror or error}") from error
    finally:
        await voice.close()
    return tuple(made)


def _measured(situation: str, file: str, prosody: Prosody, text: str, sound: bytes, rate: int) -> Sample:
    loud = np.flatnonzero(np.abs(to_array(sound).astype(np.int32)) > _AUDIBLE)
    gaps = np.diff(loud) / rate
    spoken = (loud.size and (loud[-1] - loud[0]) / rate) - float(gaps[gaps > 0.08].sum())
    pace = round(60 * len(text.split()) / spoken) if spoken > 0 else 0
    return Sample(situation, file, prosody, len(sound) / 2 / rate, pace, round(dbfs(sound), 1))


def _page(persona: Persona, text: str, language: str, engine: str, made: list[Sample]) -> str:
    rows = "\n".join(
        f"<tr><th>{sample.situation}<td><audio controls src='{sample.file}'></audio>"
        f"<td>{_asked(sample.prosody)}<td>{sample.seconds:.1f} s, {sample.pace} words a minute, {sample.level} dB</tr>"
        for sample in made
    )
    words = {"name": persona.name, "description": persona.description, "text": text, "engine": engine}
    return _PAGE.format(**{key: html.escape(word) for key, word in words.items()}, language=language, rows=rows)


def _asked(prosody: Prosody) -> str:
    return (
        f"{prosody.pace} words a minute, pitch {prosody.pitch:g}, expressiveness {prosody.expressiveness:g}, volume "
        f"{prosody.volume:g}, pauses {prosody.sentence_pause:g} and {prosody.comma_pause:g} s"
    )
