"""A talk of a kept call: what the caller said, what was understood, what we said and what the tools answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from engine import acts, effects, events
from engine.dialogue.values import as_json, written
from engine.effects import Effect
from engine.persona.prompts import render
from engine.simulate.exporting import PRIVATE, Writing, heard_lines, key_lines, made_up
from engine.simulate.guesses import asked_by
from engine.simulate.kept import Kept, Turn, variant_of
from engine.simulate.recording import settled
from engine.simulate.review import ended
from engine.simulate.stage import Stage
from engine.talk import model
from engine.watch.encoding import MASK

_USUAL: Final = 0.4
"""Seconds up to which a tool's answer is not worth saying when it came."""
_NEVER: Final = 600.0
"""Seconds after which an answer comes that the call did not live to see."""
_NUMBER: Final = "+441632960123"


def export(call: Kept, stage: Stage, own: str, mask: bool = False, flow: str | None = None) -> model.Talk:
    """The call as a talk for its flow, whose `own` language need not be said.

    Values that the log masks, and with `mask` all private ones, are made up; turns with such values hold acts instead
    of words. `flow` is written into the talk.
    """
    writing = Writing(call, stage, mask)
    for turn in call.turns:
        _event(writing, turn)
        for effect in turn.effects:
            _effect(writing, turn, effect)
        writing.asked = asked_by(turn.effects, writing.asked)
    head = [model.Comment(_title(call)), *_given(writing, own, flow), model.Blank()]
    return model.Talk(settled((*head, *writing.lines, *_expected(writing)), stage), call.row.id)


def _title(call: Kept) -> str:
    return f"Call {call.row.id}: {call.row.flow}, {call.row.outcome or 'no outcome'}."


def _given(writing: Writing, own: str, flow: str | None) -> Iterator[model.Line]:
    turns, row = writing.call.turns, writing.call.row
    if flow is not None:
        yield model.GivenFlow(flow)
    if row.language != own:
        yield model.GivenLanguage(row.language)
    if variant := variant_of(turns):
        yield model.GivenVariant(variant)
    yield model.GivenNow(turns[0].at.replace(tzinfo=None, microsecond=0), True)
    first = turns[0].event
    if isinstance(first, events.CallStarted):
        yield model.GivenCaller(_number(first.caller, writing.mask))
        if first.called and first.called.strip("+").isdigit():
            yield model.GivenCalled(first.called)
        if not first.open_speech:
            yield model.GivenSpeech(False)
    for name, answers in writing.answers.items():
        kept = list(answers.values())
        while len(kept) > 1 and kept[-1] == kept[-2]:
            kept.pop()
        yield model.GivenTool(name, tuple(kept))


def _number(number: str | None, mask: bool) -> str | None:
    """The caller's number; a made-up one with its last digits where it is not to be told."""
    if number is None:
        return None
    if number.strip("+").isdigit() and not mask:
        return number
    last = number[-3:] if number[-3:].isdigit() and not mask else _NUMBER[-3:]
    return _NUMBER[:-3] + last


# events


def _event(writing: Writing, turn: Turn) -> None:
    if writing.ended is not None and not isinstance(turn.event, events.ToolReturned):
        return
    after, writing.after = writing.after, None
    match turn.event:
        case events.CallStarted():
            writing.began = _at(writing, turn)
        case events.Interrupted(heard_until=until):
            writing.after = _moment(writing, until)
            writing.saying.clear()
        case events.Heard():
            writing.lines += heard_lines(writing, turn, turn.event, after)
            writing.began = _at(writing, turn)
        case events.Digits(keys=pressed):
            writing.lines += key_lines(writing, turn, pressed, after)
            writing.began = _at(writing, turn)
        case events.Silence():
            writing.lines.append(model.CallerSilent())
            writing.began = _at(writing, turn)
        case events.Recorded(seconds=seconds):
            writing.lines.append(model.CallerRecords(round(seconds, 1)))
            writing.began = _at(writing, turn)
        case events.HungUp():
            busy = writing.acting or writing.saying
            seconds = round((_at(writing, turn) - writing.began).total_seconds(), 1)
            writing.lines.append(model.CallerHangsUp(seconds if busy else None))
            writing.ended = "hung_up"
        case events.Spoken(say=say):
            writing.saying.discard(say)
        case events.ToolReturned(act=act) if act in writing.acting:
            _returned(writing, turn, turn.event)
        case events.Transferred(act=act, outcome=outcome) if act in writing.acting:
            began, _ = writing.acting.pop(act)
            writing.answers[model.TRANSFER][act] = model.Answer(outcome, (), _took(began, turn))


def _at(writing: Writing, turn: Turn) -> timedelta:
    return turn.at - writing.call.turns[0].at


