"""What a talk says must hold, compared with what happened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.acts import Affirm, Ask, Deny, Exclude, Fill, Global, Range, Want
from engine.dialogue.values import as_json
from engine.simulate.matching import find_id, find_meaning, find_text, name_of
from engine.simulate.result import Called, Caller, Spoke
from engine.simulate.script import COUNTED, EMPTY, NOTHING, Script
from engine.simulate.world import World
from engine.talk import model
from engine.talk.scan import suggest

_RUNG: Final = re.compile(r"(?:^|\.)(nomatch|noinput)(?:\.([0-9]+))?$")


@dataclass(slots=True)
class Window:
    """What was said since the caller was last heard, and how far the talk has followed it: `at` is the first prompt
    that an id may name; a text may also be about the prompt before it."""

    said: list[Spoke] = field(default_factory=list)
    at: int = 0
    heard: Caller | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    message: str
    hint: str = ""


class Checker:
    """Compares lines of one talk with the world that it runs in."""

    def __init__(self, script: Script, world: World, prompts: Mapping[str, Sequence[str]]) -> None:
        self.script, self.world, self.prompts = script, world, prompts

    def agent(self, line: model.AgentSays, window: Window) -> Failure | None:
        """Whether a prompt comes among those not yet passed; moves the window on."""
        start = window.at
        found: int | None = None
        if line.prompt is not None:
            found = find_id(window.said[start:], line.prompt)
        else:
            start = max(0, start - 1)
            found = min(self._texts(line, window.said[start:]), default=None)
        if found is not None:
            window.at = start + found + 1
            return None
        if not window.said[window.at :]:
            return Failure("we said nothing more here")
        return Failure("we did not say this", self._agent_hint(line, window))

    def _texts(self, line: model.AgentSays, said: Sequence[Spoke]) -> list[int]:
        found = [find_text(said, text) for text in line.texts]
        if line.bare:
            found += [find_id(said, line.texts[0].strip()), find_meaning(said, line.texts[0], self.prompts)]
        return [number for number in found if number is not None]

    def _agent_hint(self, line: model.AgentSays, window: Window) -> str:
        if line.prompt is None:
            meant = name_of(line.texts[0], self.prompts) if line.bare else None
            return f"This is the prompt `{meant}`." if meant else ""
        if find_id(window.said, line.prompt) is not None:
            return "It was said, but earlier than the line above."
        if line.prompt in self.prompts or line.prompt.startswith("engine.") or _RUNG.search(line.prompt):
            return ""
        return suggest(line.prompt, tuple(dict.fromkeys([*(spoke.id for spoke in window.said), *self.prompts])))

    # pins

    def pins(self, number: int, line: model.Pins, window: Window) -> Failure | None:
        """What the engine made of the caller's last line."""
        values = self.script.values.get(number, {})
        for index, pin in enumerate(line.pins):
            failure = self._pin(pin, values.get(f"{index}"), window)
            if failure is not None:
                return failure
        return None

    def _pin(self, pin: model.Pin, value: object, window: Window) -> Failure | None:
        acts = window.heard.acts if window.heard else ()
        if pin.excluded:
            wanted = self._json(pin.name, value)
            if any(isinstance(act, Exclude) and self._json(act.slot, act.value) == wanted for act in acts):
                return None
            return Failure(f"`{pin.name}` was not heard to be anything but {wanted}")
        if pin.name in self.world.flow.slots:
            return self._pinned_slot(pin, value, window)
        if pin.name in COUNTED:
            stands = max((rung(spoke.id, pin.name) for spoke in window.said), default=0)
            if str(stands) == str(pin.value):
                return None
            return Failure(f"`{pin.name}` stands at {stands}, not {pin.value}")
        if pin.name in ("want", "ask"):
            names = [act.intent for act in acts if isinstance(act, Want)] + [
                a.answer for a in acts if isinstance(a, Ask)
            ]
            return None if pin.value in names else Failure(f"we understood {', '.join(names) or 'nothing of the kind'}")
        if pin.value is not None:
            return self._pinned_result(pin, value)
        return self._pinned_act(pin, window)

    def _pinned_act(self, pin: model.Pin, window: Window) -> Failure | None:
        acts = window.heard.acts if window.heard else ()
        if pin.name == NOTHING:
            return None if not acts else Failure("something was understood")
        names: set[str] = {act.name for act in acts if isinstance(act, Global)}
        names |= {"affirm" for act in acts if isinstance(act, Affirm)} | {
            "deny" for act in acts if isinstance(act, Deny)
        }
        names |= {act.intent for act in acts if isinstance(act, Want)} | {
            act.answer for act in acts if isinstance(act, Ask)
        }
        return None if pin.name in names else Failure(f"`{pin.name}` was not understood")

    def _pinned_slot(self, pin: model.Pin, value: object, window: Window) -> Failure | None:
        slot = self.world.state.slot(pin.name)
        holds = slot.value if slot.status != "empty" else None
        if pin.value == EMPTY:
            return None if holds is None else Failure(f"`{pin.name}` is {self._json(pin.name, holds)}")
        wanted = self._json(pin.name, value)
        acts = window.heard.acts if window.heard else ()
        fills = [act for act in acts if isinstance(act, Fill) and act.slot == pin.name and not act.more]
        heard = [self._json(pin.name, candidate) for act in fills for candidate in act.candidates]
        held = self._json(pin.name, holds)
        made_up = isinstance(holds, tuple | Range)  # of what was said now and before
        if held == wanted and (not heard or wanted in heard or made_up):
            return None
        if wanted in heard and held not in heard:
            return None
        shown = " or ".join(map(str, heard)) if heard else held if holds is not None else "empty"
        return Failure(f"`{pin.name}` was understood as {shown}, not {wanted}")

    def _pinned_result(self, pin: model.Pin, value: object) -> Failure | None:
        kind = self.world.compiled.result_types.get(pin.name, "text")
        wanted, held = as_json(kind, value), as_json(kind, self.world.state.results.get(pin.name))
        return None if wanted == held else Failure(f"`{pin.name}` is {held}, not {wanted}")

    def _json(self, slot: str, value: object) -> Any:
        definition = self.world.flow.slots.get(slot)
        return one_name(as_json(definition.type if definition else "text", value))

    # expectations

    def expect(self, number: int, line: model.Expect) -> Failure | None:
        """What must hold at this point of the talk."""
        match line:
            case model.ExpectEnd():
                return self._end(line)
            case model.ExpectSlot():
                return self._slot(number, line)
            case model.ExpectCalls():
                return self._calls(number, line)

    def _end(self, line: model.ExpectEnd) -> Failure | None:
        if self.world.ended is None:
            return Failure(f"the call is not over: it waits in {self.world.state.position}")
        if line.where is None or line.where in self.endings():
            return None
        return Failure(f"the call ended at {self.endings()[0]}, not at {line.where}")

    def endings(self) -> tuple[str, ...]:
        """All words for how the call ended, best first."""
        nodes = self.world.compiled.nodes
        steps = [nodes[name].step.name for name in self.world.positions if nodes[name].kind != "final"]
        spoken = [entry.id for entry in self.world.log if isinstance(entry, Spoke)]
        names = [self.world.ended or "", *spoken[-1:], *reversed(steps[-1:]), self.world.state.position]
        return tuple(dict.fromkeys(name for name in names if name))

    def _slot(self, number: int, line: model.ExpectSlot) -> Failure | None:
        slot = self.world.state.slot(line.slot)
        held = self._json(line.slot, slot.value) if slot.value is not None else None
        if line.status is not None and slot.status != line.status:
            return Failure(f"`{line.slot}` is {slot.status}, not {line.status}")
        if line.value is None:
            return None
        wanted = self._json(line.slot, self.script.values[number][line.slot])
        if held == wanted:
            return None
        return Failure(f"`{line.slot}` is {'empty' if held is None else held}, not {wanted}")

    def _calls(self, number: int, line: model.ExpectCalls) -> Failure | None:
        calls = [e for e in self.world.log if isinstance(e, Called) and e.tool == line.tool and not e.look_up]
        if line.tool == model.MESSAGE:
            calls = [call for call in calls if call.outcome == "recorded"]
        wanted = self._wanted(number, line)
        fitting = [
            call for call in calls if all(one_name(call.values.get(name)) == value for name, value in wanted.items())
        ]
        if len(fitting) == line.times:
            return None
        shown = "; ".join(_values(call.values) or call.outcome for call in calls)
        message = f"`{line.tool}` was called {_times(len(fitting))}{' like this' if wanted else ''}"
        return Failure(message, f"Its calls were: {shown}." if shown else "")

    def _wanted(self, number: int, line: model.ExpectCalls) -> dict[str, Any]:
        if line.tool not in self.world.flow.tools:
            return dict(line.values)
        takes = self.world.flow.tools[line.tool].takes
        found: dict[str, Any] = {}
        for name, value in self.script.values.get(number, {}).items():
            source = takes[name]
            slot = self.world.flow.slots.get(source)
            kind = slot.type if slot else self.world.compiled.result_types.get(source, "text")
            found[name] = one_name(as_json(kind, value))
        return found


def rung(prompt: str, ladder: str) -> int:
    """The rung of a ladder that a prompt stands on, from 1; 0 for other prompts."""
    found = _RUNG.search(prompt)
    return int(found.group(2) or 1) if found and found.group(1) == ladder else 0


def one_name(data: Any) -> Any:
    """JSON data of a value, with a person's name as one text: a talk cannot say where the last name begins."""
    if isinstance(data, Mapping) and set(data) == {"first_name", "last_name"}:
        return " ".join(str(part) for part in data.values() if part)
    return [one_name(one) for one in data] if isinstance(data, list) else data


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _values(values: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())
