"""A talk bound to the flow that it is about: its names looked up, its values typed, its faults found before it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine import acts
from engine.dialogue.values import typed
from engine.errors import AuthorError, Finding, Position
from engine.flow.model import TRANSFER_OUTCOMES, Flow
from engine.kinds import is_list
from engine.slots.registry import Context
from engine.talk import model
from engine.talk.writer import write_line

FIRST_MOMENT: Final = datetime(2026, 10, 1, 10, 0)
"""Calls of talks without `given now` start here, or at the first full hour after it at which all calendars are open."""

_OWNERS: Final = {"argument": "the tool", "outcome": "it", "value": "the outcome"}

COUNTED: Final = ("noinput", "nomatch")
NOTHING: Final = "nothing"
EMPTY: Final = "empty"


@dataclass(frozen=True, slots=True)
class Given:
    """What a tool or transfer answers; values that the talk leaves out are made up."""

    outcome: str
    values: Mapping[str, object]
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A talk that can run. `acts`, `pins` and `values` hold the typed parts of a line, by its number."""

    talk: model.Talk
    flow: Flow
    now: datetime
    caller: str | None
    called: str | None
    open_speech: bool
    answers: Mapping[str, tuple[Given, ...]]
    acts: Mapping[int, tuple[acts.Act, ...]]
    values: Mapping[int, Mapping[str, object]]


def bind(talk: model.Talk, flow: Flow) -> Script:
    """The talk as a script for `flow`. Raises AuthorError with all names and values that the flow does not know."""
    binder = _Binder(talk, flow)
    for number, line in enumerate(talk.lines):
        binder.bind(number, line)
    if binder.findings:
        raise AuthorError(tuple(binder.findings))
    return Script(
        talk,
        flow,
        binder.now,
        binder.caller,
        binder.called,
        binder.open_speech,
        binder.answers,
        binder.acts,
        binder.values,
    )


def first_moment(flow: Flow) -> datetime:
    """When a call starts that does not say when."""
    start = FIRST_MOMENT.replace(tzinfo=ZoneInfo(flow.timezone))
    for hours in range(24 * 14):
        moment = start + timedelta(hours=hours)
        if all(calendar.is_open(moment) for calendar in flow.calendars.values()):
            return moment
    return start


