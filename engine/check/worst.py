"""The most failed prompts that a caller can hear before help: counted over the whole flow, and shown by a call."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.control import Way, failing
from engine.check.explore import Key
from engine.check.graphs import circles, longest
from engine.check.moves import HEARS, Course
from engine.check.replay import Scene, Trial, begin, events, play
from engine.dialogue.machine import Node
from engine.dialogue.repair import ENGINE_RUNGS, REFUSALS
from engine.effects import Act, Listen, LookUp, Note
from engine.events import Event, Heard, Silence
from engine.flow.model import FormStep, Ladder

_FAILURES = ("trouble", "digression", "operator", "start over", "never mind", "back", "goodbye", "too long")
"""Moves of a caller after whom no counter begins anew."""
_MOST_TURNS = 60


def worst_case(way: Way) -> int:
    """The most failed prompts that any caller hears, however often something goes right in between. A question that a
    caller can answer and come to again can be failed at again, up to the limit of the whole call."""
    course = way.course
    limit = course.flow.repair.failures
    asked = [key for key in way.moves if way.kind(key) in HEARS and rungs(course, key[0])]
    alone = {key for key in way.moves if way.kind(key) not in ("transfer", "message", "final")}

    def after(key: Key) -> list[Key]:
        return [later for _, later in way.moves[key] if later in alone]

    for knot in circles((key for key in way.moves if key in alone), after):
        inside = set(knot)
        for key in inside.intersection(asked):
            if any(later in inside and move.label not in _FAILURES for move, later in way.moves[key]):
                return limit
    weight = {key: rungs(course, key[0]) for key in asked}
    return min(limit, longest(way.moves, after, weight))


def in_a_row(way: Way) -> int:
    """The most failed prompts that a caller hears who never gets on, before a person, a message or the end. In a form
    the slots that were not asked for can be refused too, so its questions count together."""
    course = way.course
    weight: dict[Key, int] = {}
    for key in way.moves:
        if way.kind(key) in HEARS:
            weight[key] = sum(rungs(course, place) for place in _together(course, course.nodes[key[0]]))
    return min(course.flow.repair.failures, longest(weight, lambda key: failing(way, key), weight))


def _together(course: Course, node: Node) -> Iterator[str]:
    """The questions among which refused values lead: those of the open slots of a form."""
    step = node.step
    if node.kind != "slot" or not isinstance(step, FormStep):
        yield node.name
        return
    for slot in step.slots:
        if slot == node.slot or not course.flow.slots[slot].only_when_asked:
            yield f"{step.name}/ask.{slot}"


def rungs(course: Course, position: str) -> int:
    """Prompts after a failure at one position: not understood, silent and refused are counted apart."""
    node = course.nodes[position]
    if node.kind == "consent":
        return 0
    slot = course.flow.slots.get(node.slot or "")
    ladders: list[Ladder] = [slot.ladder] if slot is not None else []
    own = getattr(node.step, "ladder", None)
    ladders += [own] if own is not None else []
    ladders.append(course.flow.repair.ladder)
    nomatch = next((len(ladder.nomatch) for ladder in ladders if ladder.nomatch), ENGINE_RUNGS)
    noinput = next((len(ladder.noinput) for ladder in ladders if ladder.noinput), ENGINE_RUNGS)
    return nomatch + noinput + (REFUSALS if slot is not None else 0)


def unlucky_call(where: Scene) -> Trial:
    """The call of somebody who fails wherever that is answered with another prompt, and gets on only where one more
    failure would bring help. `state.failures` is how many prompts that were."""
    trial = begin(where)
    seen: set[str] = set()
    for _ in range(_MOST_TURNS):
        later = next(_failed(where, trial), None)
        if later is None and trial.state.failures < where.compiled.flow.repair.failures:
            later = _got_on(where, trial, seen)
        if later is None:
            break
        seen.add(later.state.position)
        trial = later
    return trial


def _failed(where: Scene, trial: Trial) -> Iterator[Trial]:
    """Failures here after which the caller is asked once more."""
    waiting = trial.state.waiting
    if not isinstance(waiting, Listen):
        return
    asked = frozenset(waiting.expecting.open)
    refused: list[Event] = [event for event in events(where, trial.state, asked) if isinstance(event, Heard)]
    for event in (Heard(waiting.turn, "", ()), Silence(waiting.turn), *refused):
        later = play(where, trial, event)
        helped = any(isinstance(effect, Note) and effect.kind in ("gave_up", "limit") for effect in later.effects)
        if later.state.failures > trial.state.failures and not helped and isinstance(later.state.waiting, Listen):
            yield later


def _got_on(where: Scene, trial: Trial, seen: set[str]) -> Trial | None:
    """One step on, to a question that was not asked yet where there is one."""
    found: list[Trial] = []
    for event in events(where, trial.state, frozenset()):
        later = play(where, trial, event)
        if isinstance(later.state.waiting, Listen | Act | LookUp) and later.state.failures == trial.state.failures:
            found.append(later)
    return min(found, key=lambda one: one.state.position in seen, default=None)
