"""Calls of the log run again for the console, by the simulation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from engine.actions.store import Store
from engine.console.again import Parting, Replayed, Test
from engine.console.lines import Stamp, stamp_of
from engine.errors import SettingsError
from engine.flow.loader import load_flow
from engine.flow.model import Flow
from engine.persona.persona import Persona, persona_beside
from engine.simulate.export import export
from engine.simulate.kept import Kept, kept_call, variant_of
from engine.simulate.replay import Parted, event_line, replay, side_by_side
from engine.simulate.report import failure_lines
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import Stage, languages_of, stage_with
from engine.talk.reader import read_talk
from engine.talk.writer import write_talk

_Key: TypeAlias = tuple[Path, str, str | None]
"""A flow's file, a language, and a variant."""


class Retelling:
    """The console's `Again` over the calls of a store. A flow is read again when its files changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[_Key, tuple[Stamp, Flow]] = {}
        self._staged: dict[_Key, tuple[Stamp, Stage, str]] = {}

    def replay(self, call_id: str, flow: Path | None) -> Replayed:
        call = kept_call(self._store.archive, call_id)
        found = replay(call, self._flow(call, flow))
        parted = found.parted
        return Replayed(
            found.events,
            found.same,
            tuple((one.id, one.was, one.now) for one in found.worded),
            found.lesser,
            None if parted is None else _parting(parted),
            any(turn.masked for turn in call.turns[: found.same + 1]),
        )

    def test(self, call_id: str, flow: Path | None) -> Test:
        call = kept_call(self._store.archive, call_id)
        stage, own = self._stage(call, flow)
        folder = None if flow is None else flow.parent / "talks"
        given = None
        if flow is not None and folder is not None and flow.name != "flow.yaml":
            given = os.path.relpath(flow, folder)
        text = write_talk(export(call, stage, own, mask=True, flow=given))
        result = run_script(bind(read_talk(text, f"{call_id}.talk"), stage.flow), stage)
        return Test(text, folder, () if result.passed else tuple(failure_lines(result)))

    def _flow(self, call: Kept, path: Path | None) -> Flow:
        if path is not None:
            key, stamp = _key(call, path), stamp_of(path.parent)
            kept = self._read.get(key)
            if kept is None or kept[0] != stamp:
                kept = self._read[key] = (stamp, load_flow(*key))
            return kept[1]
        if call.flow is None:
            raise SettingsError(f"the version of {call.row.flow} that took this call is not kept")
        return call.flow

    def _stage(self, call: Kept, path: Path | None) -> tuple[Stage, str]:
        """The flow with all that hears and speaks, and its own language. The last of each is kept: to learn a flow's
        phrases takes a tenth of a second."""
        flow = self._flow(call, path)
        if path is None:
            return stage_with(flow, Persona("plain")), call.own
        key, stamp = _key(call, path), stamp_of(path.parent)
        kept = self._staged.get(key)
        if kept is None or kept[0] != stamp:
            made = stage_with(flow, persona_beside(path, flow.persona)), languages_of(path)[0]
            kept = self._staged[key] = (stamp, *made)
        return kept[1:]


def _key(call: Kept, path: Path) -> _Key:
    return path, call.row.language, variant_of(call.turns)


def _parting(parted: Parted) -> Parting:
    beside = tuple(side_by_side(parted))
    return Parting(parted.number, event_line(parted.event), parted.position, beside, parted.apart)
