"""Proofs about the way of a call alone, whatever is in the slots: that it ends, that a person can be had, that failures
run out, and that it never spins."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.check.explore import Key, Slice, Space, explore, successors
from engine.check.graphs import circles
from engine.check.moves import BYE, HEARS, Course, Move, Where
from engine.check.promises import Fault
from engine.check.slices import placed
from engine.dialogue.machine import PASSED, Guard, Looks
from engine.dialogue.state import State
from engine.flow.model import TransferStep

RINGS = tuple(f"transfer {outcome}" for outcome in ("connected", "busy", "no_answer", "declined", "failed"))


_PLAIN = ("listen", "ask", "slot", "confirm", "choose_slot")
"""Questions that every call can come to; the others need an answer that was odd."""
_SHOWN = 3


class Anything:
    """The slice that knows nothing: every condition may hold or not."""

    def start(self) -> Hashable:
        return ()

    def seen(self, known: Hashable) -> Hashable:
        return ()

    def of(self, state: State) -> Hashable:
        return ()

    def after(self, position: str, where: Where, known: Hashable, move: Move) -> Iterable[Hashable]:
        return ((),)

    def holds(self, condition: Looks | Guard, where: Where, known: Hashable) -> bool | None:
        return None if isinstance(condition, Guard) else placed(condition, where)


ANYTHING = Anything()


@dataclass(frozen=True, slots=True)
class Way:
    """Everything that a call can come by, with the moves between."""

    course: Course
    space: Space
    moves: dict[Key, tuple[tuple[Move, Key], ...]]

    def kind(self, key: Key) -> str:
        return self.course.nodes[key[0]].kind


def ways(course: Course, cut: Slice = ANYTHING, space: Space | None = None) -> Way:
    """The ways of a flow as a slice sees them; `space` is what it reaches, where that is known."""
    space = space or explore(course, cut)
    return Way(course, space, {key: tuple(successors(course, cut, key)) for key in space.came})


def _first(way: Way, knot: list[Key]) -> Key:
    """The key of a circle that a call comes to first, of those where something is waited for."""
    waits = [key for key in knot if way.kind(key) not in PASSED] or knot
    order = {key: number for number, key in enumerate(way.space.came)}
    return min(waits, key=lambda key: order[key])


def ends(way: Way) -> Iterator[Fault]:
    """A call must not go round for ever without the caller getting a word in."""
    for knot in circles((key for key in way.moves if way.kind(key) not in HEARS), lambda key: _unheard(way, key)):
        if all(way.kind(key) in PASSED for key in knot):
            continue
        name = _first(way, knot)[0]
        yield Fault("ends", name, name, f"the call can go round at `{name}` for ever, and the caller cannot end it")


def _unheard(way: Way, key: Key) -> list[Key]:
    """Where a call can go by itself, over moves that no counter ends."""
    return [
        later
        for move, later in way.moves[key]
        if not move.counted and move.label not in ("too long", "operator") and way.kind(later) not in HEARS
    ]


def awake(way: Way) -> Iterator[Fault]:
    """Between two waits a call must not go round."""

    for knot in circles((key for key in way.moves if passes(way, key)), lambda key: passed_to(way, key)):
        yield Fault(
            "awake", knot[0][0], knot[0][0], f"the call can go round at `{knot[0][0]}` without waiting for anybody"
        )
    for tool in way.course.flow.tools.values():
        if tool.deadline <= 0:
            yield Fault("awake", "", tool.name, f"`{tool.name}` has no deadline")


def passes(way: Way, key: Key) -> bool:
    """Whether a call can leave a state at once, without waiting for anybody."""
    return way.kind(key) in PASSED or _may_close(way, key)


def passed_to(way: Way, key: Key) -> list[Key]:
    """Where it then comes to, of states that it can leave at once again."""
    closed = way.kind(key) == "transfer"
    moves = way.moves[key]
    return [later for move, later in moves if passes(way, later) and (not closed or move.outcome == "closed")]


def human(way: Way) -> Iterator[Fault]:
    """Whoever asks for a person gets one, or can leave a message, by asking alone."""
    asked = [later for key in way.moves for move, later in way.moves[key] if _asks(way, key, move)]
    reached = _closure(way, asked, lambda key, move: _insists(way, key, move))
    for key in reached:
        if way.kind(key) == "final":
            name = _led_by(reached, key)
            after_step = f" after `{name}`" if name else ""
            here = "" if name == way.course.flow.operator and way.kind((name, *key[1:])) != "transfer" else name
            yield Fault("human", here, "message", f"a caller who asks for a person can be cut off{after_step}")
            break

    def after(key: Key) -> list[Key]:
        moves = way.moves[key]
        return [
            later for move, later in moves if _insists(way, key, move) and move.label not in RINGS and not move.counted
        ]

    knots = circles(reached, after)
    if knots:
        knot = max(knots, key=len)
        rings = [key for key in knot if way.kind(key) == "transfer"]
        name = (rings or [_first(way, knot)])[0][0]
        yield Fault("human", name, "transfer", f"a caller who asks for a person goes round at `{name}`")
    yield from _urgent(way)


def _asks(way: Way, key: Key, move: Move) -> bool:
    return move.label == "operator" and way.kind(key) in HEARS


def _insists(way: Way, key: Key, move: Move) -> bool:
    """What can happen to a caller who says "operator" whenever we listen, until help is there."""
    kind = way.kind(key)
    if kind in HEARS:
        return move.label == "operator"
    return kind != "message" and move.label not in ("too long", "transfer connected", "refused")


def _closure(way: Way, first: Iterable[Key], allowed: Callable[[Key, Move], bool]) -> dict[Key, Key | None]:
    """All that can be come by over moves that are allowed, each with what comes before it."""
    found: dict[Key, Key | None] = {}
    waiting: deque[tuple[Key, Key | None]] = deque((key, None) for key in first)
    while waiting:
        key, before = waiting.popleft()
        if key not in found:
            found[key] = before
            waiting.extend((later, key) for move, later in way.moves[key] if allowed(key, move))
    return found


def _led_by(found: Mapping[Key, Key | None], key: Key) -> str:
    """The last step of the author's before `key`; empty where there is none."""
    before = found[key]
    while before is not None and before[0] == BYE:
        before = found[before]
    return "" if before is None else before[0]


