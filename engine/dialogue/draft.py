"""One step in the making: a working copy of the conversation, what will be said, and what will be waited for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal

from engine.acts import Act as CallerAct
from engine.dialogue.machine import Compiled, Node
from engine.dialogue.many import are_parts, parts
from engine.dialogue.state import SlotState, State, Timer, Waiting
from engine.effects import Effect, HangUp, Note, Prompt, Say, Typed
from engine.flow.calendar import Calendar
from engine.flow.model import Check, Limit, PromptText, Variant
from engine.kinds import figure, is_list
from engine.persona.wording import engine_prompt
from engine.slots.datetime import is_part

PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][\w.]*)(:\w+)?\}")
VERIFY_BELOW: Final = 0.35
"""Confidence under which a `when_unsure` slot is asked back before the form goes on."""
Situation = Literal["plain", "question", "echo", "apology", "success", "goodbye", "wait"]


class Draft:
    """Mutable for the length of one step; `finish` gives the new state and the effects in their order."""

    def __init__(self, compiled: Compiled, state: State, now: datetime) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.state = _copy(state)
        self._now = now
        self.prompts: list[Prompt] = []
        self.interruptible = True
        self.protected = 0
        """How many of the prompts must be played whole before the caller may interrupt."""
        self.echo_ends = 0
        """How many of the prompts must be heard for an echo among them to count."""
        self.before: list[Effect] = []
        self.after: list[Effect] = []
        self.tapers: dict[str, str] = {}
        """Prompts that have other words for the next time they are said, with the id under which they are counted."""
        self.handed: Sequence[CallerAct] = ()
        """What a caller said beside a consent that answers the open question after it."""
        self.understood: list[str] = []
        """Slots that got a value in this step, for the implicit echo."""

    # what conditions look at (Mind)

    @property
    def now(self) -> datetime:
        return self._now

    def value(self, name: str) -> object | None:
        if name in self.flow.slots:
            slot = self.state.slot(name)
            return slot.value if slot.status in ("valid", "confirmed") else None
        if name in self.state.results:
            return self.state.results[name]
        return self._built_in(name)

    def _built_in(self, name: str) -> object | None:
        if name == "part_of_day":
            hour = self._now.hour
            return "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
        if name in ("caller", "caller_number"):
            return self.state.caller
        return None

    def calendar(self, name: str) -> Calendar:
        return self.flow.calendars[name]

    def in_form(self, name: str) -> bool:
        return self.state.form == name

    def is_home(self, name: str) -> bool:
        return self.state.home == name

    def _ready(self, name: str) -> bool:
        """Whether all slots that this one depends on are settled."""
        return all(self.state.slot(other).settled for other in self.flow.slots[name].depends_on)

    def must_pick(self, name: str) -> bool:
        slot = self.state.slot(name)
        if are_parts(self.flow.slots[name], slot):
            return False
        return slot.refused is None and not slot.settled and len(slot.candidates) > 1 and self._ready(name)

    def is_beyond(self, name: str) -> bool:
        return self.state.slot(name).beyond

    def is_past(self, slot: tuple[str, Limit]) -> bool:
        name, limit = slot
        least = self.flow.slots[name].min is limit
        values = [number for value in parts(self.state.slot(name).value) if (number := figure(value)) is not None]
        return any(value < limit.value if least else value > limit.value for value in values)

    def must_verify(self, name: str) -> bool:
        slot = self.state.slot(name)
        if slot.status != "valid" or slot.verified:
            return False
        policy = self.flow.slots[name].confirm
        return policy == "explicit" or (policy == "when_unsure" and slot.confidence < VERIFY_BELOW)

    def is_refused(self, name: str) -> bool:
        return self.state.slot(name).refused is not None

    def is_offered(self, name: str) -> bool:
        slot = self.state.slot(name)
        if slot.settled or name in self.state.declined_offers or not self._ready(name):
            return False
        return self.offer_of(name) is not None

    def is_unsettled(self, name: str) -> bool:
        return not self.state.slot(name).settled

    def versions(self, check: Check) -> tuple[int, ...]:
        return tuple(self.state.slot(name).version for name in check.after)

    def is_due(self, check: Check) -> bool:
        if not all(self.state.slot(name).settled for name in check.after):
            return False
        return self.state.checks.get(f"{check.call} {' '.join(check.after)}") != self.versions(check)

    # changes

    @property
    def position(self) -> str:
        return self.state.position

    @property
    def node(self) -> Node:
        return self.compiled.nodes[self.state.position]

    def set(self, **changes: Any) -> None:
        self.state.__dict__.update(changes)

    def set_slot(self, name: str, slot: SlotState) -> None:
        self.set(slots={**self.state.slots, name: slot})

    def offer_of(self, name: str) -> object | None:
        """The value that we may propose for a slot before asking for it."""
        slot = self.state.slot(name)
        if slot.status == "proposed" and slot.value is not None and not slot.candidates:
            return slot.value
        if self.flow.slots[name].offer == "caller_number":
            return self.state.caller
        return None

    def count(self, name: str) -> int:
        """Raises a counter and returns it."""
        number = self.state.counters.get(name, 0) + 1
        self.set(counters={**self.state.counters, name: number})
        return number

    def forget_counts(self, *names: str) -> None:
        self.set(counters={key: value for key, value in self.state.counters.items() if key not in names})

    def fire(self, trigger: str) -> bool:
        """Moves along the table; False when there is no such way from here."""
        target = self.compiled.fire(self.state.position, trigger, self)
        if target is None:
            return False
        self.set(position=target)
        return True

    # speech

    def say(self, prompt: Prompt) -> None:
        self.prompts.append(prompt)
        counted = self.tapers.get(prompt.id)
        if counted is not None:
            self.set(said={**self.state.said, counted: self.state.said.get(counted, 0) + 1})

    def prompt(
        self,
        source: PromptText,
        situation: Situation = "plain",
        values: Mapping[str, Typed] | None = None,
        parts: Mapping[str, str] | None = None,
    ) -> Prompt:
        """A prompt of the author's: the first variant that holds. `parts` are templates put in before the values."""
        return self._fill(source.id, self._wording(source, source.id), situation, values or {}, parts or {})

    def _wording(self, source: PromptText, called: str) -> str:
        """The first wording that holds, of a prompt that is said as `called`."""
        if any(variant.after for variant in source.variants):
            self.tapers[called] = source.id
        return next((v.text for v in source.variants if self._holds(source, v)), source.variants[-1].text)

    def _holds(self, source: PromptText, variant: Variant) -> bool:
        if self.state.said.get(source.id, 0) < variant.after:
            return False
        return variant.when is None or variant.when.holds(self)

    def own(
        self,
        name: str,
        situation: Situation = "plain",
        values: Mapping[str, Typed] | None = None,
        parts: Mapping[str, str] | None = None,
        called: str | None = None,
    ) -> Prompt:
        """A prompt of the engine's (`engine.<name>`), as the flow overrides it; `called` is its id in logs."""
        key = f"engine.{name}"
        said = called or key
        source = self.flow.prompts.get(key)
        text = engine_prompt(key, self.flow.language) or "" if source is None else self._wording(source, said)
        return self._fill(said, text, situation, values or {}, parts or {})

    def _fill(
        self, name: str, text: str, situation: Situation, values: Mapping[str, Typed], parts: Mapping[str, str]
    ) -> Prompt:
        for part, template in parts.items():
            text = text.replace("{" + part + "}", template)
        found: dict[str, Typed] = {}
        for match in PLACEHOLDER.finditer(text):
            word = match[1]
            typed = values.get(word) or self.typed(word)
            if typed is not None:
                found[word] = typed
        return Prompt(name, text, found, situation)

    def typed(self, name: str) -> Typed | None:
        """A value with its type, for a prompt or a person; values of a closed booking are still known here."""
        slot = self.flow.slots.get(name)
        if slot is not None:
            value = self.state.slot(name).value
            if value is None:
                value = self.state.closed.get(name)
            return None if value is None else self.typed_value(name, value)
        if name in self.state.results:
            return Typed(self.compiled.result_types.get(name, "text"), self.state.results[name])
        built_in = self._built_in(name)
        return None if built_in is None else Typed("phone" if name.startswith("caller") else name, built_in)

    def typed_value(self, slot_name: str, value: object) -> Typed:
        """A value of a slot, with the label of a choice in place of its key."""
        slot = self.flow.slots[slot_name]
        if slot.item == "choice":
            labels = {choice.value: choice.label for choice in slot.options.get("choices", ())}
            many = tuple(labels.get(str(item), item) for item in parts(value))
            value = many if isinstance(value, tuple) else many[0]
        if slot.type == "datetime" and is_part(value):
            return Typed("time" if isinstance(value, time) else "date", value, slot.sensitive, slot.speech)
        if slot.type == "duration" and slot.options.get("unit") == "nights":
            return Typed("nights", value, slot.sensitive, slot.speech)
        join: Literal["or", "and"] = "and" if is_list(slot.type) and not slot.either else "or"
        return Typed(slot.type, value, slot.sensitive, slot.speech, join)

    # the end of a step

    def note(self, kind: str, text: str) -> None:
        self.before.append(Note(kind, text))

    def later(self, seconds: float) -> datetime:
        """The moment so many seconds from now, in UTC: no clock on a wall is asked, which may be changed meanwhile."""
        return self._now.astimezone(UTC) + timedelta(seconds=seconds)

    def wait(self, waiting: Waiting, timers: Sequence[tuple[str, float]] = ()) -> None:
        """What is waited for now; `timers` are names with seconds from now, in place of all but the call's own."""
        kept = tuple(timer for timer in self.state.timers if timer.name == "call")
        new = tuple(Timer(name, self.later(seconds)) for name, seconds in timers)
        self.set(waiting=waiting, timers=kept + new)
        self.after.append(waiting)

    def end(self, why: str, stay: bool = False) -> None:
        self.set(ended=True, waiting=None, timers=())
        self.after.append(HangUp(why, stay))

    def finish(self) -> tuple[State, tuple[Effect, ...]]:
        effects = list(self.before)
        if self.prompts:
            say = self.state.say + 1
            known = self.state.commits
            commits = tuple(one if one.say else replace(one, say=say) for one in known)
            self.set(say=say, commits=commits, echo_ends=self.echo_ends)
            effects.append(Say(say, tuple(self.prompts), self.interruptible, self.protected, self.state.pace))
        return self.state, (*effects, *self.after)


def _copy(state: State) -> State:
    """A state of this step's own: nobody else sees it before it is finished, so it may change until then."""
    copy = object.__new__(State)
    copy.__dict__.update(state.__dict__)
    return copy
