"""Follows a real conversation in the abstract machine: every step it takes must be one that the proofs know."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from engine.check.control import ANYTHING
from engine.check.explore import Key, Slice, explore, successors
from engine.check.moves import Course, Where
from engine.check.promises import slices_of
from engine.dialogue.machine import PASSED
from engine.dialogue.state import State
from engine.flow.model import TransferStep


class Follower:
    """All that one slice takes for possible after a conversation so far."""

    def __init__(self, course: Course, name: str, cut: Slice) -> None:
        self.course, self.name, self.cut = course, name, cut
        self.explored = frozenset(explore(course, cut).came)
        self._after: dict[Key, frozenset[Key]] = {}

    def start(self, state: State) -> frozenset[Key]:
        """What is possible once the call was answered."""
        first: Key = (self.course.flow.start, self.course.begin(), self.cut.start())
        return self._like(self._settled([first]), state)

    def follow(self, possible: frozenset[Key], state: State) -> frozenset[Key]:
        """What is possible after one more step, which led to `state`; nothing where no proof knows of that step."""
        return self._like(frozenset().union(*map(self._step, possible)), state)

    def _step(self, key: Key) -> frozenset[Key]:
        if key not in self._after:
            moved = [key, *(later for _, later in successors(self.course, self.cut, key))]
            settled = self._settled(moved)
            if self.course.nodes[key[0]].kind == "consent":
                settled |= self._settled(list(self._handed(settled)))
            self._after[key] = settled
        return self._after[key]

    def _handed(self, keys: frozenset[Key]) -> Iterator[Key]:
        """What is said beside a consent may answer the open question after it in the same breath."""
        for key in keys:
            if self.course.nodes[key[0]].kind == "listen":
                moves = successors(self.course, self.cut, key)
                yield from (later for move, later in moves if move.trigger.startswith("want."))

    def _settled(self, keys: list[Key]) -> frozenset[Key]:
        """The keys, and all to which a call passes on from them without waiting."""
        found = set(keys)
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            for move, later in successors(self.course, self.cut, key):
                node = self.course.nodes[key[0]]
                step = node.step
                shut = isinstance(step, TransferStep) and step.calendar is not None and move.outcome == "closed"
                if (node.kind in PASSED or shut or move.label == "refused") and later not in found:
                    found.add(later)
                    waiting.append(later)
        return frozenset(found)

    def _like(self, keys: frozenset[Key], state: State) -> frozenset[Key]:
        seen: tuple[str, Where, Hashable] = (state.position, Where(state.form, state.home), self.cut.of(state))
        return frozenset(key for key in keys if (key[0], key[1], self.cut.seen(key[2])) == seen)


def followers(course: Course) -> tuple[Follower, ...]:
    """One for each slice that the proofs of a flow walk."""
    found = [("the way", ANYTHING), *slices_of(course)]
    return tuple(Follower(course, f"{type(cut).__name__} {name}", cut) for name, cut in found)