def _urgent(way: Way) -> Iterator[Fault]:
    """After an urgent wish, no message box and no end before a notice was heard or somebody answered."""
    for intent in way.course.flow.anywhere.values():
        if not intent.urgent:
            continue
        trigger = f"anywhere.{intent.name}"
        first = [later for key in way.moves for move, later in way.moves[key] if move.trigger == trigger]

        def on(key: Key, move: Move) -> bool:
            kind = way.kind(key)
            return (
                kind not in HEARS
                and kind not in ("notice", "message")
                and move.label not in ("too long", "transfer connected")
            )

        found = _closure(way, first, on)
        for key in found:
            if way.kind(key) in ("message", "final"):
                words = f"`{intent.name}` can end at `{key[0]}` before any notice told the caller what to do"
                yield Fault("human", key[0] if way.kind(key) == "message" else _led_by(found, key), intent.name, words)
                break
        yield from _spins(way, intent.name, found)


def _spins(way: Way, intent: str, found: Mapping[Key, Key | None]) -> Iterator[Fault]:
    """A call that goes round without waiting is ended by the engine, and an urgent caller with it."""
    for knot in circles((key for key in found if passes(way, key)), lambda key: passed_to(way, key)):
        name = knot[0][0]
        yield Fault("human", name, intent, f"`{intent}` can end at `{name}`, which goes round without an answer")


def bounded(way: Way) -> Iterator[Fault]:
    """A caller who fails and fails is led on, and never back to where the failures began."""
    asked = [key for key in way.moves if way.kind(key) in HEARS]
    for knot in circles(asked, lambda key: failing(way, key)):
        if any(way.kind(key) == "transfer" for key in knot):
            continue  # nobody can be had there, which `human` says
        hears = dict.fromkeys(key[0] for key in knot if way.kind(key) in HEARS)
        for name in sorted(hears, key=lambda name: way.course.nodes[name].kind not in _PLAIN)[:_SHOWN]:
            yield Fault("bounded", name, name, f"a caller who is not understood at `{name}` is led back to it for ever")
    yield from _refusing(way, asked)


def _refusing(way: Way, asked: list[Key]) -> Iterator[Fault]:
    """A caller who says no and no is led on too: nothing counts a no to a plain question."""

    def after(key: Key) -> list[Key]:
        if way.kind(key) in ("ask", "consent"):
            return [later for move, later in way.moves[key] if move.label == "no"]
        return [] if way.kind(key) in HEARS else failing(way, key)

    for knot in circles((key for key in asked if way.kind(key) in ("ask", "consent")), after):
        heard = [key for key in knot if way.kind(key) in HEARS]
        if not heard:
            continue  # nobody is asked anything in it, which `ends` and `awake` say
        name = _first(way, heard)[0]
        yield Fault("bounded", name, "no", f"a caller who says no at `{name}` is led back to it for ever")


def failing(way: Way, key: Key) -> list[Key]:
    """Where failures lead over moves that no counter ends; nowhere once a person, a message or the end is reached."""
    kind = way.kind(key)
    if kind in ("message", "final"):
        return []
    if kind == "transfer":
        return [later for move, later in way.moves[key] if move.outcome == "closed" and _may_close(way, key)]
    if kind in HEARS:
        return [later for move, later in way.moves[key] if move.label == "trouble" and move.trigger == "gave_up"]
    return [later for move, later in way.moves[key] if not move.counted and move.label != "too long"]


def _may_close(way: Way, key: Key) -> bool:
    """Whether a transfer may come back without a telephone having rung."""
    step = way.course.nodes[key[0]].step
    return isinstance(step, TransferStep) and step.calendar is not None
