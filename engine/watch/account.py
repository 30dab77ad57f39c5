"""A call as people read it: who said what, what was understood, which tools answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final, Literal, TypeAlias, assert_never

from engine import acts, effects, events
from engine.effects import Prompt, Typed
from engine.persona.prompts import render
from engine.watch.calllog import Entry
from engine.watch.encoding import MASK, decode

Who: TypeAlias = Literal["call", "agent", "caller", "keys", "tool", "line", "note"]


_ORDERED: Final = {"person": "given to a person from the console", "end": "ended from the console"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an account; `understood` is what the caller's words were taken for."""

    at: datetime
    who: Who
    text: str
    understood: str = ""
    parts: tuple[str, ...] = ()
    """What we said, prompt by prompt."""
    heard: int | None = None
    """How many of these prompts were played whole before the caller spoke over them; None where all were."""


def account(entries: Iterable[Entry], language: str) -> tuple[Line, ...]:
    """The conversation in order, without what only machines care for."""
    lines: list[Line] = []
    tools: dict[int, str] = {}
    says: dict[int, int] = {}
    for entry in entries:
        if entry.kind == "timing":
            continue
        thing = decode(entry.body, show_masks=True)
        if isinstance(thing, (effects.Act, effects.LookUp)):
            tools[thing.act] = thing.tool
        line = _event(entry.at, thing, tools) if entry.kind == "event" else _effect(entry.at, thing, language)
        if isinstance(thing, effects.Say):
            says[thing.say] = len(lines)
        if isinstance(thing, events.Interrupted) and thing.say in says:
            place = says[thing.say]
            lines[place] = replace(lines[place], heard=thing.heard_until)
        if line is not None:
            lines.append(line)
    return tuple(lines)


def _event(at: datetime, event: events.Event, tools: Mapping[int, str]) -> Line | None:
    match event:
        case events.CallStarted():
            return Line(at, "call", f"from {event.caller or 'an unknown number'}")
        case events.Heard():
            meant = ", ".join(act_text(act) for act in event.acts) or "not understood"
            return Line(at, "caller", event.words, meant)
        case events.Digits():
            return Line(at, "keys", event.keys)
        case events.Silence():
            return Line(at, "caller", "(silence)")
        case events.Interrupted():
            return Line(at, "line", f"talked over after {event.heard_until} prompts")
        case events.ToolReturned():
            return Line(at, "tool", f"{tools.get(event.act, '?')}: {event.outcome}{_values(event.values)}")
        case events.Transferred():
            return Line(at, "line", f"transfer: {event.outcome}")
        case events.Recorded():
            return Line(at, "line", f"recorded {event.seconds:.1f} s: {event.ref}")
        case events.HungUp():
            return Line(at, "line", "the caller hung up")
        case events.Ordered():
            return Line(at, "line", _ORDERED[event.what])
        case events.Spoken() | events.TimeUp():
            return None
        case _:
            assert_never(event)


def _effect(at: datetime, effect: effects.Effect, language: str) -> Line | None:
    match effect:
        case effects.Say():
            parts = tuple(_words(prompt, language, at) for prompt in effect.prompts)
            return Line(at, "agent", " ".join(parts), parts=parts)
        case effects.Act():
            return Line(at, "tool", f"{effect.tool}{_values(effect.values)}")
        case effects.Transfer():
            return Line(at, "line", f"transfer to {effect.to}: {effect.why}")
        case effects.HangUp():
            return Line(at, "line", f"we hung up: {effect.why}")
        case effects.Note():
            return Line(at, "note", f"{effect.kind}: {effect.text}")
        case effects.Listen() | effects.Hush() | effects.LookUp() | effects.Record() | effects.StopRecording():
            return None
        case _:
            assert_never(effect)


def act_text(act: acts.Act) -> str:
    """An act in short, such as `day = 2026-11-06`."""
    match act:
        case acts.Fill():
            return f"{act.slot} = {' or '.join(value_text(one) for one in act.candidates)}"
        case acts.Exclude():
            return f"{act.slot} not {value_text(act.value)}"
        case acts.Affirm():
            return "yes"
        case acts.Deny():
            return "no"
        case acts.Want():
            return f"wants {act.intent}"
        case acts.Ask():
            return f"asks {act.answer}"
        case acts.Global():
            return act.name.replace("_", " ")
        case _:
            assert_never(act)


def value_text(value: object) -> str:
    """A value as an operator reads it: `19:30`, `2026-11-06`, `Maria Rossi`."""
    if isinstance(value, (tuple, list)):
        return ", ".join(value_text(one) for one in value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "nothing" if value is None else str(value)


def _values(values: Mapping[str, object]) -> str:
    inner = ", ".join(f"{name} = {value_text(value)}" for name, value in values.items())
    return f" ({inner})" if inner else ""


def _words(prompt: Prompt, language: str, at: datetime) -> str:
    """The prompt as it was said; masked values stay masked."""
    masked = [name for name, typed in prompt.values.items() if typed.value == MASK]
    if not masked:
        return render(prompt, language, at)
    text = re.sub(rf"\{{({'|'.join(map(re.escape, masked))}):\w+\}}", r"{\1}", prompt.text)  # no style suits a mask
    shown = {**prompt.values, **{name: Typed("text", MASK) for name in masked}}
    return render(replace(prompt, text=text, values=shown), language, at)