def _took(began: Turn, turn: Turn) -> float | None:
    seconds = round((turn.at - began.at).total_seconds(), 1)
    return None if seconds <= _USUAL else seconds


def _returned(writing: Writing, turn: Turn, event: events.ToolReturned) -> None:
    began, tool = writing.acting.pop(event.act)
    types = writing.flow.tools[tool].outcomes.get(event.outcome, {}) if tool in writing.flow.tools else {}
    values = tuple(
        (name, written(types[name], _told(writing, types[name], value, turn)))
        for name, value in event.values.items()
        if name in types
    )
    writing.answers[tool][event.act] = model.Answer(event.outcome, values, _took(began, turn))


def _begun(writing: Writing, turn: Turn, act: int, tool: str) -> None:
    """A tool or transfer is under way; until we know better, it never answers."""
    writing.acting[act] = (turn, tool)
    outcomes = writing.flow.tools[tool].all_outcomes if tool in writing.flow.tools else ("failed",)
    writing.answers.setdefault(tool, {})[act] = model.Answer(outcomes[0], (), _NEVER)


def _told(writing: Writing, kind: str, value: object, turn: Turn) -> object:
    """What a tool brought, or another value where it is not to be told. A booking number opens a booking, so that with
    `mask` its digits go too."""
    if _hidden(writing, kind, value):
        return made_up(kind, turn.at)
    if writing.mask and isinstance(value, str) and _is_numbered(value):
        return re.sub(r"\d", "0", value)
    return value


def _is_numbered(text: str) -> bool:
    """Whether a text is a number of something: four digits or more, and little else."""
    digits = sum(sign.isdigit() for sign in text)
    return digits >= 4 and 2 * digits >= len(text)


def _hidden(writing: Writing, kind: str, value: object) -> bool:
    """Whether a value that a tool brought is not to be told."""
    sensitive = {slot.type for slot in writing.flow.slots.values() if slot.sensitive}
    base = kind.removesuffix(" list")
    return base in sensitive - {"text", "choice"} or value == MASK or (writing.mask and base in PRIVATE[:-1])


def _moment(writing: Writing, heard: int) -> float:
    """When the caller spoke over us, in seconds since our turn began: within the first prompt not heard whole."""
    say, persona = writing.say, writing.stage.persona
    if say is None:
        return 0.0
    seconds = (writing.spoken - writing.began).total_seconds()
    for number, prompt in enumerate(say.prompts[: heard + 1]):
        prosody = persona.prosody(prompt.situation)
        words = len(render(prompt, writing.flow.language, writing.call.turns[0].at).split())
        takes = words * 60 / (prosody.pace * say.pace) + prosody.sentence_pause
        seconds += takes if number < heard else takes / 2
    return round(max(0.0, seconds), 1)


# effects


def _effect(writing: Writing, turn: Turn, effect: Effect) -> None:
    match effect:
        case effects.Say():
            writing.lines += [model.AgentSays(prompt.id) for prompt in effect.prompts]
            writing.say, writing.spoken = effect, _at(writing, turn)
            writing.saying.add(effect.say)
        case effects.Listen():
            writing.listen = effect
        case effects.Act():
            _begun(writing, turn, effect.act, effect.tool)
            if effect.commits:
                writing.commits.append(effect)
        case effects.LookUp():
            _begun(writing, turn, effect.act, effect.tool)
        case effects.Hush():
            writing.saying.clear()
        case effects.Transfer():
            _begun(writing, turn, effect.act, model.TRANSFER)
        case effects.HangUp() if writing.ended is None:
            writing.ended = effect.why


def _expected(writing: Writing) -> Iterator[model.Line]:
    """How the call ended, and what was booked with which values."""
    if writing.ended is None:
        return
    yield ended(writing.ended)
    for name in dict.fromkeys(effect.tool for effect in writing.commits):
        calls = [effect for effect in writing.commits if effect.tool == name]
        yield model.ExpectCalls(name, len(calls), _shown(writing, calls[0]) if len(calls) == 1 else ())


def _shown(writing: Writing, effect: effects.Act) -> model.Values:
    flow, found = writing.flow, []
    takes = flow.tools[effect.tool].takes if effect.tool in flow.tools else {}
    for name, value in effect.values.items():
        slot = flow.slots.get(takes.get(name, name))
        kind = slot.type if slot else writing.stage.compiled.result_types.get(takes.get(name, name), "text")
        hidden = value is None or isinstance(value, acts.Recording) or (slot is not None and slot.sensitive)
        hidden = hidden or (writing.mask and isinstance(value, str) and _is_numbered(value))
        if not hidden and kind.split(" ")[0] not in PRIVATE and as_json(kind, value) is not None:
            found.append((name, written(kind, value)))
    return tuple(found)
