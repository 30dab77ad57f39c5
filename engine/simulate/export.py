"""A talk of a kept call: what the caller said, what was understood, what we said and what the tools answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from engine import acts, effects, events
from engine.acts import Act, Exclude, Fill
from engine.dialogue.values import as_json, plausible, show_act, written
from engine.effects import Effect, Listen, Say
from engine.flow.model import Flow
from engine.persona.prompts import render
from engine.simulate.guesses import asked_by
from engine.simulate.kept import Kept, Turn
from engine.simulate.recording import settled
from engine.simulate.review import ended, name_of, pins_of
from engine.simulate.stage import Stage
from engine.talk import model
from engine.talk.meant import acts_of
from engine.talk.scan import Scanner
from engine.watch.encoding import MASK

PRIVATE: Final = ("person_name", "phone", "date_of_birth", "email", "address", "postcode", "text")
"""Types whose values are made up where private values are to be masked, beside slots that the flow calls sensitive."""
_USUAL: Final = 0.4
"""Seconds up to which a tool's answer is not worth saying when it came."""
_LONG_NUMBER: Final = re.compile(r"\d(?:[ -]?\d){4,}")
_NEVER: Final = 600.0
"""Seconds after which an answer comes that the call did not live to see."""
_NUMBER: Final = "+441632960123"


@dataclass(slots=True)
class _Export:
    """One call being written. `mask` makes all private values up."""

    call: Kept
    stage: Stage
    mask: bool
    answers: dict[str, dict[int, model.Answer]] = field(default_factory=dict)
    """By tool and by the act that was answered, in the order in which they were begun."""
    acting: dict[int, tuple[Turn, str]] = field(default_factory=dict)
    """Acts under way: when each began, and its tool."""
    saying: set[int] = field(default_factory=set)
    lines: list[model.Line] = field(default_factory=list)
    listen: Listen | None = None
    asked: str | None = None
    began: timedelta = timedelta()
    spoken: timedelta = timedelta()
    say: Say | None = None
    after: float | None = None
    ended: str | None = None
    commits: list[effects.Act] = field(default_factory=list)

    @property
    def flow(self) -> Flow:
        return self.stage.flow


def export(call: Kept, stage: Stage, own: str, mask: bool = False, flow: str | None = None) -> model.Talk:
    """The call as a talk for its flow, whose `own` language need not be said.

    Values that the log masks, and with `mask` all private ones, are made up; turns with such values hold acts instead
    of words. `flow` is written into the talk.
    """
    writing = _Export(call, stage, mask)
    for turn in call.turns:
        _event(writing, turn)
        for effect in turn.effects:
            _effect(writing, turn, effect)
        writing.asked = asked_by(turn.effects, writing.asked)
    head = [model.Comment(_title(call)), *_given(writing, own, flow), model.Blank()]
    return model.Talk(settled((*head, *writing.lines, *_expected(writing)), stage), call.row.id)


def _title(call: Kept) -> str:
    return f"Call {call.row.id}: {call.row.flow}, {call.row.outcome or 'no outcome'}."


def _given(writing: _Export, own: str, flow: str | None) -> Iterator[model.Line]:
    turns, row = writing.call.turns, writing.call.row
    if flow is not None:
        yield model.GivenFlow(flow)
    if row.language != own:
        yield model.GivenLanguage(row.language)
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


def _event(writing: _Export, turn: Turn) -> None:
    if writing.ended is not None and not isinstance(turn.event, events.ToolReturned):
        return
    after, writing.after = writing.after, None
    match turn.event:
        case events.CallStarted():
            writing.began = _at(writing, turn)
        case events.Interrupted(heard_until=heard):
            writing.after = _moment(writing, heard)
            writing.saying.clear()
        case events.Heard():
            writing.lines += _heard(writing, turn, turn.event, after)
            writing.began = _at(writing, turn)
        case events.Digits(keys=keys):
            writing.lines += _keys(writing, turn, keys, after)
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


def _at(writing: _Export, turn: Turn) -> timedelta:
    return turn.at - writing.call.turns[0].at


def _took(began: Turn, turn: Turn) -> float | None:
    seconds = round((turn.at - began.at).total_seconds(), 1)
    return None if seconds <= _USUAL else seconds


def _returned(writing: _Export, turn: Turn, event: events.ToolReturned) -> None:
    began, tool = writing.acting.pop(event.act)
    types = writing.flow.tools[tool].outcomes.get(event.outcome, {}) if tool in writing.flow.tools else {}
    values = tuple(
        (name, written(types[name], plausible(types[name], turn.at) if _hidden(writing, types[name], value) else value))
        for name, value in event.values.items()
        if name in types
    )
    writing.answers[tool][event.act] = model.Answer(event.outcome, values, _took(began, turn))


def _begun(writing: _Export, turn: Turn, act: int, tool: str) -> None:
    """A tool or transfer is under way; until we know better, it never answers."""
    writing.acting[act] = (turn, tool)
    outcomes = writing.flow.tools[tool].all_outcomes if tool in writing.flow.tools else ("failed",)
    writing.answers.setdefault(tool, {})[act] = model.Answer(outcomes[0], (), _NEVER)


