"""What of a flow can be rendered before any call: every sentence that holds no value of a caller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final

from engine.effects import Prompt, Typed
from engine.flow.model import PARTS_OF_DAY, Flow, PromptText
from engine.persona.persona import Persona
from engine.persona.prompts import render
from engine.persona.prosody import Utterance, sentences
from engine.persona.shortened import unshortened
from engine.persona.spoken import placeholders, spoken
from engine.persona.wording import wording

_OPEN: Final = "Qqq0"
"""Stands for a value while a text is cut into sentences."""


def utterances_to_warm(flow: Flow, persona: Persona) -> tuple[Utterance, ...]:
    """Every fixed sentence of the flow and of the engine, in every way in which this persona may say it."""
    ways = dict.fromkeys((persona.plain, *persona.situations.values()))
    texts, voices = fixed_sentences(flow), persona.voices_in(flow.language)
    return tuple(Utterance(text, flow.language, way, voices) for text in texts for way in ways)


def fixed_sentences(flow: Flow) -> tuple[str, ...]:
    """The sentences without placeholders, as they are said, each once, in the order of the flow. The part of the day is
    no caller's value: its sentences are here with each part."""
    found: dict[str, None] = {}
    for text in _texts(flow):
        for part in PARTS_OF_DAY if "{part_of_day}" in text else ("",):
            said = text.replace("{part_of_day}", _said(part, flow.language))
            found.update(dict.fromkeys(_fixed(said, flow.language)))
    return tuple(found)


def _said(part: str, language: str) -> str:
    return spoken(Typed("part_of_day", part), None, language, datetime.min) if part else ""


def _fixed(text: str, language: str) -> Iterator[str]:
    marked = re.sub(r"\{[^{}]*\}", _OPEN, text) if placeholders(text) else text
    shown = render(Prompt("warm", marked), "en", datetime.min)  # no values, so neither language nor time matters
    whole = unshortened(shown, language)
    yield from (sentence for sentence in sentences(whole) if _OPEN not in sentence)


def _texts(flow: Flow) -> Iterator[str]:
    for prompt in _prompts(flow):
        yield from (variant.text for variant in prompt.variants)
    yield from (text for name, text in wording(flow.language).items() if name not in flow.prompts)


def _prompts(part: Any) -> Iterator[PromptText]:
    """Every PromptText anywhere inside a part of the model."""
    if isinstance(part, PromptText):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _prompts(value)
    elif isinstance(part, tuple):
        for value in part:
            yield from _prompts(value)
    elif is_dataclass(part):
        for entry in fields(part):
            yield from _prompts(getattr(part, entry.name))
