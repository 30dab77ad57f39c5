"""How far a real conversation is from a state of the machine, whatever its values."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import cached_property

from engine.check.control import ANYTHING
from engine.check.explore import Key, Space, explore, successors
from engine.check.moves import Course, Where
from engine.dialogue.state import State


class Nearness:
    """The ways of a flow walked once, for any number of goals."""

    def __init__(self, course: Course) -> None:
        self.course = course

    @cached_property
    def space(self) -> Space:
        return explore(self.course, ANYTHING)

    @cached_property
    def _before(self) -> dict[Key, list[Key]]:
        before: dict[Key, list[Key]] = {}
        for key in self.space.came:
            for _, later in successors(self.course, ANYTHING, key):
                before.setdefault(later, []).append(key)
        return before

    def to(self, positions: Iterable[str]) -> Callable[[State], int | None]:
        """How many moves a conversation is from any of the positions at least; None where no way leads there."""
        wanted = frozenset(positions)
        far: dict[Key, int] = {key: 0 for key in self.space.came if key[0] in wanted}
        queue = deque(far)
        while queue:
            key = queue.popleft()
            for earlier in self._before.get(key, ()):
                if earlier not in far:
                    far[earlier] = far[key] + 1
                    queue.append(earlier)
        return lambda state: far.get((state.position, Where(state.form, state.home), ()))
