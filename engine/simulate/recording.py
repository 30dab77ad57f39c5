"""A talk made from what callers said elsewhere: their lines are played to a flow, and what came of them is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.errors import AuthorError, Finding, Position
from engine.flow.model import Flow
from engine.simulate.result import Called, Caller, Entry, Result, Spoke
from engine.simulate.review import Review, ended, pins_of
from engine.simulate.runner import CALLERS, run_script
from engine.simulate.script import bind, first_moment
from engine.simulate.stage import Stage
from engine.talk import model

_KEPT = (
    model.GivenLanguage, model.GivenVariant, model.GivenCaller, model.GivenCalled, model.GivenSpeech, model.GivenTool,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """A talk that holds; `left` are lines of the caller for which the call was over too soon, `ended` how it ended."""

    talk: model.Talk
    left: tuple[model.Line, ...]
    ended: str | None


def record(
    talk: model.Talk, stage: Stage, title: str, now: datetime | None = None, flow: str | None = None
) -> Recorded:
    """Plays the caller's lines of a talk or transcript and writes down what we say and understand. `now` is when the
    call begins, in the flow's zone; `flow` is written into the talk. Raises AuthorError where nobody calls."""
    caller = [line for line in talk.lines if isinstance(line, CALLERS)]
    if not caller:
        hint = "Lines of the caller look like `Caller: a table for two`."
        finding = Finding("talk.empty", "error", "the caller says nothing here", Position(talk.file), hint)
        raise AuthorError((finding,))
    moment = (now or _moment(talk) or first_moment(stage.flow)).replace(tzinfo=None)
    head: list[model.Line] = [model.Comment(title), model.GivenNow(moment, True)]
    if flow is not None:
        head.insert(1, model.GivenFlow(flow))
    head += [line for line in talk.lines if isinstance(line, _KEPT)]
    plain = [replace(line, bare=False) if isinstance(line, model.CallerSays) else line for line in caller]
    result = _play((*head, *plain), stage)
    over = result.difference.at.line if result.difference else None
    left = () if over is None else tuple(line for line in plain if line.at.line >= over)
    played = tuple(line for line in plain if line not in left)
    lines = (*head, model.Blank(), *_written(result, played, stage.flow), *_expected(result, stage.flow))
    return Recorded(model.Talk(settled(lines, stage), talk.file), left, result.ended)


def _moment(talk: model.Talk) -> datetime | None:
    return next((line.moment for line in talk.lines if isinstance(line, model.GivenNow)), None)


def _play(lines: Sequence[model.Line], stage: Stage) -> Result:
    return run_script(bind(model.Talk(tuple(lines)), stage.flow), stage)


def settled(lines: Sequence[model.Line], stage: Stage) -> tuple[model.Line, ...]:
    """The lines with pins as the engine settled them: an eight that only the calendar could tell from the other."""
    review = Review()
    run_script(bind(model.Talk(tuple(lines)), stage.flow), stage, review=review)
    changes = review.pins
    return tuple(new for number, line in enumerate(lines) for new in changes.get(number, (line,)))


def _written(result: Result, played: Sequence[model.Line], flow: Flow) -> Iterator[model.Line]:
    """What was said and heard, in order; lines of the caller as they were given."""
    said = iter(played)
    for entry in result.entries:
        match entry:
            case Spoke():
                yield model.AgentSays(entry.id)
            case Caller():
                line = next(said, None)
                if line is None:
                    return
                yield line
                if entry.kind == "words" and not entry.unheard:
                    yield model.Pins(pins_of(entry.acts, flow))


def _expected(result: Result, flow: Flow) -> Iterator[model.Line]:
    """How the call ended, and what it booked."""
    if result.difference is not None or result.ended is None:
        return
    yield ended(result.ended)
    yield from commits(result.entries, flow)


def commits(entries: Sequence[Entry], flow: Flow) -> Iterator[model.Line]:
    """How often each tool that commits was called, if it was."""
    called = [entry.tool for entry in entries if isinstance(entry, Called) and not entry.look_up]
    for name, tool in flow.tools.items():
        if tool.commits and name in called:
            yield model.ExpectCalls(name, called.count(name))
