"""Prompts turned into text and into utterances: what is shown is what is said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from engine.effects import Prompt, Say
from engine.kinds import item_of
from engine.persona.persona import Persona
from engine.persona.prosody import Utterance
from engine.persona.shortened import unshortened
from engine.persona.spoken import fill, placeholders

READ_SLOWLY = frozenset({"phone", "digits", "reference", "postcode", "email"})
"""Types whose prompts take the persona's `numbers` situation on top of their own."""


_DOUBLE_STOP = re.compile(r"([.!?…])\.(?=\s|$)")
"""A stop after a value that brings its own ("at St.." , "No!.")."""


def render(prompt: Prompt, language: str, now: datetime) -> str:
    """The words of a prompt with its values read aloud, as plain text on one line that starts with a capital. Raises
    what `spoken.fill` raises."""
    text = " ".join(fill(prompt.text, prompt.values, language, now, capitals=True).split())
    return _DOUBLE_STOP.sub(r"\1", text[:1].upper() + text[1:])


def utterances(say: Say, persona: Persona, language: str, now: datetime) -> tuple[Utterance, ...]:
    """One utterance for each prompt, in order, so that a count of utterances heard is a count of prompts heard."""
    return tuple(utterance(prompt, persona, language, now, say.pace) for prompt in say.prompts)


def utterance(prompt: Prompt, persona: Persona, language: str, now: datetime, pace: float = 1.0) -> Utterance:
    """A prompt in the persona's voice, coloured by its situation and by the values that it reads, at `pace` times its
    own pace."""
    slow = any(
        item_of(prompt.values[name].type) in READ_SLOWLY
        for name, _ in placeholders(prompt.text)
        if name in prompt.values
    )
    prosody = persona.prosody(prompt.situation, slow)
    if pace != 1.0:
        prosody = replace(prosody, pace=round(prosody.pace * pace))
    text = unshortened(render(prompt, language, now), language)
    return Utterance(text, language, prosody, persona.voices_in(language))
