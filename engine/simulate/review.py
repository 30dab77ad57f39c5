"""A talk brought up to date: what we say now and what is understood now, in place of the lines that no longer hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from itertools import groupby
from typing import Final, TypeAlias

from engine.acts import GLOBALS, Act, Affirm, Ask, Deny, Exclude, Fill, Global, Range, Want
from engine.dialogue.values import as_json, written
from engine.flow.model import Flow
from engine.simulate.checks import Window, rung
from engine.simulate.result import Spoke
from engine.simulate.script import COUNTED, EMPTY, NOTHING
from engine.simulate.world import World
from engine.talk import model
from engine.talk.scan import NAME
from engine.talk.writer import write_line

Changes: TypeAlias = Mapping[int, tuple[model.Line, ...]]
"""What comes instead of a line, by the line's number in the talk (from 0); nothing where the line goes."""

_TAKEN: Final = (NOTHING, *COUNTED, "affirm", "deny", *GLOBALS)
"""What a bare name of a pin means already."""
_ENDS: Final = re.compile(r"(\r\n|\r|\n)")


@dataclass(slots=True)
class _Agent:
    """One of our lines: where the window stood before and after it, if it held."""

    number: int
    line: model.AgentSays
    window: Window
    before: int
    after: int | None


@dataclass(slots=True)
class Review:
    """Follows a talk that is played to its end, and collects the lines that should now be others."""

    agents: list[_Agent] = field(default_factory=list)
    pins: dict[int, tuple[model.Line, ...]] = field(default_factory=dict)

    def agent(self, number: int, line: model.AgentSays, window: Window, before: int, held: bool) -> None:
        """One of our lines was compared with what was said."""
        self.agents.append(_Agent(number, line, window, before, window.at if held else None))

    def pinned(self, number: int, line: model.Pins, window: Window, world: World) -> None:
        """Pins did not hold: those that do stay."""
        found = [now for pin in line.pins if (now := _now(pin, window, world)) is not None]
        acts = window.heard.acts if window.heard else ()
        self.pins[number] = (model.Pins(tuple(dict.fromkeys(found)) or pins_of(acts, world.flow)),)

    def changes(self) -> Changes:
        """All that should change, once the talk has been played."""
        found: dict[int, tuple[model.Line, ...]] = dict(self.pins)
        for _, turn in groupby(self.agents, key=lambda one: id(one.window)):
            lines = list(turn)
            for held, group in groupby(lines, key=lambda one: one.after is not None):
                if held:
                    continue
                missed = list(group)
                follows = next((one for one in lines if one.number > missed[-1].number and one.after is not None), None)
                end = len(missed[0].window.said) if follows is None else (follows.after or 1) - 1
                found.update(_instead(missed, missed[0].window.said[: max(end, missed[0].before)]))
        return found


def _instead(missed: Sequence[_Agent], said: Sequence[Spoke]) -> Changes:
    """The last prompts of a gap, one for each line that did not hold there; the gap is what was said from where the
    first of them stood."""
    gap = list(said[missed[0].before :])[-len(missed) :]
    if not gap and missed[0].before and not missed[0].line.prompt:
        gap = [said[missed[0].before - 1]]
    new = [*gap, *[None] * (len(missed) - len(gap))]
    return {
        one.number: () if spoke is None else (_said(one.line, spoke),) for one, spoke in zip(missed, new, strict=True)
    }


def _said(line: model.AgentSays, spoke: Spoke) -> model.Line:
    """The prompt in the way of the line that it replaces: by name, or by its words."""
    words = " ".join((spoke.written or spoke.text).split())
    if line.prompt is not None or not words:
        return model.AgentSays(spoke.id)
    return model.AgentSays(None, (words,), line.bare)


