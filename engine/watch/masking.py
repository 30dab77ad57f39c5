"""What a log may not keep: values of slots that the flow calls sensitive, wherever they turn up in a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.acts import Act, Exclude, Fill, Money, PersonName, Range, Recording, Span
from engine.effects import Act as RunTool
from engine.effects import Effect, Listen, LookUp, Prompt, Say, Transfer, Typed
from engine.events import CallStarted, Digits, Event, Heard, ToolReturned
from engine.flow.model import Flow
from engine.kinds import item_of
from engine.watch.encoding import MASK, Masked

_CONTROLS: Final = ("#", "*", "*0")
_BULLET: Final = MASK[0]
_EXTENSION: Final = 7
"""What is shorter is an extension of the house, which is nobody's secret."""
_PLAIN: Final = frozenset({"choice", "text", "yes_no", "number"})
"""A tool's result of another sensitive slot's type is as sensitive as the slot, but not where the type says little."""


class Masker:
    """Masks one call, in order. It follows the effects, because only they say what an answer was about."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._slots = frozenset(name for name, slot in flow.slots.items() if slot.sensitive)
        self._types = frozenset(flow.slots[name].item for name in self._slots) - _PLAIN
        self._asked: str | None = None
        self._tools: dict[int, str] = {}

    def number(self, number: str | None) -> str | None:
        """A number of the line, but for its last three digits where the flow masks telephone numbers."""
        if number is None or "phone" not in self._types or len(number) < _EXTENSION:
            return number
        return _BULLET * (len(number) - 3) + number[-3:]

    def event(self, event: Event) -> Event:
        """The event as it may be kept."""
        match event:
            case CallStarted():
                return replace(event, caller=self.number(event.caller))
            case Heard():
                return self._heard(event)
            case Digits() if self._asked in self._slots and event.keys not in _CONTROLS:
                return replace(event, keys=_BULLET * len(event.keys))
            case ToolReturned():
                return replace(event, values=self._returned(event))
            case _:
                return event

    def effect(self, effect: Effect) -> Effect:
        """The effect as it may be kept."""
        match effect:
            case Listen():
                self._asked = effect.expecting.asked
                return self._listened(effect)
            case Say():
                return replace(effect, prompts=tuple(_prompt(prompt) for prompt in effect.prompts))
            case RunTool():
                self._called(effect.act, effect.tool)
                return replace(effect, values=self._arguments(effect))
            case LookUp():
                self._called(effect.act, effect.tool)
                return effect
            case Transfer():
                whisper = None if effect.whisper is None else _prompt(effect.whisper)
                return replace(effect, context=_typed(effect.context), whisper=whisper)
            case _:
                return effect

    def _listened(self, effect: Listen) -> Listen:
        """What is on offer for a slot is as secret as the slot."""
        expecting = effect.expecting
        if self._asked not in self._slots or not expecting.choices:
            return effect
        return replace(effect, expecting=replace(expecting, choices=tuple(mask(one) for one in expecting.choices)))

    def _heard(self, event: Heard) -> Heard:
        given = [act for act in event.acts if isinstance(act, (Fill, Exclude)) and act.slot in self._slots]
        if not given and (event.acts or self._asked not in self._slots):
            return event
        if self._asked in self._slots or any(act.span.start == act.span.end for act in given):
            return replace(event, words=MASK, acts=tuple(self._act(act, Span(MASK)) for act in event.acts))
        words = list(event.words)
        for act in given:
            words[act.span.start : act.span.end] = _BULLET * (act.span.end - act.span.start)
        shown = "".join(words)
        spans = (replace(act.span, text=shown[act.span.start : act.span.end]) for act in event.acts)
        return replace(event, words=shown, acts=tuple(map(self._act, event.acts, spans)))

    def _act(self, act: Act, span: Span) -> Act:
        """The act with its words shown as `span`, and without its value if that is sensitive."""
        match act:
            case Fill() if act.slot in self._slots:
                return replace(act, candidates=tuple(mask(one) for one in act.candidates), span=span)
            case Exclude() if act.slot in self._slots:
                return replace(act, value=mask(act.value), span=span)
            case _:
                return replace(act, span=span)

    def _called(self, act: int, tool: str) -> None:
        self._tools[act] = tool

    def _arguments(self, effect: RunTool) -> Mapping[str, object]:
        tool = self._flow.tools.get(effect.tool)
        takes = tool.takes if tool else {}
        return {name: mask(one) if takes.get(name) in self._slots else one for name, one in effect.values.items()}

    def _returned(self, event: ToolReturned) -> Mapping[str, object]:
        tool = self._flow.tools.get(self._tools.get(event.act, ""))
        types = tool.outcomes.get(event.outcome, {}) if tool else {}
        hidden = {name for name, kind in types.items() if item_of(kind) in self._types}
        return {name: mask(one) if name in hidden else one for name, one in event.values.items()}


def mask(value: object) -> Masked:
    """A value of the same kind that says nothing. A recording stays: its file is deleted when its time has come."""
    match value:
        case Recording():
            return Masked(value)
        case PersonName():
            return Masked(PersonName("Sam", "Masked"))
        case datetime():
            return Masked(datetime(1900, 1, 1))
        case date():
            return Masked(date(1900, 1, 1))
        case timedelta():
            return Masked(timedelta(hours=1))
        case Money():
            return Masked(Money(Decimal(1), value.currency))
        case Range():
            ends = (None if end is None else mask(end).like for end in (value.start, value.end))
            return Masked(Range(*ends))
        case tuple():
            return Masked(tuple(mask(one).like for one in value))
        case str():
            return Masked("0" * len(value) if value.strip("+").isdigit() else MASK)
        case _:
            return Masked(MASK)


def _prompt(prompt: Prompt) -> Prompt:
    return replace(prompt, values=_typed(prompt.values))


def _typed(values: Mapping[str, Typed]) -> dict[str, Any]:
    return {name: replace(one, value=mask(one.value)) if one.sensitive else one for name, one in values.items()}
