"""A kept call run through the engine again, event by event, until an effect is another one."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final, assert_never

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

_LONGEST: Final = 70
_LESSER: Final[Mapping[str, tuple[str, ...]]] = {
    "Prompt": ("text",),
    "Typed": ("type", "join"),
    "Expecting": ("open", "intents", "keypad", "noinput"),
}
"""What of an effect may change while the call goes on as it did: how something is worded or read aloud, and what else
would have been understood."""


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
    apart: tuple[str, ...] = ()
    """What differs in effects of the same kind, part by part."""


@dataclass(frozen=True, slots=True)
class Replay:
    """How a call went again: how many events led to what they led to, wordings that changed, and where it parted."""

    events: int
    same: int
    worded: tuple[Worded, ...] = ()
    lesser: tuple[str, ...] = ()
    """Other parts of effects that do not change the course, each once."""
    parted: Parted | None = None


def replay(call: Kept, flow: Flow) -> Replay:
    """Feeds the events of a call, at their moments, to a flow. Where the log masks a value, made-up ones are tried, and
    what the engine says of it is masked before it is compared."""
    compiled, masker = compile_flow(flow), Masker(flow)
    state = new_state(compiled, call.row.id)
    worded: list[Worded] = []
    lesser: dict[str, None] = {}
    asked: str | None = None
    for number, turn in enumerate(call.turns, 1):
        before = state
        state, found, same = _again(compiled, state, turn, list(guesses(turn, asked, flow)), masker)
        if not same:
            apart = tuple(_apart(list(turn.bodies), _shown(found, masker), "", _LESSER))
            parted = Parted(number, turn.at, turn.event, _lines(turn.effects), _lines(found), before.position, apart)
            return Replay(len(call.turns), number - 1, tuple(worded), tuple(lesser), parted)
        asked = asked_by(found, asked)
        worded += _worded(turn, found)
        lesser.update(dict.fromkeys(_apart(list(turn.bodies), _shown(found, masker), "", {"Prompt": ("text",)})))
    return Replay(len(call.turns), len(call.turns), tuple(worded), tuple(lesser))


def _again(
    compiled: Compiled, state: State, turn: Turn, tried: Sequence[Event], masker: Masker
) -> tuple[State, tuple[Effect, ...], bool]:
    """The step with the first of some events that leads where the call went; with the first of all where none does."""
    wanted = list(turn.bodies)
    steps = [step(compiled, state, tried[0], turn.at)]
    for event in tried[1:]:
        if _agrees(wanted, _shown(steps[-1][1], masker)):
            break
        steps.append(step(compiled, state, event, turn.at))
    same = _agrees(wanted, _shown(steps[-1][1], masker))
    return *(steps[-1] if same else steps[0]), same


def _shown(found: Sequence[Effect], masker: Masker) -> list[Any]:
    return [encode(masker.effect(effect)) for effect in found]


def _agrees(was: Any, now: Any, lesser: Mapping[str, tuple[str, ...]] = _LESSER) -> bool:
    """Whether an effect is the one in the log, but for lesser parts, for values that the log does not know, and for
    what a frontdesk of that time did not say of an effect."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        if was.get(TAG) == now.get(TAG) == "masked":
            return True
        if TAG not in was and set(was) != set(now):
            return False
        left = [name for name in was if name not in lesser.get(was.get(TAG, ""), ())]
        return all(name in now and _agrees(was[name], now[name], lesser) for name in left)
    if isinstance(was, list) and isinstance(now, list):
        pairs = zip(was, now, strict=False)
        return len(was) == len(now) and all(_agrees(one, other, lesser) for one, other in pairs)
    return bool(was == now)


def _apart(was: Any, now: Any, path: str, lesser: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The parts in which two effects of the same kind differ."""
    if isinstance(was, Mapping) and isinstance(now, Mapping) and was.get(TAG) == now.get(TAG):
        kind = str(was.get(TAG, ""))
        for name in was:
            left = name != TAG and name not in lesser.get(kind, ())
            if left and not _agrees(was[name], now.get(name), lesser):
                yield from _apart(was[name], now.get(name), f"{path or kind}.{name}".strip("."), lesser)
    elif isinstance(was, list) and isinstance(now, list) and any(isinstance(one, Mapping) for one in (*was, *now)):
        for one, other in zip(was, now, strict=False):
            if not _agrees(one, other, lesser):
                yield from _apart(one, other, path, lesser)
    elif path:
        yield f"{path}: {_short(was)} → {_short(now)}"


def _short(data: Any) -> str:
    return textwrap.shorten(json.dumps(data, ensure_ascii=False), _LONGEST, placeholder=" …")


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


def event_line(event: Event) -> str:  # noqa: C901 - one row per event
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
        case events.Ordered():
            return f"ordered from the console: {event.what}"
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
        "lesser": list(found.lesser),
        "parted": None
        if parted is None
        else {
            "number": parted.number,
            "at": parted.at.isoformat(),
            "event": encode(parted.event),
            "position": parted.position,
            "was": list(parted.was),
            "now": list(parted.now),
            "apart": list(parted.apart),
        },
    }