def _now(pin: model.Pin, window: Window, world: World) -> model.Pin | None:
    """The pin as it would hold now; None where there is nothing of the kind."""
    acts = window.heard.acts if window.heard else ()
    if pin.excluded:
        return next((one for one in pins_of(acts, world.flow) if one.excluded and one.name == pin.name), None)
    if pin.name in world.flow.slots:
        return _slot(pin.name, acts, world)
    if pin.name in COUNTED:
        reached = max((rung(spoke.id, pin.name) for spoke in window.said), default=0)
        return model.Pin(pin.name, str(reached)) if reached else None
    if pin.name in ("want", "ask"):
        kind = Want if pin.name == "want" else Ask
        names = [name_of(act) for act in acts if isinstance(act, kind)]
        return model.Pin(pin.name, str(pin.value) if pin.value in names else names[0]) if names else None
    if pin.value is not None:
        value = world.state.results.get(pin.name)
        return None if value is None else model.Pin(pin.name, written(world.compiled.result_types[pin.name], value))
    names = [name_of(act) for act in acts]
    return pin if pin.name in names or (pin.name == NOTHING and not acts) else None


def _slot(name: str, acts: Sequence[Act], world: World) -> model.Pin:
    kind, held = world.flow.slots[name].type, world.state.slot(name)
    fills = [act for act in acts if isinstance(act, Fill) and act.slot == name and not act.more]
    heard = [one for act in fills for one in act.candidates]
    shown = [as_json(kind, one) for one in heard]
    made_up = isinstance(held.value, tuple | Range)
    if held.status != "empty" and (not heard or made_up or as_json(kind, held.value) in shown):
        return model.Pin(name, written(kind, held.value))
    return model.Pin(name, written(kind, heard[0]) if heard else EMPTY)


def name_of(act: Act) -> str:
    """What a pin calls an act."""
    match act:
        case Fill() | Exclude():
            return act.slot
        case Want():
            return act.intent
        case Ask():
            return act.answer
        case Global():
            return act.name
        case Affirm():
            return "affirm"
        case Deny():
            return "deny"


def pins_of(acts: Sequence[Act], flow: Flow) -> tuple[model.Pin, ...]:
    """Pins for all that was understood; `nothing` where that is nothing."""
    found: list[model.Pin] = []
    for act in acts:
        kind = flow.slots[act.slot].type if isinstance(act, Fill | Exclude) and act.slot in flow.slots else "text"
        match act:
            case Fill(slot, candidates) if candidates:
                found.append(model.Pin(slot, written(kind, candidates[0])))
            case Exclude(slot, value):
                found.append(model.Pin(slot, written(kind, value), True))
            case Want(name) | Ask(name) if name in (*_TAKEN, *flow.slots):
                found.append(model.Pin("want" if isinstance(act, Want) else "ask", name))
            case _:
                found.append(model.Pin(name_of(act)))
    return tuple(dict.fromkeys(found)) or (model.Pin(NOTHING),)


def updated(text: str, talk: model.Talk, changes: Changes) -> str:
    """The text of a talk file with its lines changed: all others, their order and indentation stay as they are."""
    parts = _ENDS.split(text)
    lines, ends = parts[::2], [*parts[1::2], ""]
    usual = next((end for end in ends if end), "\n")
    found: list[str] = []
    instead = {talk.lines[number].at.line - 1: new for number, new in changes.items()}
    for number, (line, end) in enumerate(zip(lines, ends, strict=True)):
        if number not in instead:
            found.append(line + end)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        shown = [indent + write_line(new).strip() for new in instead[number]]
        found += [one + (end or usual) for one in shown[:-1]] + [one + end for one in shown[-1:]]
    return "".join(found)


def ended(why: str) -> model.ExpectEnd:
    """What says how a call ended, as far as a talk has a name for it."""
    return model.ExpectEnd(why if NAME.fullmatch(why) else None)


def diff(file: str, before: str, after: str) -> list[str]:
    """What changed, as lines of a unified diff."""
    return list(unified_diff(before.splitlines(), after.splitlines(), file, f"{file} (as it is said now)", lineterm=""))
