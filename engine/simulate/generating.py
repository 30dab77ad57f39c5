"""Talks that write themselves: a small set that lives through all that a flow can do, each checked by running it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.coverage.hints import headline
from engine.coverage.items import Item
from engine.coverage.watch import Watch
from engine.errors import SettingsError
from engine.simulate.composing import compose
from engine.simulate.exploring import explore_items, places
from engine.simulate.runner import run_script
from engine.simulate.sayings import Sayings
from engine.simulate.script import bind
from engine.simulate.stage import Stage
from engine.simulate.writing import file_name, write
from engine.talk.reader import read_talk

_ROUNDS: Final = 3
"""How often what the written talks turn out to leave out is written once more."""


@dataclass(frozen=True, slots=True)
class Made:
    """A talk as text, the name of its file, and what running it lives through."""

    name: str
    text: str
    lived: frozenset[Item]
    passed: bool


def generate(stage: Stage, without: frozenset[Item] = frozenset()) -> Iterator[Made]:
    """Talks that together live through everything that was found to be possible, but for `without`. The same flow
    always gets the same talks."""
    watch = Watch(stage.compiled)
    sayings = Sayings(stage)
    found = explore_items(watch, places(stage, sayings))
    left = frozenset(found.ways) - without
    taken: list[str] = []
    for _ in range(_ROUNDS):
        lived: set[Item] = set()
        for composed in compose(watch, found, left):
            title = headline(stage.compiled, composed.target)
            made = _made(stage, write(stage, sayings, composed.where, composed.trial, title), file_name(title, taken))
            if made.passed and made.lived & (left - lived):
                taken.append(made.name)
                lived |= made.lived
                yield made
        if not left - lived or not lived:
            return
        left -= lived


def _made(stage: Stage, text: str, name: str) -> Made:
    result = run_script(bind(read_talk(text, name), stage.flow), stage, stage.watch)
    return Made(name, text, result.lived, result.passed)


def save(made: Made, folder: Path) -> Path:
    """Writes the talk into the folder. Raises SettingsError where that cannot be done."""
    file = folder / made.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(made.text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write {file}: {error.strerror}") from error
    return file