class _Binder:
    """Collects what a talk means and what is wrong with it."""

    def __init__(self, talk: model.Talk, flow: Flow) -> None:
        self.talk, self.flow = talk, flow
        given = next((line.moment for line in talk.lines if isinstance(line, model.GivenNow)), None)
        self.now = first_moment(flow) if given is None else given.replace(tzinfo=ZoneInfo(flow.timezone))
        self.caller: str | None = None
        self.called: str | None = None
        self.open_speech = True
        self.answers: dict[str, tuple[Given, ...]] = {}
        self.acts: dict[int, tuple[acts.Act, ...]] = {}
        self.values: dict[int, Mapping[str, object]] = {}
        self.findings: list[Finding] = []

    def bind(self, number: int, line: model.Line) -> None:
        match line:
            case model.GivenCaller():
                self.caller = line.number
            case model.GivenCalled():
                self.called = line.number
            case model.GivenSpeech():
                self.open_speech = line.open
            case model.GivenTool():
                self._given(line)
            case model.CallerMeans():
                self.acts[number] = tuple(act for text in line.acts if (act := self._act(text, line)) is not None)
            case model.Pins():
                self.values[number] = {f"{index}": self._pin(pin, line) for index, pin in enumerate(line.pins)}
            case model.ExpectCalls():
                self._calls(number, line)
            case model.ExpectSlot():
                if self._known("slot", line.slot, self.flow.slots, line.at, line) and line.value is not None:
                    self.values[number] = {line.slot: self._slot_value(line.slot, line.value, line.at, line)}

    # findings

    def _fault(self, code: str, message: str, at: Position, line: model.Line, hint: str = "", width: int = 0) -> None:
        source = " " * (line.at.column - 1) + write_line(line).strip()
        column = min(at.column, len(source))
        here = Position(at.file, at.line, column)
        finding = Finding(code, "error", message, here, hint, source, width or max(1, len(source) - column + 1))
        self.findings.append(finding)

    def _known(self, what: str, name: str, names: Mapping[str, Any], at: Position, line: model.Line) -> bool:
        if name in names:
            return True
        near = get_close_matches(name, list(names), n=1, cutoff=0.6)
        have = ", ".join(names) or "none"
        hint = f"Did you mean `{near[0]}`?" if near else f"There are: {have}."
        self._fault(f"talk.{what}", f"{_OWNERS.get(what, 'the flow')} has no {what} `{name}`", at, line, hint)
        return False

    def _typed(
        self, kind: str, value: model.Value, options: Mapping[str, Any], at: Position, line: model.Line
    ) -> object:
        context = Context(self.now, self.flow.language, True, options)
        try:
            return typed(kind, value, context)
        except ValueError as error:
            self._fault("talk.value", str(error), at, line)
            return None

    def _slot_value(self, slot: str, value: model.Value, at: Position, line: model.Line) -> object:
        definition = self.flow.slots[slot]
        return self._typed(definition.type, value, definition.options, at, line)

    # lines

    def _given(self, line: model.GivenTool) -> None:
        if line.tool == model.TRANSFER:
            outcomes: Mapping[str, Mapping[str, str]] = {name: {} for name in TRANSFER_OUTCOMES}
        elif self._known("tool", line.tool, self.flow.tools, line.at, line):
            tool = self.flow.tools[line.tool]
            outcomes = {name: tool.outcomes.get(name, {}) for name in tool.all_outcomes}
        else:
            return
        given: list[Given] = []
        for answer in line.answers:
            if not self._known("outcome", answer.outcome, outcomes, answer.at, line):
                continue
            types = outcomes[answer.outcome]
            values = {
                name: self._typed(types[name], value, {}, answer.at, line)
                for name, value in answer.values
                if self._known("value", name, types, answer.at, line)
            }
            given.append(Given(answer.outcome, values, answer.after))
        self.answers[line.tool] = tuple(given)

    def _act(self, text: model.ActText, line: model.Line) -> acts.Act | None:
        flow, sure = self.flow, text.confidence
        first = str(text.values[0]) if text.values else ""
        if text.name in ("fill", "add", "exclude"):
            return self._value_act(text, first, line)
        if text.name == "want":
            known = self._known("intent", first, self._intents(), text.at, line)
            return acts.Want(first, acts.KEYED, sure) if known else None
        if text.name == "ask":
            known = self._known("answer", first, flow.answers, text.at, line)
            return acts.Ask(first, acts.KEYED, sure) if known else None
        simple: Mapping[str, Callable[..., acts.Act]] = {"affirm": acts.Affirm, "deny": acts.Deny}
        if text.name in simple:
            return simple[text.name](acts.KEYED, sure)
        return next((acts.Global(name, acts.KEYED, sure) for name in acts.GLOBALS if name == text.name), None)

    def _value_act(self, text: model.ActText, slot: str, line: model.Line) -> acts.Act | None:
        if not self._known("slot", slot, self.flow.slots, text.at, line):
            return None
        many, values = is_list(self.flow.slots[slot].type), text.values[1:]
        if text.name == "add" and not many:
            hint = "Write `many: yes` in the flow, or `fill` here."
            self._fault("talk.act", f"`{slot}` holds one value, nothing can be added to it", text.at, line, hint)
        each = values if many else [item for one in values for item in ((one,) if isinstance(one, str) else one)]
        found = tuple(self._slot_value(slot, item, text.at, line) for item in each)
        if text.name == "exclude":
            return acts.Exclude(slot, found[0] if found else None, acts.KEYED, text.confidence)
        return acts.Fill(slot, found, acts.KEYED, text.confidence, text.name == "add")

    def _intents(self) -> Mapping[str, Any]:
        """All that a caller may want: intents, and slots where we ask which part is wrong."""
        listens = [intents for step in self.flow.steps.values() if (intents := getattr(step, "intents", None))]
        found: dict[str, Any] = dict(self.flow.anywhere)
        for intents in listens:
            found.update(intents)
        return found | dict(self.flow.slots)

    def _pin(self, pin: model.Pin, line: model.Line) -> object:
        if pin.value is None:
            plain = (NOTHING, "affirm", "deny", *acts.GLOBALS, *self.flow.answers)
            self._known("act", pin.name, dict.fromkeys(plain) | dict(self._intents()), pin.at, line)
            if pin.name in self.flow.slots:
                self._fault("talk.pin", f"the value of `{pin.name}` is missing", pin.at, line)
            return None
        if pin.value == EMPTY or (pin.name in COUNTED and pin.name not in self.flow.slots):
            return pin.value
        if pin.name in self.flow.slots:
            return self._slot_value(pin.name, pin.value or "", pin.at, line)
        if pin.name in ("want", "ask"):
            self._known(
                "intent" if pin.name == "want" else "answer",
                str(pin.value),
                self._intents() if pin.name == "want" else self.flow.answers,
                pin.at,
                line,
            )
            return pin.value
        results = {
            name: kind
            for tool in self.flow.tools.values()
            for of in tool.outcomes.values()
            for name, kind in of.items()
        }
        known = dict(self.flow.slots) | results | dict.fromkeys((*COUNTED, "want", "ask"))
        if self._known("slot", pin.name, known, pin.at, line):
            return self._typed(results[pin.name], pin.value or "", {}, pin.at, line)
        return None

    def _calls(self, number: int, line: model.ExpectCalls) -> None:
        if line.tool in (model.TRANSFER, model.MESSAGE):
            return
        if not self._known("tool", line.tool, self.flow.tools, line.at, line):
            return
        takes = self.flow.tools[line.tool].takes
        found: dict[str, object] = {}
        for name, value in line.values:
            if self._known("argument", name, takes, line.at, line):
                kind, options = self.kind_of(takes[name])
                found[name] = self._typed(kind, value, options, line.at, line)
        self.values[number] = found

    def kind_of(self, name: str) -> tuple[str, Mapping[str, Any]]:
        """The type of a slot or result, and the options of the slot."""
        if name in self.flow.slots:
            slot = self.flow.slots[name]
            return slot.type, slot.options
        for tool in self.flow.tools.values():
            for values in tool.outcomes.values():
                if name in values:
                    return values[name], {}
        return "text", {}
