"""From a fault that a proof suspects to a real conversation that shows it, or to the news that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from engine.acts import Deny, Global, Want
from engine.check.explore import Key, Slice, Space, distances, explore
from engine.check.moves import BYE, Course, Where
from engine.check.nearness import Nearness
from engine.check.promises import Fault
from engine.check.replay import MOST_STEPS, Far, Scene, Trial, events, play, scene, search
from engine.check.slices import SlotSlice
from engine.check.telling import tell
from engine.effects import Act, Listen, LookUp, Record, Transfer
from engine.events import Heard
from engine.flow.model import Flow, Slot
from engine.talk import model

FIRST_MOMENT: Final = datetime(2026, 10, 1, 10, 0)
_LAPS: Final = 2
_DEEPEST: Final = 14


@dataclass(frozen=True, slots=True)
class Shown:
    """A fault with the talk that shows it."""

    fault: Fault
    talk: str


def scenes(course: Course) -> tuple[Scene, ...]:
    """A moment at which all calendars are open, and one at which as many as can be are closed."""
    flow = course.flow
    start = FIRST_MOMENT.replace(tzinfo=ZoneInfo(flow.timezone))
    moments = [start + timedelta(hours=hours) for hours in range(24 * 7)]

    def opened(moment: datetime) -> int:
        return sum(calendar.is_open(moment) for calendar in flow.calendars.values())

    best, worst = max(moments, key=opened), min(moments, key=opened)
    return tuple(scene(course.compiled, moment) for moment in dict.fromkeys((best, worst)))


class Stage:
    """The course of a flow with the scenes to try it in."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.most = MOST_STEPS
        self.near = Nearness(course)
        self._scenes: tuple[Scene, ...] | None = None
        self._spaces: dict[str, tuple[SlotSlice, Space]] = {}

    def slot_space(self, slot: Slot) -> tuple[SlotSlice, Space]:
        """Everything that a proof comes to about a slot; walked once."""
        if slot.name not in self._spaces:
            cut = SlotSlice(self.course, slot)
            self._spaces[slot.name] = cut, explore(self.course, cut)
        return self._spaces[slot.name]

    @property
    def scenes(self) -> tuple[Scene, ...]:
        if self._scenes is None:
            self._scenes = scenes(self.course)
        return self._scenes


def show(stage: Stage, cut: Slice, space: Space, goals: Mapping[Key, Fault], fault: Fault) -> Shown | None:
    """A conversation that breaks the promise of a fault about a slice; `goals` are the keys where it is broken."""
    far = distances(stage.course, cut, space, goals)

    def left(trial: Trial) -> int | None:
        if any(broken.promise == fault.promise and broken.subject == fault.subject for broken in trial.broken):
            return 0
        if any(_same(broken.promise, fault, broken.subject) for broken in trial.broken):
            return 0
        state = trial.state
        there = far.get((state.position, Where(state.form, state.home), cut.of(state)))
        return None if there is None else there + 1

    slots = frozenset({fault.subject}) & frozenset(stage.course.flow.slots)
    needed = frozenset(getattr(cut, "uses", slots)) | frozenset(getattr(cut, "needs", ())) & frozenset(
        stage.course.flow.slots
    )
    for where in stage.scenes:
        found = search(where, left, slots | needed, stage.most)
        if found is not None:
            return Shown(fault, tell(where, found, fault.words, _expected(stage.course.flow, found, fault)))
    return None


def _same(promise: str, fault: Fault, subject: str) -> bool:
    """Whether the witness names a fault of a slot by the tool that runs."""
    return promise == fault.promise and f"`{subject}`" in fault.words


def _expected(flow: Flow, trial: Trial, fault: Fault) -> Iterator[model.Expect]:
    """What should be true at the end of a conversation and is not."""
    seen = next((broken.words for broken in trial.broken if broken.promise == fault.promise), fault.words)
    words = seen if fault.promise == "filled" else fault.words
    tool = next((name for name in flow.tools if f"`{name}`" in words.split(" after ")[0]), None)
    match fault.promise:
        case "confirmed" if tool is not None and fault.subject in flow.slots:
            yield model.ExpectCalls(tool, 1)
        case "once" if "again" in fault.words and tool is not None:
            yield model.ExpectCalls(tool, 1)
        case "awake":
            yield model.ExpectEnd("hangup")
        case _:
            if tool is not None:
                yield model.ExpectCalls(tool, 0)


