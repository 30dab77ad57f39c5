"""Coverage as marks on the picture of a flow."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.check.graph import Mark, Marks, base
from engine.coverage.items import Item, rows_of
from engine.dialogue.machine import Compiled


def marks(compiled: Compiled, lived: Collection[Item], missing: Collection[Item]) -> Marks:
    """A step is marked by all that can happen at it, an arrow by the ways that it stands for. What is in neither
    collection is not counted."""
    steps: dict[str, list[bool]] = {}
    for covered, items in ((True, lived), (False, missing)):
        for item in items:
            if item.kind not in ("transition", "outcome", "transfer"):
                steps.setdefault(base(item.place), []).append(covered)
    ways: dict[tuple[str, str], list[bool]] = {}
    rows = rows_of(compiled)
    for trigger, event in compiled.machine.events.items():
        for source, found in event.transitions.items():
            for row, one in zip(found, rows[source, trigger], strict=True):
                if one is not None and (one in lived or one in missing):
                    ways.setdefault((base(source), base(str(row.dest))), []).append(one in lived)
    never = {item.place for item in missing if item.kind == "step"}
    shown: dict[str, Mark] = {name: "none" if name in never else _mark(covered) for name, covered in steps.items()}
    return Marks(shown, {way: _mark(covered) for way, covered in ways.items()})


def _mark(covered: Iterable[bool]) -> Mark:
    found = list(covered)
    return "full" if all(found) else "part" if any(found) else "none"
