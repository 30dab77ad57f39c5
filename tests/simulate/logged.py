"""Simulated calls that are kept in a call log, as real ones are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.actions.store import Store
from engine.dialogue.state import State
from engine.effects import Effect
from engine.events import CallStarted, Event
from engine.simulate.checks import Checker
from engine.simulate.files import read_file, stage_of
from engine.simulate.runner import Run
from engine.simulate.script import bind
from engine.simulate.world import Surroundings, World
from engine.watch.calllog import CallLog


def log_talk(store: Store, talk: Path, flow: str | None = None) -> str:
    """Plays a talk as a call that is kept; returns the call's id."""
    read = read_file(talk)
    stage = stage_of(read, talk, flow)
    script = bind(read, stage.flow)
    call = f"{stage.flow.name}-{talk.stem}"
    log = CallLog(store, call, flow=stage.flow, now=script.now, caller=script.caller, called=script.called)

    def see(before: State, event: Event, state: State, found: tuple[Effect, ...]) -> None:
        log.event(event, world.now)
        log.effects(found, world.now)

    surroundings = Surroundings(script.answers, stage.persona, stage.understand, see)
    world = World(stage.compiled, surroundings, script.now, call)
    difference = Run(script, world, Checker(script, world, stage.prompts)).play()
    assert difference is None, difference
    log.end(world.ended or "left", world.now)
    return call


def started(store: Store, call: str) -> Mapping[str, Any]:
    """The first entry of a call."""
    first = store.archive.entries(call)[0]
    assert first.body["$"] == CallStarted.__name__
    return first.body