def show_way(stage: Stage, fault: Fault) -> Shown | None:
    """A conversation that shows a fault in the way of a call."""
    player: Mapping[str, Callable[[Stage, Scene, Fault], Shown | None]] = {
        "ends": _show_round,
        "bounded": _show_refusals if fault.subject == "no" else _show_failures,
        "human": _show_urgent if fault.subject in stage.course.flow.anywhere else _show_operator,
        "awake": _show_spin,
    }
    for where in stage.scenes:
        shown = player[fault.promise](stage, where, fault)
        if shown is not None:
            return shown
    return None


def _near(stage: Stage, position: str) -> Far:
    """How far a conversation is from a position, whatever the values."""
    far = stage.near.to((position,))
    return lambda trial: far(trial.state)


def reach(stage: Stage, where: Scene, position: str) -> Trial | None:
    """The shortest conversation that was found to wait at a position."""
    slot = stage.course.nodes[position].slot
    return search(where, _near(stage, position), frozenset({slot} if slot else ()), stage.most)


def _alone(where: Scene, trial: Trial, done: Callable[[Trial], bool], listens: bool = False) -> Trial | None:
    """The shortest way on without the caller (who says "operator" where we listen, if `listens`) until `done`."""
    queue = [(trial, 0)]
    while queue:
        one, depth = queue.pop(0)
        if depth and done(one):
            return one
        if depth >= _DEEPEST or one.state.ended or len(queue) > 400:
            continue
        waiting = one.state.waiting
        if isinstance(waiting, Listen):
            if listens:
                queue.append((play(where, one, Heard(waiting.turn, "", (Global("operator"),))), depth + 1))
        else:
            queue += [(play(where, one, event), depth + 1) for event in events(where, one.state, frozenset())]
    return None


def _show_round(stage: Stage, where: Scene, fault: Fault) -> Shown | None:
    trial = reach(stage, where, fault.position)
    for _ in range(_LAPS):
        trial = _alone(where, trial, lambda one: one.state.position == fault.position) if trial is not None else None
    if trial is None:
        return None
    match trial.state.waiting:
        case Act(_, tool) | LookUp(_, tool):
            expected = model.ExpectCalls(tool, 1)
        case Transfer():
            expected = model.ExpectCalls(model.TRANSFER, 1)
        case Record():
            expected = model.ExpectCalls(model.MESSAGE, 1)
        case _:
            return None
    return Shown(fault, tell(where, trial, fault.words, (expected,)))


def _show_operator(stage: Stage, where: Scene, fault: Fault) -> Shown | None:
    first = _to_hear(where)
    if first is None or not isinstance(first.state.waiting, Listen):
        return None
    asked = play(where, first, Heard(first.state.waiting.turn, "", (Global("operator"),)))
    if fault.subject == "message":
        found = asked if _cut_off(asked) else _alone(where, asked, _cut_off, True)
        rang = found is not None and any(isinstance(one.state.waiting, Transfer) for one in found.trail())
        expected = model.ExpectCalls(model.MESSAGE if rang else model.TRANSFER, 1)
    else:
        found = _round(where, asked)
        expected = model.ExpectCalls(model.TRANSFER, 1)
    return None if found is None else Shown(fault, tell(where, found, fault.words, (expected,)))


def _round(where: Scene, asked: Trial) -> Trial | None:
    """The caller asks for a person again and again, and no telephone ever rings; or the call spins."""
    found: Trial | None = asked
    for _ in range(_LAPS):
        if found is not None and not found.state.ended:
            found = _alone(where, found, lambda one: one.state.ended or isinstance(one.state.waiting, Listen), True)
    if found is None or any(isinstance(one.state.waiting, Transfer | Record) for one in found.trail()):
        return None
    return found


def _to_hear(where: Scene) -> Trial | None:
    return search(where, lambda trial: 0 if isinstance(trial.state.waiting, Listen) else 1, frozenset())


