"""Talks that write themselves: a small set that lives through all that a flow can do, each checked by running it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.coverage.hints import headline, short_name
from engine.coverage.items import Item
from engine.coverage.watch import Watch
from engine.errors import SettingsError
from engine.shipped import find_flow, shipped_flows
from engine.simulate.composing import compose
from engine.simulate.exploring import MOST_STEPS, explore_items, places
from engine.simulate.runner import run_script
from engine.simulate.sayings import Sayings
from engine.simulate.script import bind
from engine.simulate.stage import Stage
from engine.simulate.writing import file_name, write
from engine.talk import model
from engine.talk.reader import read_talk
from engine.talk.writer import write_line

_TOLD: Final = ("global", "rung", "rejection", "correction", "transfer")
_MOST_TOLD: Final = 6
_ROUNDS: Final = 3
"""How often what the written talks turn out to leave out is written once more."""


@dataclass(frozen=True, slots=True)
class Made:
    """A talk as text, the name of its file, and what running it lives through."""

    name: str
    text: str
    lived: frozenset[Item]
    passed: bool


def generate(stage: Stage, without: frozenset[Item] = frozenset(), most: int = MOST_STEPS) -> Iterator[Made]:
    """Talks that together live through everything that was found to be possible within so many steps of looking, but
    for `without`. The same flow always gets the same talks."""
    watch = Watch(stage.compiled)
    sayings = Sayings(stage)
    found = explore_items(watch, places(stage, sayings), most)
    left = frozenset(found.ways) - without
    taken: list[str] = []
    for _ in range(_ROUNDS):
        lived: set[Item] = set()
        for composed in compose(watch, found, left):
            title = headline(stage.compiled, composed.target)
            notes = [title, _also(composed.lived & left - lived, composed.target)]
            text = write(stage, sayings, composed.where, composed.trial, [note for note in notes if note])
            made = _made(stage, text, file_name(short_name(composed.target), taken))
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


def save(made: Made, folder: Path, flow: Path) -> Path:
    """Writes the talk into the folder; it names its flow where that does not stand in the folder above. Raises
    SettingsError where it cannot be written."""
    file = folder / made.name
    text = made.text
    if (folder.resolve().parent / "flow.yaml") != flow.resolve():
        notes, given, rest = text.partition("\ngiven ")
        text = f"{notes}\n{write_line(model.GivenFlow(_name(flow, folder)))}{given}{rest}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write {file}: {error.strerror}") from error
    return file


def _name(flow: Path, folder: Path) -> str:
    """What a talk in the folder calls the flow: its shipped name, else where it lies from there."""
    name = flow.resolve().parent.name
    if name in shipped_flows() and find_flow(name).resolve() == flow.resolve():
        return name
    return os.path.relpath(flow.resolve(), folder.resolve())


def _also(items: frozenset[Item], target: Item) -> str:
    """What else a talk shows, in a few words."""
    told = [f"{item.what} at {item.place}" for item in sorted(items) if item.kind in _TOLD and item != target]
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    return f"also: {', '.join(told[:_MOST_TOLD])}{more}" if told else ""
