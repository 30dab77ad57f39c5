"""A proof by trying: a form whose slots wait for a slot that it does not ask for can still be filled."""

from __future__ import annotations

from collections.abc import Iterator

from engine.acts import Act as CallerAct
from engine.acts import Affirm, Fill
from engine.check.promises import Fault
from engine.check.replay import Scene, Trial, play, returned
from engine.check.showing import Stage, reach
from engine.effects import Act, Listen, LookUp
from engine.events import Heard
from engine.flow.model import FormStep

_MORE_TURNS = 4


def fillable(stage: Stage) -> Iterator[Fault]:
    """Forms that a caller who answers everything cannot get out of."""
    slots = stage.course.flow.slots
    for form in (step for step in stage.course.flow.steps.values() if isinstance(step, FormStep)):
        waits = [name for name in form.slots if not set(slots[name].depends_on) <= set(form.slots)]
        if not waits:
            continue
        where = stage.scenes[0]
        trial = reach(stage, where, f"{form.name}/ask.{waits[0]}")
        if trial is not None and not _leaves(where, trial, form):
            words = f"`{form.name}` asks for `{waits[0]}` for ever: it depends on a slot that was not asked for"
            yield Fault("open", form.name, waits[0], words)


def _leaves(where: Scene, trial: Trial, form: FormStep) -> bool:
    for _ in range(2 * len(form.slots) + _MORE_TURNS):
        waiting = trial.state.waiting
        if trial.state.position.partition("/")[0] != form.name:
            return True
        if isinstance(waiting, Listen):
            acts: list[CallerAct] = [
                Fill(name, where.values[name].good[:1])
                for name in waiting.expecting.open
                if where.values[name].good and not trial.state.slot(name).settled
            ]
            trial = play(where, trial, Heard(waiting.turn, "", tuple(acts or [Affirm()])))
        elif isinstance(waiting, Act | LookUp):
            first = where.compiled.flow.tools[waiting.tool].all_outcomes[0]
            trial = play(where, trial, returned(where, waiting, first))
        else:
            return True
    return False
