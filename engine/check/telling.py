"""A real conversation written as a talk file that runs again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.acts import Act as CallerAct
from engine.acts import Affirm, Ask, Deny, Exclude, Fill, Global, Want
from engine.check.replay import CALLER, Scene, Trial
from engine.dialogue.values import written
from engine.effects import Act, LookUp, Record, Say
from engine.errors import Position
from engine.events import Heard, Recorded, Silence, ToolReturned, Transferred
from engine.flow.model import Flow
from engine.talk import model
from engine.talk.writer import write_talk


def tell(where: Scene, trial: Trial, title: str, expected: Iterable[model.Expect]) -> str:
    """The talk of a conversation, with what should be true at its end and is not."""
    flow = where.compiled.flow
    trail = trial.trail()
    lines: list[model.Line] = [model.Comment(title), *_steps(flow, trail)]
    lines += [model.GivenFlow(flow.path), model.GivenNow(where.now.replace(tzinfo=None)), model.GivenCaller(CALLER)]
    lines += _given(where, trail)
    lines.append(model.Blank())
    turns = [line for one in trail[1:] for line in _turn(flow, one)]
    lines += turns or _opening(trail)
    return write_talk(model.Talk((*lines, *expected)))


def _opening(trail: list[Trial]) -> Iterator[model.Line]:
    """What is said first, in a call where nobody else says anything."""
    for effect in trail[-1].effects:
        if isinstance(effect, Say):
            yield model.AgentSays(effect.prompts[0].id)
            return
    yield model.CallerSilent()


def _steps(flow: Flow, trail: list[Trial]) -> Iterator[model.Comment]:
    """The lines of the flow that the conversation comes by, a step each."""
    told: dict[str, Position] = {}
    for one in trail[1:]:
        step = flow.steps.get(one.state.position.partition("/")[0])
        if step is not None:
            told.setdefault(step.name, step.at)
    for name, at in told.items():
        yield model.Comment(f"{at.file}:{at.line} {name}")


def _given(where: Scene, trail: list[Trial]) -> Iterator[model.GivenTool]:
    """What tools and transfers answered, call after call."""
    answers: dict[str, list[model.Answer]] = {}
    types = where.compiled.result_types
    for one in trail[1:]:
        waiting = one.before.state.waiting if one.before is not None else None
        match one.event:
            case ToolReturned(_, outcome, values) if isinstance(waiting, Act | LookUp):
                shown = tuple((name, written(types.get(name, "text"), value)) for name, value in values.items())
                answers.setdefault(waiting.tool, []).append(model.Answer(outcome, shown))
            case Transferred(_, outcome):
                answers.setdefault(model.TRANSFER, []).append(model.Answer(outcome))
    for tool, given in answers.items():
        yield model.GivenTool(tool, tuple(given))


def _turn(flow: Flow, trial: Trial) -> Iterator[model.Line]:
    match trial.event:
        case Heard(_, _, acts):
            yield model.CallerMeans(tuple(_act(flow, act) for act in acts))
        case Silence():
            yield model.CallerSilent()
        case Recorded(_, _, seconds) if trial.before is not None and isinstance(trial.before.state.waiting, Record):
            yield model.CallerRecords(seconds)
    last = [prompt.id for effect in trial.effects if isinstance(effect, Say) for prompt in effect.prompts]
    if last and isinstance(trial.event, Heard | Silence) and not trial.broken:
        yield model.AgentSays(last[-1])


def _act(flow: Flow, act: CallerAct) -> model.ActText:
    match act:
        case Fill(slot, candidates):
            texts = tuple(_one(flow, slot, value) for value in candidates)
            return model.ActText("fill", (slot, texts[0] if len(texts) == 1 else texts))
        case Exclude(slot, value):
            return model.ActText("exclude", (slot, _one(flow, slot, value)))
        case Want(intent):
            return model.ActText("want", (intent,))
        case Ask(answer):
            return model.ActText("ask", (answer,))
        case Affirm():
            return model.ActText("affirm")
        case Deny():
            return model.ActText("deny")
        case Global(name):
            return model.ActText(name)


def _one(flow: Flow, slot: str, value: object) -> str:
    shown = written(flow.slots[slot].type, value)
    return shown if isinstance(shown, str) else " ".join(shown)
