"""Walks everything that can happen, for one slice of a conversation, and remembers how it got there."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from engine.check.moves import Course, Move, Where
from engine.dialogue.machine import Guard, Looks
from engine.dialogue.state import State

Key: TypeAlias = tuple[str, Where, Hashable]
"""A position, how the call came there, and what the slice knows."""

MOST_KEYS: Final = 400_000


class Slice(Protocol):
    """The part of a conversation that a proof looks at; all else is left to the adversary."""

    def start(self) -> Hashable:
        """What is known when a call begins."""

    def after(self, position: str, where: Where, known: Hashable, move: Move) -> Iterable[Hashable]:
        """What may be known after a move."""

    def holds(self, condition: Looks | Guard, where: Where, known: Hashable) -> bool | None:
        """Whether a condition of the table holds; None where it may be either."""

    def of(self, state: State) -> Hashable:
        """What `seen` makes of a real conversation."""

    def seen(self, known: Hashable) -> Hashable:
        """The part of what is known that can be seen in a real conversation's state."""


@dataclass(slots=True)
class Space:
    """All that was reached, each key with the one before it and the move between them."""

    came: dict[Key, tuple[Key, Move] | None] = field(default_factory=dict)
    moves: int = 0

    def way(self, key: Key) -> list[tuple[Key, Move]]:
        """The shortest way from the start to `key`: keys with the moves that left them."""
        found: list[tuple[Key, Move]] = []
        before = self.came[key]
        while before is not None:
            found.append(before)
            before = self.came[before[0]]
        return found[::-1]


def successors(course: Course, cut: Slice, key: Key) -> Iterator[tuple[Move, Key]]:
    """Where each move can lead from `key`."""
    position, where, known = key
    for one, moves in course.plan(position, where.form):
        for later in cut.after(position, where, known, one):
            for move in moves:
                yield from _led(course, cut, position, where, move, later)


def _led(
    course: Course, cut: Slice, position: str, where: Where, move: Move, known: Hashable
) -> Iterator[tuple[Move, Key]]:
    if move.goto:
        yield move, (move.goto, where, known)
    elif not move.trigger:
        yield move, (position, where, known)
    else:
        for dest in course.dests(move.trigger, position, lambda condition: cut.holds(condition, where, known)):
            yield move, (dest, course.moved(dest, where), known)


def explore(course: Course, cut: Slice) -> Space:
    """Everything that can be reached from the start of a call, nearest first."""
    first: Key = (course.flow.start, course.begin(), cut.start())
    space = Space({first: None})
    queue = deque([first])
    while queue:
        key = queue.popleft()
        for move, later in successors(course, cut, key):
            space.moves += 1
            if later not in space.came:
                space.came[later] = (key, move)
                queue.append(later)
        if len(space.came) > MOST_KEYS:
            raise OverflowError(f"more than {MOST_KEYS} states")
    return space


def distances(course: Course, cut: Slice, space: Space, goals: Iterable[Key]) -> Mapping[Hashable, int]:
    """How many moves each reached key is from the nearest goal, by what can be seen of it."""
    before: dict[Key, list[Key]] = {}
    for key in space.came:
        for _, later in successors(course, cut, key):
            before.setdefault(later, []).append(key)
    far: dict[Key, int] = dict.fromkeys(goals, 0)
    queue = deque(far)
    while queue:
        key = queue.popleft()
        for earlier in before.get(key, ()):
            if earlier not in far:
                far[earlier] = far[key] + 1
                queue.append(earlier)
    nearest: dict[Hashable, int] = {}
    for (position, where, known), steps in far.items():
        shown = (position, where, cut.seen(known))
        nearest[shown] = min(steps, nearest.get(shown, steps))
    return nearest
