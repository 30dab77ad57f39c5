"""Whatever callers, tools and people do, in any order: the promises of the engine hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acts import GLOBALS, Act, Affirm, Ask, Deny, Exclude, Fill, Global, PersonName, Want
from engine.dialogue.machine import Compiled, compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Act as ToolAct
from engine.effects import Effect, HangUp, Listen, LookUp, Record, Say, Transfer
from engine.events import (
    CallStarted,
    Digits,
    Event,
    Heard,
    HungUp,
    Interrupted,
    Recorded,
    Silence,
    Spoken,
    TimeUp,
    ToolReturned,
    Transferred,
)
from engine.flow.loader import load_flow
from engine.flow.model import TRANSFER_OUTCOMES
from engine.persona.prompts import render
from engine.shipped import find_flow, shipped_flows

START = datetime(2026, 10, 1, 9, 5, tzinfo=ZoneInfo("Europe/London"))
FLOWS = shipped_flows()


@cache
def compiled(name: str) -> Compiled:
    return compile_flow(load_flow(find_flow(name)))


VALUES = {
    "party_size": st.integers(0, 20),
    "number": st.integers(0, 20),
    "date": st.integers(-3, 90).map(lambda days: START.date() + timedelta(days=days)),
    "date_of_birth": st.dates(date(1890, 1, 1), date(2027, 1, 1)),
    "time": st.times().map(lambda clock: time(clock.hour, clock.minute // 15 * 15)),
    "phone": st.sampled_from(["+441632960123", "07700900123"]),
    "person_name": st.sampled_from([PersonName("Maria", "Rossi"), PersonName("", "Smith")]),
    "digits": st.sampled_from(["471100", "12"]),
    "text": st.text(max_size=20),
    "yes_no": st.booleans(),
}


def values_of(flow: Compiled, slot: str) -> st.SearchStrategy[object]:
    definition = flow.flow.slots[slot]
    if definition.type == "choice":
        return st.sampled_from([choice.value for choice in definition.options["choices"]] + ["nonsense"])
    return VALUES[definition.type]


@st.composite
def acts(draw: st.DrawFn, flow: Compiled) -> tuple[Act, ...]:
    """What an adversary of an understanding could say."""
    slots = st.sampled_from(sorted(flow.flow.slots))
    found: list[Act] = []
    for _ in range(draw(st.integers(0, 3))):
        kinds = ["fill", "fill", "fill", "yes", "yes", "no", "want", "global", "answer", "exclude"]
        kind = draw(st.sampled_from(kinds))
        slot = draw(slots)
        match kind:
            case "fill":
                found.append(Fill(slot, tuple(draw(st.lists(values_of(flow, slot), min_size=1, max_size=3)))))
            case "yes":
                found.append(Affirm())
            case "no":
                found.append(Deny())
            case "want":
                names = {name for reach in flow.reach.values() for name in reach} | set(flow.flow.anywhere)
                found.append(Want(draw(st.sampled_from(sorted(names | set(flow.flow.slots))))))
            case "global":
                found.append(Global(draw(st.sampled_from(GLOBALS))))
            case "answer" if flow.flow.answers:
                found.append(Ask(draw(st.sampled_from(sorted(flow.flow.answers)))))
            case "exclude":
                found.append(Exclude(slot, draw(values_of(flow, slot))))
    return tuple(found)


KINDS = {
    "time list": [time(19), time(21)],
    "date list": [date(2026, 10, 9)],
    "date": date(2026, 10, 9),
    "time": time(20),
    "party_size": 2,
}


def answer_of(flow: Compiled, act: ToolAct | LookUp, outcome: str) -> ToolReturned:
    declared = flow.flow.tools[act.tool].outcomes.get(outcome, {})
    return ToolReturned(act.act, outcome, {name: KINDS.get(kind, "4711") for name, kind in declared.items()})


def next_event(draw: st.DrawFn, flow: Compiled, state: State) -> Event:
    waiting = state.waiting
    if draw(st.integers(0, 30)) == 0:
        odd = [HungUp(), Spoken(state.say), Interrupted(state.say, 0), Heard(0, "late"), TimeUp("x")]
        return draw(st.sampled_from(odd))
    if state.timers and draw(st.integers(0, 12)) == 0:
        return TimeUp(draw(st.sampled_from([timer.name for timer in state.timers])))
    match waiting:
        case Listen():
            kind = draw(st.integers(0, 9))
            if kind == 0:
                return Silence(waiting.turn)
            if kind == 1:
                keys = ["1", "2", "0", "*0", "#", "*", "1930", "77", "01101980"]
                return Digits(waiting.turn, draw(st.sampled_from(keys)))
            if kind == 2:
                return Interrupted(state.say, draw(st.integers(0, 3)))
            return Heard(waiting.turn, "", draw(acts(flow)))
        case ToolAct() | LookUp():
            outcomes = flow.flow.tools[waiting.tool].all_outcomes
            return answer_of(flow, waiting, draw(st.sampled_from([outcomes[0], *outcomes])))
        case Transfer():
            return Transferred(waiting.act, draw(st.sampled_from(TRANSFER_OUTCOMES)))
        case Record():
            return Recorded(waiting.act, "call/x.wav", draw(st.sampled_from([0.0, 2.5])))
        case _:
            raise AssertionError(f"{state.position} waits for nothing")


def confirmed_by_caller(flow: Compiled, state: State, act: ToolAct) -> Iterator[str]:
    """Slots that a commit takes although nobody said yes to their value."""
    for argument, name in flow.flow.tools[act.tool].takes.items():
        slot = flow.flow.slots.get(name)
        if slot is None or slot.confirm == "never" or argument not in act.values:
            continue
        if state.slot(name).status != "confirmed":
            yield name


def check_effects(flow: Compiled, state: State, effects: tuple[Effect, ...], keys: set[str]) -> None:
    waits = [effect for effect in effects if isinstance(effect, (Listen, ToolAct, LookUp, Transfer, HangUp)) or
             (isinstance(effect, Record) and effect.kind != "call")]  # fmt: skip
    assert len(waits) <= 1
    assert sum(isinstance(effect, Say) for effect in effects) <= 1
    for effect in effects:
        if isinstance(effect, ToolAct) and effect.commits:
            assert effect.key not in keys, "the same booking was made twice"
            keys.add(effect.key)
            assert not list(confirmed_by_caller(flow, state, effect))
        if isinstance(effect, Say):
            for prompt in effect.prompts:
                assert render(prompt, flow.flow.language, START)
    assert state.ended or state.waiting is not None, f"{state.position} neither waits nor ends"


@pytest.mark.parametrize("name", FLOWS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_conversation_keeps_the_promises(name: str, data: st.DataObject) -> None:
    flow = compiled(name)
    now = START
    keys: set[str] = set()
    state = new_state(flow, "call")
    opened = CallStarted(data.draw(st.sampled_from([None, "+441632960123"])), None, data.draw(st.booleans()))
    state, effects = step(flow, state, opened, now)
    check_effects(flow, state, effects, keys)
    for _ in range(data.draw(st.integers(1, 60))):
        if state.ended:
            break
        now += timedelta(seconds=3)
        event = next_event(data.draw, flow, state)
        state, effects = step(flow, state, event, now)
        check_effects(flow, state, effects, keys)


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("event", ["silence", "nonsense"])
def test_a_caller_who_never_helps_reaches_an_end(name: str, event: str) -> None:
    flow = compiled(name)
    state, _ = step(flow, new_state(flow, "call"), CallStarted(), START)
    for _ in range(60):
        if state.ended:
            break
        waiting = state.waiting
        match waiting:
            case Listen():
                heard: Event = Silence(waiting.turn) if event == "silence" else Heard(waiting.turn, "mumble")
            case Transfer():
                heard = Transferred(waiting.act, "no_answer")
            case Record():
                heard = Recorded(waiting.act, "", 0.0)
            case ToolAct() | LookUp():
                heard = answer_of(flow, waiting, "failed")
            case _:
                raise AssertionError(state.position)
        state, _ = step(flow, state, heard, START)
    assert state.ended
