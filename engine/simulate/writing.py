"""A conversation that was found, written as a talk that people can read: with words wherever words do it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from engine.acts import Fill
from engine.check.replay import CALLER, Scene, Trial
from engine.dialogue.values import act_text, written
from engine.effects import Act, LookUp, Say
from engine.events import Digits, Event, Heard, HungUp, Recorded, Silence, ToolReturned, Transferred
from engine.flow.model import Flow
from engine.simulate.result import Called, Result
from engine.simulate.runner import run_script
from engine.simulate.sayings import Sayings
from engine.simulate.script import bind
from engine.simulate.stage import Stage
from engine.talk import model
from engine.talk.reader import read_talk
from engine.talk.writer import write_talk

_UNSAID: Final = ("engine.implicit", "engine.filler")
"""Prompts that come and go with how sure the understanding is, or how fast a tool."""
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9]+")


def write(
    stage: Stage, sayings: Sayings, where: Scene, trial: Trial, notes: Sequence[str], end: Sequence[model.Expect] = ()
) -> str:
    """The talk of a conversation, under its notes, with what must be true at its `end` (what is so, if nothing is
    given). Where its words lead elsewhere than the acts did, it is written with acts alone."""
    for spoken in (sayings, None):
        lines = _Writer(stage, spoken, where, trial).lines(notes)
        result = _run(stage, lines)
        if result.passed:
            return write_talk(model.Talk((*lines, *(end or _expected(stage.flow, result)))))
    return write_talk(model.Talk((*lines, *end)))


def file_name(title: str, taken: Sequence[str]) -> str:
    """A file's name made of a title, another one than those that are taken."""
    plain = _NOT_IN_A_NAME.sub("_", title.lower()).strip("_") or "talk"
    names = (plain, *(f"{plain}_{number}" for number in range(2, len(taken) + 3)))
    return next(f"{name}.talk" for name in names if f"{name}.talk" not in taken)


def _run(stage: Stage, lines: Sequence[model.Line]) -> Result:
    talk = read_talk(write_talk(model.Talk(tuple(lines))))
    return run_script(bind(talk, stage.flow), stage)


def _expected(flow: Flow, result: Result) -> Iterator[model.Expect]:
    """How the call ended, what it booked, and what it did not."""
    if result.ended is not None and result.ended != "hung_up":
        steps = [name for name in result.positions if name.partition("/")[0] in flow.steps]
        yield model.ExpectEnd(result.ended if " " not in result.ended else steps[-1])
    for tool in flow.tools.values():
        entries = (entry for entry in result.entries if isinstance(entry, Called) and not entry.look_up)
        calls = [entry for entry in entries if entry.tool == tool.name]
        if not calls and not tool.commits:
            continue
        values = calls[-1].values if len(calls) == 1 else {}
        plain = tuple((name, str(value)) for name, value in values.items() if isinstance(value, str | int))
        yield model.ExpectCalls(tool.name, len(calls), tuple(one for one in plain if one[0] != "reference"))


class _Writer:
    """The lines of one conversation."""

    def __init__(self, stage: Stage, sayings: Sayings | None, where: Scene, trial: Trial) -> None:
        self.flow, self.sayings, self.where = stage.flow, sayings, where
        self.types = stage.compiled.result_types
        self.trail = trial.trail()

    def lines(self, notes: Sequence[str]) -> list[model.Line]:
        lines: list[model.Line] = [
            *(model.Comment(note) for note in notes),
            model.GivenNow(self.where.now.replace(tzinfo=None)),
            model.GivenCaller(CALLER),
            *self._given(),
            model.Blank(),
        ]
        for number, one in enumerate(self.trail[1:]):
            lines += self._turn(one, number)
        return lines

    def _given(self) -> Iterator[model.GivenTool]:
        """What tools and transfers answered, call after call."""
        answers: dict[str, list[model.Answer]] = {}
        for trial in self.trail[1:]:
            waiting = trial.before.state.waiting if trial.before is not None else None
            match trial.event:
                case ToolReturned(_, outcome, values) if isinstance(waiting, Act | LookUp):
                    shown = tuple((name, written(self.types.get(name, "text"), one)) for name, one in values.items())
                    answers.setdefault(waiting.tool, []).append(model.Answer(outcome, shown))
                case Transferred(_, outcome):
                    answers.setdefault(model.TRANSFER, []).append(model.Answer(outcome))
        for tool, given in answers.items():
            while len(given) > 1 and given[-1] == given[-2]:
                given.pop()
            yield model.GivenTool(tool, tuple(given))

    def _turn(self, trial: Trial, number: int) -> Iterator[model.Line]:
        assert trial.before is not None
        assert trial.event is not None
        yield from self._caller(trial.before, trial.event, number)
        if isinstance(trial.event, Heard):
            yield from _pins(self.flow, trial)
        for effect in trial.effects:
            if isinstance(effect, Say):
                ids = dict.fromkeys(prompt.id for prompt in effect.prompts)
                names = [name for name in ids if name not in _UNSAID and not name.endswith(".confirm")]
                yield from (model.AgentSays(name) for name in names)

    def _caller(self, before: Trial, event: Event, number: int) -> Iterator[model.Line]:
        match event:
            case Heard(_, said, acts):
                kinds = {name: slot.type for name, slot in self.flow.slots.items()}
                words = said or (self.sayings and self.sayings.words(before.state, acts, self.where.now, number))
                yield model.CallerSays(words) if words else model.CallerMeans(tuple(act_text(a, kinds) for a in acts))
            case Silence():
                yield model.CallerSilent()
            case Digits(_, keys):
                yield model.CallerKeys(keys)
            case Recorded(_, _, seconds):
                yield model.CallerRecords(seconds)
            case HungUp():
                yield model.CallerHangsUp()


def _pins(flow: Flow, trial: Trial) -> Iterator[model.Pins]:
    """The values that an answer filled."""
    assert isinstance(trial.event, Heard)
    found = [
        model.Pin(act.slot, written(flow.slots[act.slot].type, act.candidates[0]))
        for act in trial.event.acts
        if isinstance(act, Fill) and len(act.candidates) == 1 and trial.state.slot(act.slot).value == act.candidates[0]
    ]
    if found:
        yield model.Pins(tuple(found))
