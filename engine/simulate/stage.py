"""A flow made ready for conversations without a telephone; loaded once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from engine.acts import Act
from engine.dialogue.machine import Compiled, compile_flow
from engine.effects import Expecting
from engine.flow.loader import load_flow
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

    def understand(self, words: str, expecting: Expecting, now: datetime) -> tuple[Act, ...]:
        """The acts that the embedded understanding finds in words."""
        return tuple(self.understanding.understand(words, expecting, now).acts)


@lru_cache(maxsize=16)
def load_stage(path: Path) -> Stage:
    """The flow of this file. Raises AuthorError with its findings, SettingsError when it cannot be read."""
    flow = load_flow(path)
    persona = persona_beside(path, flow.persona)
    return Stage(flow, compile_flow(flow), persona, prompts_of(flow), Understanding(flow))
