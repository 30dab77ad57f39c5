"""A kept call run through the engine again, event by event, until an effect is another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, assert_never

from engine import effects, events
from engine.dialogue.machine import Compiled, compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.effects import Effect, Say
from engine.events import Event
from engine.flow.model import Flow
from engine.simulate.guesses import asked_by, guesses
from engine.simulate.kept import Kept, Turn
from engine.watch.account import act_text, value_text
from engine.watch.encoding import TAG, encode
from engine.watch.masking import Masker


@dataclass(frozen=True, slots=True)
class Worded:
    """A prompt that is worded in another way now; the call goes on as it did."""

    at: datetime
    id: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Parted:
    """The first event to which the engine answers with other effects; `number` counts events from 1."""

    number: int
    at: datetime
    event: Event
    was: tuple[str, ...]
    now: tuple[str, ...]
    position: str


@dataclass(frozen=True, slots=True)
class Replay:
    """How a call went again: how many events led to what they led to, wordings that changed, and where it parted."""

    events: int
    same: int
    worded: tuple[Worded, ...] = ()
    parted: Parted | None = None


def replay(call: Kept, flow: Flow) -> Replay:
    """Feeds the events of a call, at their moments, to a flow. Where the log masks a value, made-up ones are tried, and
    what the engine says of it is masked before it is compared."""
    compiled, masker = compile_flow(flow), Masker(flow)
    state = new_state(compiled, call.row.id)
    worded: list[Worded] = []
    asked: str | None = None
    for number, turn in enumerate(call.turns, 1):
        before = state
        state, found, same = _again(compiled, state, turn, list(guesses(turn, asked, flow)), masker)
        if not same:
            parted = Parted(number, turn.at, turn.event, _lines(turn.effects), _lines(found), before.position)
            return Replay(len(call.turns), number - 1, tuple(worded), parted)
        asked = asked_by(found, asked)
        worded += _worded(turn, found)
    return Replay(len(call.turns), len(call.turns), tuple(worded))


def _again(
    compiled: Compiled, state: State, turn: Turn, tried: Sequence[Event], masker: Masker
) -> tuple[State, tuple[Effect, ...], bool]:
    """The step with the first of some events that leads where the call went; with the first of all where none does."""
    wanted = [_plain(body) for body in turn.bodies]
    steps = [step(compiled, state, tried[0], turn.at)]
    for event in tried[1:]:
        if _shown(steps[-1][1], masker) == wanted:
            break
        steps.append(step(compiled, state, event, turn.at))
    same = _shown(steps[-1][1], masker) == wanted
    return *(steps[-1] if same else steps[0]), same


def _shown(found: Sequence[Effect], masker: Masker) -> list[Any]:
    return [_plain(encode(masker.effect(effect))) for effect in found]


def _plain(body: Any) -> Any:
    """An effect without the wordings of its prompts and without values that the log does not know."""
    if isinstance(body, Mapping):
        if body.get(TAG) == "masked":
            return "masked"
        left = {name: _plain(one) for name, one in body.items()}
        return {name: one for name, one in left.items() if body.get(TAG) != "Prompt" or name != "text"}
    if isinstance(body, list | tuple):
        return [_plain(one) for one in body]
    return body


def _worded(turn: Turn, found: Sequence[Effect]) -> Iterator[Worded]:
    for was, now in zip(turn.effects, found, strict=True):
        if isinstance(was, Say) and isinstance(now, Say):
            for one, other in zip(was.prompts, now.prompts, strict=True):
                if one.text != other.text:
                    yield Worded(turn.at, one.id, one.text, other.text)


def side_by_side(parted: Parted) -> Iterator[tuple[str, str, bool]]:
    """What the event led to, and what it leads to now, effect by effect, with whether the two are the same."""
    for was, now in zip_longest(parted.was, parted.now, fillvalue=""):
        yield was, now, was == now


def _lines(found: Sequence[Effect]) -> tuple[str, ...]:
    return tuple(line for effect in found for line in effect_lines(effect))


def effect_lines(effect: Effect) -> Iterator[str]:
    """An effect for people; one line a prompt."""
    match effect:
        case effects.Say():
            for prompt in effect.prompts:
                values = {name: typed.value for name, typed in prompt.values.items()}
                yield f"say {prompt.id}{_values(values)}"
        case effects.Listen(expecting=expecting):
            yield f"listen at {expecting.step}" + (f" for {expecting.asked}" if expecting.asked else "")
        case effects.Hush():
            yield "stop speaking"
        case effects.Act():
            yield f"call {effect.tool}{_values(effect.values)}"
        case effects.LookUp():
            yield f"look up {effect.tool}"
        case effects.Transfer():
            yield f"transfer to {effect.to}: {effect.why}"
        case effects.Record():
            yield f"record {effect.slot or effect.kind}"
        case effects.StopRecording():
            yield "stop recording"
        case effects.HangUp():
            yield f"hang up: {effect.why}"
        case effects.Note():
            yield f"note {effect.kind}: {effect.text}"
        case _:
            assert_never(effect)


def event_line(event: Event) -> str:
    """An event for people."""
    match event:
        case events.CallStarted():
            return f"a call from {event.caller or 'an unknown number'}"
        case events.Heard():
            meant = ", ".join(act_text(act) for act in event.acts) or "not understood"
            return f'heard "{event.words}" ({meant})'
        case events.Digits():
            return f"keys {event.keys}"
        case events.ToolReturned():
            return f"a tool returned {event.outcome}{_values(event.values)}"
        case events.Transferred():
            return f"the transfer came to {event.outcome}"
        case events.Recorded():
            return f"recorded {event.seconds:.1f} s"
        case events.TimeUp():
            return f"the {event.timer} timer ran out"
        case events.Interrupted():
            return f"talked over after {event.heard_until} prompts"
        case events.Silence():
            return "silence"
        case events.Spoken():
            return "we had finished speaking"
        case events.HungUp():
            return "the caller hung up"
        case _:
            assert_never(event)


def _values(values: Mapping[str, object]) -> str:
    inner = ", ".join(f"{name} = {value_text(value)}" for name, value in values.items())
    return f" ({inner})" if inner else ""


def as_json(call: Kept, found: Replay) -> dict[str, Any]:
    """The replay as JSON data."""
    parted = found.parted
    return {
        "call": call.row.id,
        "version": call.row.version,
        "events": found.events,
        "same": found.same,
        "worded": [{"prompt": one.id, "was": one.was, "now": one.now} for one in found.worded],
        "parted": None
        if parted is None
        else {
            "number": parted.number,
            "at": parted.at.isoformat(),
            "event": encode(parted.event),
            "position": parted.position,
            "was": list(parted.was),
            "now": list(parted.now),
        },
    }
