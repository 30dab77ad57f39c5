"""Relations that hold between conversations: the same wishes, said otherwise, book the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, TypeAlias

from engine.acts import Act as CallerAct
from engine.acts import Affirm, Ask, Deny, Fill, Global, Want
from engine.check.replay import Scene, Trial, begin, play
from engine.effects import Act, Listen
from engine.events import Event, Heard
from engine.flow.model import ConfirmStep, FormStep, ListenStep
from engine.simulate.composing import plain
from engine.simulate.promises import Violation

_MOST: Final = 60
Turn: TypeAlias = tuple[CallerAct, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a caller tells a form what they want: which values, in which order, how many at once; and what they say in
    between, after so many turns at the form."""

    order: tuple[str, ...]
    at_once: bool = False
    between: tuple[Turn, ...] = ()
    when: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    violation: Violation
    events: tuple[Event, ...]


Relation: TypeAlias = Callable[[Scene, FormStep, Random], tuple[str, Plan]]


def _another_order(where: Scene, form: FormStep, chance: Random) -> tuple[str, Plan]:
    return "another order of answers", Plan(tuple(chance.sample(form.slots, len(form.slots))))


def _at_once(where: Scene, form: FormStep, chance: Random) -> tuple[str, Plan]:
    return "all answers at once", Plan(form.slots, at_once=True)


def _digression(where: Scene, form: FormStep, chance: Random) -> tuple[str, Plan]:
    asks: list[CallerAct] = [*(Ask(name) for name in where.compiled.flow.answers), Global("help"), Global("slower")]
    return "a digression", Plan(form.slots, between=((chance.choice(asks),),), when=chance.randint(0, len(form.slots)))


def _repeat(where: Scene, form: FormStep, chance: Random) -> tuple[str, Plan]:
    return "a repetition", Plan(form.slots, between=((Global("repeat"),),), when=chance.randint(0, len(form.slots)))


def _correction(where: Scene, form: FormStep, chance: Random) -> tuple[str, Plan]:
    """Another value, and the old one again."""
    number = chance.randrange(len(form.slots))
    good = where.values[form.slots[number]].good
    turns = tuple((Fill(form.slots[number], (value,)),) for value in (*good[1:2], *good[:1]))
    return "a correction and its undoing", Plan(form.slots, between=turns, when=number + 1)


RELATIONS: Final[tuple[Relation, ...]] = (_another_order, _at_once, _digression, _repeat, _correction)


def holds(where: Scene, relation: Relation, chance: Random) -> Told | None:
    """Tries a relation out in a form that callers fill: what is booked may not differ. None where it holds. The line
    presents no number, since an offered number and a spoken one are written in different ways."""
    where = replace(where, caller=None)
    forms = [step for step in where.compiled.flow.steps.values() if isinstance(step, FormStep) and len(step.slots) > 1]
    if not forms:
        return None
    form = chance.choice(forms)
    words, plan = relation(where, form, chance)
    usual = _converse(where, form, Plan(form.slots))
    other = _converse(where, form, plan)
    if _booked(usual) == _booked(other):
        return None
    events = tuple(one.event for one in other.trail()[1:] if one.event is not None)
    shown = f"`{form.name}`: {words} books {_booked(other) or 'nothing'}, not {_booked(usual) or 'nothing'}"
    return Told(Violation("order", shown), events)


def _booked(trial: Trial) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """The bookings of a call, with their values."""
    acts = (effect for one in trial.trail() for effect in one.effects if isinstance(effect, Act) and effect.commits)
    return [(act.tool, tuple(sorted((name, str(value)) for name, value in act.values.items()))) for act in acts]


def _converse(where: Scene, form: FormStep, plan: Plan) -> Trial:
    """A call that goes to the form by the first ways that lead there, fills it as planned, and says yes to what is
    read back."""
    trial = begin(where)
    ways = _ways_to(where, form.name)
    left, between, turns, asked = list(plan.order), list(plan.between), 0, False
    for _ in range(_MOST):
        state = trial.state
        waiting = state.waiting
        if state.ended:
            break
        event: Event | None = plain(where, state)
        if isinstance(waiting, Listen):
            node = where.compiled.nodes[state.position]
            at_form = node.step.name == form.name
            if between and (at_form or (asked and isinstance(node.step, ConfirmStep))) and turns >= plan.when:
                event = Heard(waiting.turn, "", between.pop(0))
            elif at_form and node.kind == "slot":
                asked, turns = True, turns + 1
                event = Heard(waiting.turn, "", _fills(where, plan, left, node.slot or ""))
            elif not asked:
                event = Heard(waiting.turn, "", ways.get(state.position, (Affirm(),))) if node.kind != "slot" else event
            elif node.kind == "ask" and any(one.effects for one in trial.trail()) and state.instance > 1:
                event = Heard(waiting.turn, "", (Deny(),))
        if event is None:
            break
        trial = play(where, trial, event)
    return trial


def _fills(where: Scene, plan: Plan, left: list[str], slot: str) -> Turn:
    """The next answers of the plan; the asked one where the plan has no more to say."""
    optional_only = where.compiled.flow.slots
    names = [name for name in left if not optional_only[name].only_when_asked or name == slot]
    chosen = names if plan.at_once else names[:1]
    for name in chosen:
        left.remove(name)
    return tuple(Fill(name, where.values[name].good[:1]) for name in (chosen or [slot]) if where.values[name].good)


def _ways_to(where: Scene, goal: str) -> dict[str, Turn]:
    """What to say at menus and yes-or-no questions to come to a step."""
    compiled = where.compiled
    before: dict[str, list[tuple[str, str]]] = {}
    for trigger, event in compiled.machine.events.items():
        if trigger.partition(".")[0] in ("gave_up", "operator", "goodbye", "home", "anywhere", "corrected"):
            continue
        for source, rows in event.transitions.items():
            for row in rows:
                before.setdefault(str(row.dest), []).append((source, trigger))
    found: dict[str, Turn] = {}
    queue: Sequence[str] = [goal]
    seen = {goal}
    while queue:
        here, *queue = queue
        for source, trigger in before.get(here, ()):
            if source in seen:
                continue
            seen.add(source)
            queue = [*queue, source]
            if isinstance(compiled.nodes[source].step, ListenStep):
                found[source] = (Want(trigger.partition(".")[2]),)
            elif trigger in ("yes", "no"):
                found[source] = (Affirm(),) if trigger == "yes" else (Deny(),)
    return found
