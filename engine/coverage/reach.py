"""What no conversation can live through, by proof: each slice of the prover allows more than can really happen, so
what one of them cannot come to is not there to be covered."""

from __future__ import annotations

from collections.abc import Hashable

from engine.check.control import ANYTHING
from engine.check.explore import Slice, Space, explore
from engine.check.moves import HEARS, Course, Where
from engine.check.promises import slices_of
from engine.coverage.items import ANYWHERE, Item, Rows, inventory, rows_of
from engine.dialogue.machine import Compiled


def unreachable(compiled: Compiled) -> frozenset[Item]:
    """Items that are proven to be out of every caller's reach."""
    course, rows = Course(compiled), rows_of(compiled)
    reached = frozenset(inventory(compiled))
    for cut in (ANYTHING, *(cut for _, cut in slices_of(course))):
        reached &= _within(course, rows, reached, cut)
    return frozenset(inventory(compiled)) - reached


def _within(course: Course, rows: Rows, items: frozenset[Item], cut: Slice) -> frozenset[Item]:
    """The items that a slice can come to."""
    space = explore(course, cut)
    seen = {position for position, _, _ in space.came}
    steps = {position.partition("/")[0] for position in seen}
    owners = {course.nodes[name].owner for name in seen if course.nodes[name].kind in HEARS}
    hears = {course.nodes[name].step.name for name in seen if course.nodes[name].kind in HEARS}
    ways = _ways(course, rows, cut, space)

    def within(item: Item) -> bool:
        match item.kind:
            case "step" | "correction":
                return item.place in steps
            case "transition" | "outcome" | "transfer":
                return item in ways or item.place == ANYWHERE
            case "rung":
                return item.place in owners or item.place in hears
            case "global":
                return item.place in hears
        return True

    return frozenset(item for item in items if within(item))


def _ways(course: Course, rows: Rows, cut: Slice, space: Space) -> set[Item]:
    """The rows of the table that are taken somewhere in a slice."""
    found: set[Item] = set()
    for position, where, known in space.came:
        for one, moves in course.plan(position, where.form):
            triggers = {move.trigger for move in moves if move.trigger}
            for later in cut.after(position, where, known, one):
                for trigger in triggers:
                    found |= _taken(course, rows, cut, position, where, trigger, later)
    return found


def _taken(
    course: Course, rows: Rows, cut: Slice, position: str, where: Where, trigger: str, known: Hashable
) -> set[Item]:
    """Rows that may be the first whose conditions hold."""
    found: set[Item] = set()
    items = rows.get((position, trigger), ())
    for row, item in zip(course.rows.get((trigger, position), ()), items, strict=True):
        held = [cut.holds(condition, where, known) for condition in row.conditions]
        if False in held:
            continue
        if item is not None:
            found.add(item)
        if None not in held:
            break
    return found
