"""What the console does with simulations: the talks of a flow that is being changed, and calls that are typed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from engine.actions.registry import Toolbox
from engine.actions.store import Store
from engine.check.graph import picture
from engine.console.examining import laid_out
from engine.console.rehearsing import Failed, Rehearsed, Tell, Typed, Untried, Workbench
from engine.console.texts import Texts
from engine.coverage.marks import marks
from engine.coverage.report import NAMES, cover
from engine.drawing import svg
from engine.errors import FrontdeskError
from engine.flow.loader import read_path
from engine.flow.model import Flow
from engine.persona.persona import Persona
from engine.simulate.batch import Batch
from engine.simulate.chat import Conversation
from engine.simulate.result import Result
from engine.simulate.stage import load_stage, stage_with

UNTRIED: Final = 40
"""Things that no talk tries, shown at a time."""


def rehearse(main: str, texts: Texts, home: Path) -> Rehearsed:
    """Runs the talks below `home` on the flow of these texts. Raises AuthorError where they are no sound flow."""
    with laid_out(main, texts) as path:
        for talk in sorted(home.rglob("*.talk")):
            name = talk.relative_to(home)
            if not any(part.startswith(".") for part in name.parts):
                (path.parent / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(talk, path.parent / name)
        return _rehearsed(path)


def _rehearsed(path: Path) -> Rehearsed:
    compiled = load_stage(path).compiled
    files = sorted(path.parent.rglob("*.talk"))
    results = list(Batch(str(path), jobs=1, watched=True, whole=False).run(files))
    ours = [one for one in results if not one.flow or Path(one.flow).resolve() == path]
    lived = frozenset(item for one in ours for item in one.lived)
    found = cover(compiled, read_path(path), lived, len(ours), lambda name: str(name).removeprefix(f"{path.parent}/"))
    kinds = tuple((NAMES[kind], covered, whole) for kind, covered, whole in found.by_kind())
    missing = {one.item for one in found.missing}
    try:
        drawn = svg(picture(compiled, marks=marks(compiled, found.lived, missing)))
    except FrontdeskError:
        drawn = None
    untried = tuple(Untried(one.lines.file, one.lines.first, one.hint) for one in found.missing[:UNTRIED])
    failed = tuple(_failed(one, path.parent) for one in ours if not one.passed)
    return Rehearsed(len(ours), failed, found.percent, kinds, untried, drawn)


def _failed(result: Result, home: Path) -> Failed:
    name = result.file.removeprefix(f"{home}/")
    if result.faults:
        return Failed(name, result.faults[0].at.line, result.faults[0].message)
    assert result.difference is not None
    return Failed(name, result.difference.at.line, result.difference.message)


async def converse(
    flow: Flow, persona: Persona, store: Store, clock: Callable[[], datetime], call_id: str, tell: Tell
) -> Typed:
    """A call that is typed, as `frontdesk chat` has it; its tools work on `store`."""
    stage = await asyncio.to_thread(stage_with, flow, persona)
    return Conversation(stage, Toolbox(flow, store), clock, call_id, tell)


WORKBENCH: Final = Workbench(rehearse, converse)
