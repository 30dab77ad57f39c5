"""What the log keeps of a real conversation leads the dialogue the same way again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.actions.store import Store
from engine.acts import Affirm, Deny, Fill, PersonName, Want
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Act, Effect, Listen
from engine.events import CallStarted, Event, Heard, ToolReturned
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.watch.calllog import CallLog, read_events

NOW = datetime(2026, 11, 2, 10, tzinfo=ZoneInfo("Europe/London"))
TURNS = (
    (Deny(),),
    (Want("book"), Fill("party_size", (4,)), Fill("day", (date(2026, 11, 5),)), Fill("time", (time(20),))),
    (Fill("name", (PersonName("Maria", "Rossi"),)),),
    (Fill("phone", ("07700900123",)),),
    (Affirm(),),
)
ANSWERS = {"find_table": ("free", {}), "book_table": ("booked", {"reference": "481203"})}


def test_a_replay_goes_where_the_call_went(store: Store) -> None:
    compiled = compile_flow(load_flow(find_flow("trattoria")))
    log = CallLog(store, "call", flow=compiled.flow, now=NOW)
    state, turns, now = new_state(compiled, "call"), list(TURNS), NOW
    event: Event | None = CallStarted("07700900555", "100")
    while event is not None:
        now += timedelta(seconds=3)
        log.event(event, now)
        state, effects = step(compiled, state, event, now)
        log.effects(effects, now)
        event = following(effects, turns)
    log.end("left", now)
    assert state.results["reference"] == "481203"

    again: State = new_state(compiled, "call")
    for at, replayed in read_events(store, "call"):
        again, _ = step(compiled, again, replayed, at)
    assert again.position == state.position
    assert again.results == state.results
    assert [name for name, slot in again.slots.items() if slot != state.slots[name]] in ([], ["phone"])


def following(effects: tuple[Effect, ...], turns: list[tuple[object, ...]]) -> Event | None:
    """What a caller and the tools do about the last thing asked."""
    match effects[-1] if effects else None:
        case Listen(turn=turn) if turns:
            return Heard(turn, "", turns.pop(0))  # type: ignore[arg-type]
        case Act(act=act, tool=tool):
            return ToolReturned(act, *ANSWERS[tool])
        case _:
            return None
