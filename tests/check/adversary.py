"""An adversary for any flow: every act, key, silence, interruption, timer and outcome, in any order."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import islice

from hypothesis import strategies as st

from engine.acts import GLOBALS, Act, Affirm, Ask, Deny, Exclude, Fill, Global, PersonName, Range, Want
from engine.check.replay import Scene, events
from engine.check.values import typical
from engine.dialogue.machine import Compiled
from engine.dialogue.state import State
from engine.effects import Act as ToolAct
from engine.effects import Listen, LookUp, Record, Transfer
from engine.events import (
    Digits,
    Event,
    Heard,
    Interrupted,
    Recorded,
    Silence,
    Spoken,
    TimeUp,
    ToolReturned,
    Transferred,
)
from engine.flow.model import TRANSFER_OUTCOMES, Slot
from engine.kinds import is_list, is_range

KEYS = ("1", "2", "0", "*0", "#", "*", "1930", "77", "01101980", "444444", "07700900123")
BROUGHT = {
    "time list": (time(19), time(21)),
    "date list": (date(2026, 10, 9),),
    "date": date(2026, 10, 9),
    "time": time(20),
    "party_size": 2,
}


def values(compiled: Compiled, slot: str, now: datetime) -> st.SearchStrategy[object]:
    """Values of a slot, likely and unlikely ones."""
    definition = compiled.flow.slots[slot]
    one = single(definition, now)
    if is_list(definition.type):
        return st.lists(one, min_size=1, max_size=3).map(tuple)
    if is_range(definition.type):
        return st.tuples(st.none() | one, one).map(lambda ends: Range(*ends))
    return one


def single(definition: Slot, now: datetime) -> st.SearchStrategy[object]:
    """One value of a slot, of each item of a list or end of a range."""
    if definition.item == "choice":
        return st.sampled_from([choice.value for choice in definition.options["choices"]] + ["nonsense"])
    kinds: dict[str, st.SearchStrategy[object]] = {
        "party_size": st.integers(0, 14),
        "number": st.integers(0, 14),
        "date": st.sampled_from([1, 2, 3, 4, 5, 8, -1, 90]).map(lambda days: now.date() + timedelta(days=days)),
        "date_of_birth": st.sampled_from([date(1980, 1, 31), date(1890, 1, 1), date(2027, 1, 1)]),
        "time": st.sampled_from([time(12), time(12, 15), time(19, 30), time(9), time(3), time(16, 7)]),
        "phone": st.sampled_from(["+441632960123", "07700900123"]),
        "person_name": st.sampled_from([PersonName("Maria", "Rossi"), PersonName("", "Smith")]),
        "digits": st.sampled_from(["444444", "777777", "12"]),
        "text": st.sampled_from(["one", "two"]),
        "yes_no": st.booleans(),
    }
    usual = list(islice(typical(definition.item, definition.options, now), 3))
    return kinds.get(definition.item, st.sampled_from(usual))


@st.composite
def acts(draw: st.DrawFn, compiled: Compiled, listen: Listen, now: datetime) -> tuple[Act, ...]:
    """What an adversary of an understanding could say; mostly about what was asked."""
    flow, found = compiled.flow, list[Act]()
    likely = list(listen.expecting.open) or sorted(flow.slots)
    for _ in range(draw(st.integers(0, 3))):
        slot = draw(st.sampled_from([*likely, *likely, *sorted(flow.slots)]))
        kinds = ["fill"] * 3 + ["all"] * 2 + ["yes"] * 3 + ["no", "want", "want", "global", "ask", "exclude"]
        match draw(st.sampled_from(kinds)):
            case "fill":
                some = st.lists(values(compiled, slot, now), min_size=1, max_size=2)
                found.append(Fill(slot, tuple(draw(some)), confidence=draw(st.sampled_from([1.0, 0.2]))))
            case "all":
                found += [Fill(name, (draw(values(compiled, name, now)),)) for name in listen.expecting.open]
            case "yes":
                found.append(Affirm())
            case "no":
                found.append(Deny())
            case "want":
                names = [*listen.expecting.intents, *listen.expecting.intents, *flow.anywhere, *flow.slots]
                found.append(Want(draw(st.sampled_from(names))))
            case "global":
                found.append(Global(draw(st.sampled_from(GLOBALS))))
            case "ask" if flow.answers:
                found.append(Ask(draw(st.sampled_from(sorted(flow.answers)))))
            case "exclude":
                found.append(Exclude(slot, draw(values(compiled, slot, now))))
    return tuple(found)


def returned(compiled: Compiled, waiting: ToolAct | LookUp, outcome: str) -> ToolReturned:
    """An outcome with everything that it declares."""
    declared = compiled.flow.tools[waiting.tool].outcomes.get(outcome, {})
    return ToolReturned(waiting.act, outcome, {name: BROUGHT.get(kind, "4711") for name, kind in declared.items()})


def next_event(draw: st.DrawFn, scene: Scene, state: State, now: datetime) -> Event:
    """Anything that the world may do next; mostly what gets a call on."""
    compiled = scene.compiled
    if state.timers and draw(st.integers(0, 40)) == 0:
        return TimeUp(draw(st.sampled_from([timer.name for timer in state.timers])))
    helpful = list(events(scene, state, frozenset(compiled.flow.slots)))
    if draw(st.integers(0, 9)) < 7:
        return draw(st.sampled_from(helpful))
    match state.waiting:
        case Listen() as listen:
            match draw(st.integers(0, 19)):
                case 0:
                    return Silence(listen.turn)
                case 1:
                    return Digits(listen.turn, draw(st.sampled_from(KEYS)))
                case 2:
                    return Interrupted(state.say, draw(st.integers(0, 3)))
                case 3:
                    return Spoken(state.say)
            return Heard(listen.turn, "", draw(acts(compiled, listen, now)))
        case ToolAct() | LookUp() as waiting:
            outcomes = compiled.flow.tools[waiting.tool].all_outcomes
            return returned(compiled, waiting, draw(st.sampled_from([*[outcomes[0]] * len(outcomes), *outcomes])))
        case Transfer(act):
            return Transferred(act, draw(st.sampled_from(TRANSFER_OUTCOMES)))
        case Record(act):
            return Recorded(act, "call/x.wav", draw(st.sampled_from([0.0, 2.5])))
    raise AssertionError(f"{state.position} waits for nothing")
