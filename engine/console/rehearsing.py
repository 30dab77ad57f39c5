"""What the console asks of rooms that it may not import: the talks of a flow, and conversations that are typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias

from engine.actions.store import Store
from engine.console.texts import Texts
from engine.dialogue.state import State
from engine.effects import Effect
from engine.events import Event
from engine.flow.model import Flow
from engine.persona.persona import Persona


@dataclass(frozen=True, slots=True)
class Failed:
    """A talk that takes another course: where it first differs, and how."""

    talk: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Untried:
    """Something that no talk lives through, where it is written, and what would do it."""

    file: str
    line: int
    hint: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a flow's talks come to. `kinds` are names of what can be covered, how much of it is, and all; `picture` is
    an SVG element with the coverage marked, None where Graphviz is missing."""

    talks: int
    failed: tuple[Failed, ...]
    percent: float
    kinds: tuple[tuple[str, int, int], ...]
    untried: tuple[Untried, ...]
    picture: str | None


class Typed(Protocol):
    """A conversation that is typed."""

    state: State
    transfers: str
    """How transfers turn out."""

    async def begin(self, caller: str | None) -> None: ...
    async def say(self, words: str) -> None: ...
    async def press(self, keys: str) -> None: ...
    async def stay_silent(self) -> None: ...
    async def hang_up(self) -> None: ...


Tell: TypeAlias = Callable[[Event | Effect], None]
Converse: TypeAlias = Callable[[Flow, Persona, Store, Callable[[], datetime], str, Tell], Awaitable[Typed]]
"""Begins nothing yet; the tools work on the given store."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """`rehearse` runs the talks below a folder on texts (main file, texts, folder); it blocks for seconds and can be
    run in another process."""

    rehearse: Callable[[str, Texts, Path], Rehearsed]
    converse: Converse
