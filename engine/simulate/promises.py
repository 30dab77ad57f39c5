"""What holds in every call, judged from outside: by what was read back, said and booked, not by the engine's notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.acts import Affirm
from engine.check.replay import Trial
from engine.check.watch import must_be_confirmed
from engine.dialogue.machine import Compiled
from engine.effects import Act, Say
from engine.events import Digits, Event, Heard, ToolReturned
from engine.flow.model import AskStep, ConfirmStep

TRAPPED: Final = "ends"


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that a conversation broke; `tool` is the one that ran where it should not have."""

    promise: str
    words: str
    tool: str = ""


@dataclass
class Witness:
    """Follows one conversation. `wants` are the values that an honest caller asked for, if it is one."""

    compiled: Compiled
    confirmed: dict[str, object] = field(default_factory=dict)
    """Values that were read back and said yes to, by slot."""
    agreed: bool = False
    """Whether the last yes-or-no question was answered with yes."""
    keys: dict[str, str] = field(default_factory=dict)
    """The tool of every key under which something was booked."""

    def see(self, trial: Trial, wants: Mapping[str, object] | None = None) -> list[Violation]:
        """What the last step broke."""
        assert trial.before is not None
        assert trial.event is not None
        found = [Violation(one.promise, one.words, one.subject) for one in trial.broken]
        self._hear(trial.before, trial.event)
        for effect in trial.effects:
            if isinstance(effect, Act) and effect.commits:
                found += self._commit(effect, trial.before, wants)
        if isinstance(trial.event, ToolReturned):
            found += self._booked(trial.before, trial.event)
        return found

    def _hear(self, before: Trial, event: Event) -> None:
        step = self.compiled.nodes[before.state.position].step
        if not isinstance(event, Heard | Digits):
            return
        yes = event.keys == "1" if isinstance(event, Digits) else any(isinstance(act, Affirm) for act in event.acts)
        if isinstance(step, AskStep):
            self.agreed = yes
        if isinstance(step, ConfirmStep):
            self.agreed = yes
            if yes:
                self.confirmed.update(_read_back(self.compiled, before, step))

    def _commit(self, act: Act, before: Trial, wants: Mapping[str, object] | None) -> list[Violation]:
        tool = self.compiled.flow.tools[act.tool]
        found: list[Violation] = []
        if not must_be_confirmed(self.compiled, tool) and not self.agreed:
            found.append(Violation("confirmed", f"`{act.tool}` runs, and the caller has not said yes", act.tool))
        for argument, name in tool.takes.items():
            slot = self.compiled.flow.slots.get(name)
            value = act.values.get(argument)
            if slot is None or slot.confirm == "never" or value is None:
                continue
            if self.confirmed.get(name) != value:
                words = f"`{act.tool}` runs with `{name}` {value}, which the caller has not said yes to"
                found.append(Violation("confirmed", words, act.tool))
            elif wants is not None and name in wants and value not in (wants[name], before.state.caller):
                words = f"`{act.tool}` runs with `{name}` {value}, and the caller wanted {wants[name]}"
                found.append(Violation("confirmed", words, act.tool))
        if act.key in self.keys:
            words = f"`{act.tool}` runs again under the key of a booking that was made"
            found.append(Violation("once", words, act.tool))
        return found

    def _booked(self, before: Trial, event: ToolReturned) -> list[Violation]:
        waiting: Any = before.state.waiting
        tool = self.compiled.flow.tools.get(getattr(waiting, "tool", ""))
        if tool is None or not tool.commits or event.outcome != next(iter(tool.outcomes)):
            return []
        found: list[Violation] = []
        if not self.agreed:
            found.append(Violation("once", f"`{tool.name}` booked twice on one yes", tool.name))
        self.agreed = False
        self.keys[waiting.key] = tool.name
        return found


def _read_back(compiled: Compiled, before: Trial, step: ConfirmStep) -> Mapping[str, object]:
    """The values of the echo that was said last: what the caller heard, not what the engine notes."""
    said = (effect for one in reversed(before.trail()) for effect in one.effects if isinstance(effect, Say))
    echoes = (prompt for say in said for prompt in say.prompts if prompt.id == step.name)
    echo = next(echoes, None)
    if echo is None:
        return {}
    return {name: _value(compiled, name, typed.value) for name, typed in echo.values.items() if name in step.slots}


def _value(compiled: Compiled, name: str, shown: object) -> object:
    """The value of a slot that is called like this aloud."""
    choices = compiled.flow.slots[name].options.get("choices", ())
    return next((choice.value for choice in choices if choice.label == shown), shown)