def _hidden(writing: _Export, kind: str, value: object) -> bool:
    """Whether a value that a tool brought is not to be told."""
    sensitive = {slot.type for slot in writing.flow.slots.values() if slot.sensitive}
    base = kind.removesuffix(" list")
    return base in sensitive - {"text", "choice"} or value == MASK or (writing.mask and base in PRIVATE[:-1])


def _moment(writing: _Export, heard: int) -> float:
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


# the caller's turns


def _heard(writing: _Export, turn: Turn, event: events.Heard, after: float | None) -> Iterator[model.Line]:
    found = tuple(_told(writing, turn, act) for act in event.acts)
    if found == event.acts and MASK[0] not in event.words and event.words and not _unsaid(writing, event, found):
        listen = writing.listen
        said = () if listen is None else writing.stage.understand(event.words, listen.expecting, turn.at).acts
        if listen is None or [_gist(act) for act in said] == [_gist(act) for act in event.acts]:
            yield model.CallerSays(event.words, after)
            if _pinned(found):
                yield model.Pins(pins_of(found, writing.flow))
            return
        yield model.Comment(f'"{event.words}"')
    kinds = {name: slot.type for name, slot in writing.flow.slots.items()}
    shown = ", ".join(show_act(act, kinds) for act in found) or "nothing"
    yield model.CallerMeans(acts_of(Scanner(shown), model.NOWHERE), after)


def _unsaid(writing: _Export, event: events.Heard, found: Sequence[Act]) -> bool:
    """Whether words may hold something private that no act shows: an answer to a private question, and with `mask` any
    words that were not understood, and any long number."""
    if writing.mask and (not found or _LONG_NUMBER.search(event.words)):
        return True
    slot = writing.flow.slots.get(writing.asked or "")
    private = slot is not None and (slot.sensitive or (writing.mask and slot.item in PRIVATE))
    return private and not found


def _pinned(found: Sequence[Act]) -> bool:
    """Whether a pin says the same in every run: one value for each slot."""
    return all(len(act.candidates) == 1 for act in found if isinstance(act, Fill))


def _told(writing: _Export, turn: Turn, act: Act) -> Act:
    """The act without what is not to be told."""
    if not isinstance(act, Fill | Exclude) or act.slot not in writing.flow.slots:
        return act
    slot = writing.flow.slots[act.slot]
    if not (turn.masked and slot.sensitive) and not (writing.mask and (slot.sensitive or slot.item in PRIVATE)):
        return act
    value = plausible(slot.type, turn.at)
    if isinstance(act, Fill):
        return replace(act, candidates=(value,), span=acts.KEYED)
    return replace(act, value=value, span=acts.KEYED)


def _gist(act: Act) -> tuple[object, ...]:
    """What of an act decides how the call goes on."""
    sure = act.confidence >= acts.SURE
    match act:
        case Fill(slot, candidates):
            return "fill", slot, candidates, sure
        case Exclude(slot, value):
            return "exclude", slot, value, sure
        case _:
            return type(act).__name__, name_of(act)


def _keys(writing: _Export, turn: Turn, keys: str, after: float | None) -> Iterator[model.Line]:
    """Keys as they were; those of a private answer are made up, as an act."""
    slot = writing.flow.slots.get(writing.asked or "")
    hidden = MASK[0] in keys
    private = hidden or (writing.mask and slot is not None and slot.item in PRIVATE and len(keys) > 1)
    if not private or slot is None:
        yield model.CallerKeys(keys, after)
        return
    if len(keys) == 1:
        yield model.CallerKeys(_single(turn, slot.name), after)
        return
    value = written(slot.type, plausible(slot.type, turn.at))
    yield model.CallerMeans((model.ActText("fill", (slot.name, value)),), after)


def _single(turn: Turn, asked: str) -> str:
    """The one key that was pressed at a private question: yes or no, by what became of it."""
    said = [prompt.id for effect in turn.effects if isinstance(effect, Say) for prompt in effect.prompts]
    return "2" if any(name == f"{asked}.ask" for name in said) else "1"


# effects


def _effect(writing: _Export, turn: Turn, effect: Effect) -> None:
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


def _expected(writing: _Export) -> Iterator[model.Line]:
    """How the call ended, and what was booked with which values."""
    if writing.ended is None:
        return
    yield ended(writing.ended)
    for name in dict.fromkeys(effect.tool for effect in writing.commits):
        calls = [effect for effect in writing.commits if effect.tool == name]
        yield model.ExpectCalls(name, len(calls), _shown(writing, calls[0]) if len(calls) == 1 else ())


def _shown(writing: _Export, effect: effects.Act) -> model.Values:
    flow, found = writing.flow, []
    takes = flow.tools[effect.tool].takes if effect.tool in flow.tools else {}
    for name, value in effect.values.items():
        slot = flow.slots.get(takes.get(name, name))
        kind = slot.type if slot else writing.stage.compiled.result_types.get(takes.get(name, name), "text")
        hidden = value is None or isinstance(value, acts.Recording) or (slot is not None and slot.sensitive)
        if not hidden and kind.split(" ")[0] not in PRIVATE and as_json(kind, value) is not None:
            found.append((name, written(kind, value)))
    return tuple(found)
