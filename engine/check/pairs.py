"""Proofs that compare two runs of the real step: answers in any order, and a digression against nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from engine.acts import Act as CallerAct
from engine.acts import Ask, Fill, Global
from engine.check.moves import HEARS
from engine.check.promises import Fault
from engine.check.replay import CALLER, Scene, returned
from engine.dialogue.asking import ask
from engine.dialogue.draft import Draft
from engine.dialogue.state import SlotState, State, new_state
from engine.dialogue.step import step
from engine.effects import Act, Listen, LookUp
from engine.events import Heard
from engine.flow.model import ChooseSlotStep, FormStep

DIGRESSIONS: tuple[CallerAct, ...] = (Global("help"), Global("repeat"), Global("slower"))
_MOST_CALLS = 6


def order(where: Scene) -> Iterator[Fault]:
    """Two answers to a form's questions, one after the other, the other way round, or at once: the same form."""
    for form in (s for s in where.compiled.flow.steps.values() if isinstance(s, FormStep)):
        flow = where.compiled.flow
        names = [name for name in form.slots if where.values[name].good and not flow.slots[name].only_when_asked]
        for one, other in combinations(names, 2):
            for filled in ((), tuple(name for name in names if name not in (one, other))):
                first, second = (Fill(name, where.values[name].good[:1]) for name in (one, other))
                ways: list[list[tuple[CallerAct, ...]]] = [
                    [(first,), (second,)],
                    [(second,), (first,)],
                    [(first, second)],
                ]
                seen = {_picture(_run(where, _at_form(where, form, filled), way)) for way in ways}
                if len(seen) > 1:
                    words = f"`{form.name}` ends differently when `{one}` and `{other}` are said in another order"
                    yield Fault("order", form.name, one, words)


def _at_form(where: Scene, form: FormStep, filled: Sequence[str]) -> State:
    """A call that asks the first question of a form, some of whose slots are filled."""
    slots = {name: SlotState("valid", where.values[name].good[0], 1, verified=True) for name in filled}
    missing = next(name for name in form.slots if name not in filled)
    return _waiting(where, f"{form.name}/ask.{missing}", form.name, slots)


def _waiting(where: Scene, position: str, form: str | None, slots: dict[str, SlotState]) -> State:
    """A call that has just asked the question of a position."""
    results = {
        name: returned(where, Act(0, tool.name, {}, ""), outcome).values[name]
        for tool in where.compiled.flow.tools.values()
        for outcome, values in tool.outcomes.items()
        for name in values
    }
    home = next((node.name for node in where.compiled.nodes.values() if node.kind == "listen"), None)
    state = replace(
        new_state(where.compiled, "proof"),
        position=position, form=form, home=home, slots=slots, results=results, started=where.now, caller=CALLER,
    )  # fmt: skip
    draft = Draft(where.compiled, state, where.now)
    ask(draft)
    return draft.finish()[0]


def _run(where: Scene, state: State, turns: Sequence[tuple[CallerAct, ...]]) -> State:
    for acts in turns:
        state = _through_tools(where, state)
        if isinstance(state.waiting, Listen):
            state, _ = step(where.compiled, state, Heard(state.waiting.turn, "", acts), where.now)
    return _through_tools(where, state)


def _through_tools(where: Scene, state: State) -> State:
    """Tools answer with their first outcome."""
    for _ in range(_MOST_CALLS):
        if not isinstance(state.waiting, Act | LookUp):
            break
        first = where.compiled.flow.tools[state.waiting.tool].all_outcomes[0]
        state, _ = step(where.compiled, state, returned(where, state.waiting, first), where.now)
    return state


def _picture(state: State) -> tuple[Any, ...]:
    slots = tuple(sorted((name, one.status, str(one.value), one.refused) for name, one in state.slots.items()))
    return slots, state.position


def clean(where: Scene) -> Iterator[Fault]:
    """A question of the caller's own, help, a repetition or a slower pace leave the conversation as it was."""
    flow = where.compiled.flow
    for node in where.compiled.nodes.values():
        if node.kind not in HEARS:
            continue
        form = node.step.name if isinstance(node.step, FormStep) else None
        owner = node.step.slots if isinstance(node.step, FormStep) else getattr(node.step, "slots", ())
        needed = tuple(owner) if node.kind in ("confirm", "which") else (node.slot,) if node.slot else ()
        slots = {
            name: _slot_at(where, node.kind, name)
            for name in needed
            if where.values[name].good
            and node.kind not in ("slot", "offer")
            and not isinstance(node.step, ChooseSlotStep)
        }
        before = _waiting(where, node.name, form, slots)
        answers = tuple(Ask(name) for name in list(flow.answers)[:1])
        for act in (*answers, *DIGRESSIONS):
            if not isinstance(before.waiting, Listen):
                continue
            after, _ = step(where.compiled, before, Heard(before.waiting.turn, "", (act,)), where.now)
            if _rest(before) != _rest(after):
                word = act.name if isinstance(act, Global) else "a question"
                yield Fault("clean", node.name, word, f"`{word}` at `{node.name}` changes more than what is said next")


def _slot_at(where: Scene, kind: str, name: str) -> SlotState:
    good = where.values[name].good
    if kind == "pick" and len(good) > 1:
        return SlotState("proposed", None, 1, candidates=good)
    return SlotState("valid", good[0], 1, confidence=0.2)


def _rest(state: State) -> tuple[Any, ...]:
    """What a digression may not touch: slots, counters, and the pending question."""
    waiting = state.waiting
    question = replace(waiting.expecting, noinput=0.0) if isinstance(waiting, Listen) else None
    counters = tuple(sorted(state.counters.items()))
    return state.position, dict(state.slots), counters, state.failures, question, state.form, dict(state.results)
