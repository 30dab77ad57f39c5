"""A flow made ready for conversations without a telephone; loaded once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from engine.acts import Understood
from engine.coverage.watch import Watch
from engine.dialogue.machine import Compiled, compile_flow
from engine.effects import Expecting
from engine.flow.loader import load_flow, read_path
from engine.flow.model import Flow
from engine.persona.persona import Persona, persona_beside
from engine.simulate.matching import prompts_of
from engine.understanding.cascade import Understanding


@dataclass(frozen=True)
class Stage:
    """A flow with everything that a conversation needs. `prompts` are the author's wordings by id."""

    flow: Flow
    compiled: Compiled
    persona: Persona
    prompts: Mapping[str, tuple[str, ...]]
    understanding: Understanding

    @cached_property
    def watch(self) -> Watch:
        """Sees what conversations live through."""
        return Watch(self.compiled)

    def understand(self, words: str, expecting: Expecting, now: datetime) -> Understood:
        """What the embedded understanding finds in words."""
        return self.understanding.understand(words, expecting, now)


@lru_cache(maxsize=16)
def load_stage(path: Path, language: str | None = None, variant: str | None = None) -> Stage:
    """The flow of this file, in one of its languages (its own if None) and variants (as it stands if None).

    Raises AuthorError with its findings, SettingsError when it cannot be read.
    """
    flow = load_flow(path, language, variant)
    return stage_with(flow, persona_beside(path, flow.persona))


def stage_with(flow: Flow, persona: Persona) -> Stage:
    """A flow that has been read, ready."""
    return Stage(flow, compile_flow(flow), persona, prompts_of(flow), Understanding(flow))


@lru_cache(maxsize=64)
def languages_of(path: Path) -> tuple[str, ...]:
    """The languages that the flow of this file speaks, its own first."""
    return read_path(path).languages


@lru_cache(maxsize=64)
def variants_in(path: Path) -> tuple[str, ...]:
    """The variants of the flow of this file."""
    return read_path(path).variants
