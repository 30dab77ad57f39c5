"""Coverage of one flow by its conversations, as a table for people and as JSON for tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.coverage.hints import hint
from engine.coverage.items import KINDS, Item, Kind, inventory
from engine.coverage.lines import Lines, lines_of
from engine.coverage.reach import unreachable
from engine.dialogue.machine import Compiled
from engine.flow.reading import Reading

NAMES: Final[Mapping[Kind, str]] = {
    "step": "steps", "transition": "ways between them", "rung": "repair rungs", "outcome": "tool outcomes",
    "transfer": "transfer outcomes", "rejection": "refused values", "correction": "corrections",
    "global": "wishes at each step", "answer": "questions of callers", "wording": "wordings",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that no conversation lived through, with what would do it."""

    item: Item
    lines: Lines
    hint: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """`unreachable` items are proven to be beyond every caller and count neither way."""

    flow: str
    path: str
    talks: int
    lived: frozenset[Item]
    missing: tuple[Missing, ...]
    unreachable: tuple[Missing, ...]

    @property
    def percent(self) -> float:
        """Of what can be covered; 100 where there is nothing."""
        whole = len(self.lived) + len(self.missing)
        return 100.0 * len(self.lived) / whole if whole else 100.0

    def by_kind(self) -> Iterator[tuple[Kind, int, int]]:
        """For every kind, how many were lived through and how many there are."""
        lived = Counter(item.kind for item in self.lived)
        missing = Counter(one.item.kind for one in self.missing)
        yield from ((kind, lived[kind], lived[kind] + missing[kind]) for kind in KINDS if lived[kind] + missing[kind])


Shown = Callable[[str], str]
"""A file's name as people see it."""


def cover(compiled: Compiled, reading: Reading, lived: Iterable[Item], talks: int, shown: Shown = str) -> Coverage:
    """What conversations cover of a flow. Proofs are asked only about what is missing."""
    items = inventory(compiled)
    hit = frozenset(lived) & frozenset(items)
    left = [item for item in items if item not in hit]
    beyond = unreachable(compiled) if left else frozenset()

    def told(item: Item) -> Missing:
        lines = lines_of(reading, item)
        return Missing(item, Lines(shown(lines.file), lines.first, lines.last), hint(compiled, item))

    return Coverage(
        compiled.flow.name,
        shown(compiled.flow.path),
        talks,
        hit,
        tuple(told(item) for item in left if item not in beyond),
        tuple(told(item) for item in left if item in beyond),
    )


def table(coverage: Coverage, most: int = 20) -> Iterator[str]:
    """Coverage for people, with the first missing things of each kind."""
    yield f"{coverage.flow}: {coverage.percent:.1f} % covered by {coverage.talks} talks ({coverage.path})"
    for kind, lived, whole in coverage.by_kind():
        yield f"  {NAMES[kind]:<22}{lived:>5} of {whole:<5}{100 * lived / whole:6.1f} %"
    if coverage.unreachable:
        yield f"  {len(coverage.unreachable)} more cannot happen, by proof, and are not counted"
    if coverage.missing:
        yield "missing:"
    for one in coverage.missing[:most]:
        yield f"  {one.lines}  {one.item.kind} {one.item}"
        yield f"      {one.hint}"
    if len(coverage.missing) > most:
        yield f"  and {len(coverage.missing) - most} more (--coverage FILE.html or FILE.json has them all)"


def as_json(coverage: Coverage) -> dict[str, Any]:
    """Coverage as JSON data; `lived` lists what was lived through, so that it can be marked on a picture."""
    return {
        "flow": coverage.flow,
        "path": coverage.path,
        "talks": coverage.talks,
        "percent": round(coverage.percent, 2),
        "kinds": {kind: {"covered": lived, "total": whole} for kind, lived, whole in coverage.by_kind()},
        "missing": [_missing(one) for one in coverage.missing],
        "unreachable": [_missing(one) for one in coverage.unreachable],
        "lived": [list(item) for item in sorted(coverage.lived)],
    }


def _missing(one: Missing) -> dict[str, Any]:
    return {
        "kind": one.item.kind,
        "place": one.item.place,
        "what": one.item.what,
        "file": one.lines.file,
        "line": one.lines.first,
        "end_line": one.lines.last,
        "hint": one.hint,
    }