def _cut_off(trial: Trial) -> bool:
    """Whether a call is over although nobody answered and no message was taken."""
    trail = trial.trail()
    helped = any(
        getattr(one.event, "outcome", "") == "connected" or isinstance(one.state.waiting, Record) for one in trail
    )
    return trial.state.ended and not helped


def _show_urgent(stage: Stage, where: Scene, fault: Fault) -> Shown | None:
    first = _to_hear(where)
    if first is None or not isinstance(first.state.waiting, Listen):
        return None
    urgent = play(where, first, Heard(first.state.waiting.turn, "", (Want(fault.subject),)))

    def bad(one: Trial) -> bool:
        told = any(broken.promise == "human" for broken in one.broken)
        return told or (_cut_off(one) and bool(one.memory.urgent))

    found = urgent if bad(urgent) else _alone(where, urgent, bad)
    if found is None:
        return None
    expected: model.Expect = model.ExpectCalls(model.MESSAGE, 0)
    if found.state.ended:
        expected = model.ExpectCalls(model.MESSAGE, 1)
    return Shown(fault, tell(where, found, fault.words, (expected,)))


def _show_failures(stage: Stage, where: Scene, fault: Fault) -> Shown | None:
    """As many failures as the call's own limit allows: nobody has helped by then."""
    trial = reach(stage, where, fault.position)
    returns = 0
    left = stage.course.flow.repair.failures - (trial.state.failures if trial is not None else 0)
    for _ in range(left):
        if trial is None or not isinstance(trial.state.waiting, Listen):
            return None
        before = trial
        trial = play(where, trial, Heard(trial.state.waiting.turn, "", ()))
        if not isinstance(trial.state.waiting, Listen):
            trial = _alone(where, trial, lambda one: isinstance(one.state.waiting, Listen))
        gave_up = trial is not None and any(
            one.effects and any(getattr(effect, "kind", "") == "gave_up" for effect in one.effects)
            for one in trial.trail()[before.length + 1 :]
        )
        returns += gave_up
    if trial is None or returns < _LAPS or trial.state.position == BYE:
        return None
    helps = any(isinstance(one.state.waiting, Transfer | Record) for one in trial.trail())
    steps = stage.course.flow.steps.values()
    help_by = model.TRANSFER if any(hasattr(step, "context") for step in steps) else model.MESSAGE
    return None if helps else Shown(fault, tell(where, trial, fault.words, (model.ExpectCalls(help_by, 1),)))


def _show_refusals(stage: Stage, where: Scene, fault: Fault) -> Shown | None:
    """A no, and a no once more: the same is asked again."""
    trial = reach(stage, where, fault.position)
    for _ in range(_LAPS):
        if trial is None or not isinstance(trial.state.waiting, Listen):
            return None
        trial = play(where, trial, Heard(trial.state.waiting.turn, "", (Deny(),)))
        trial = _denying(where, trial, fault.position)
        if trial.state.position != fault.position:
            return None
    return None if trial is None else Shown(fault, tell(where, trial, fault.words, (model.ExpectEnd(),)))


def _denying(where: Scene, trial: Trial, position: str) -> Trial:
    """The call of somebody who says no to everything, until it is back at a position, over, or with a person."""
    for _ in range(_DEEPEST):
        waiting = trial.state.waiting
        if trial.state.ended or trial.state.position == position or isinstance(waiting, Transfer | Record):
            break
        if isinstance(waiting, Listen):
            trial = play(where, trial, Heard(waiting.turn, "", (Deny(),)))
        else:
            trial = play(where, trial, next(events(where, trial.state, frozenset())))
    return trial


def _show_spin(stage: Stage, where: Scene, fault: Fault) -> Shown | None:
    near = _near(stage, fault.position)

    def left(trial: Trial) -> int | None:
        if any(broken.promise == "awake" for broken in trial.broken):
            return 0
        there = near(trial)
        return None if there is None else there + 1

    found = search(where, left, frozenset(), stage.most)
    if found is None:
        return None
    return Shown(fault, tell(where, found, fault.words, (model.ExpectEnd("hangup"),)))
