"""Tools and transfers that answer as a talk gives it, or with their first outcome and made-up values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from engine.dialogue.machine import Compiled
from engine.dialogue.values import as_json, plausible
from engine.effects import Act
from engine.simulate.script import Given

CONNECTED: Final = Given("connected", {})


class Answering:
    """Answers call after call; the last answer that was given for a tool stands for all later calls."""

    def __init__(self, compiled: Compiled, given: Mapping[str, tuple[Given, ...]]) -> None:
        self._flow, self._types = compiled.flow, compiled.result_types
        self._given = given
        self._asked: dict[str, int] = {}

    def tool(self, name: str, now: datetime) -> Given:
        """The next answer of a tool, with every value that its outcome declares."""
        declared = self._flow.tools[name].outcomes
        given = self._next(name) or Given(next(iter(declared), "failed"), {})
        made_up = {value: plausible(kind, now) for value, kind in declared.get(given.outcome, {}).items()}
        return Given(given.outcome, made_up | dict(given.values), given.after)

    def transfer(self) -> Given:
        return self._next("transfer") or CONNECTED

    def _next(self, name: str) -> Given | None:
        answers = self._given.get(name, ())
        number = self._asked.get(name, 0)
        self._asked[name] = number + 1
        return answers[min(number, len(answers) - 1)] if answers else None

    def taken(self, act: Act) -> Mapping[str, Any]:
        """What a tool was called with, as JSON data."""
        takes = self._flow.tools[act.tool].takes
        return {name: as_json(self._kind(takes.get(name, name)), value) for name, value in act.values.items()}

    def brought(self, tool: str, given: Given) -> Mapping[str, Any]:
        """What a tool answered, as JSON data."""
        types = self._flow.tools[tool].outcomes.get(given.outcome, {})
        return {name: as_json(types.get(name, "text"), value) for name, value in given.values.items()}

    def _kind(self, name: str) -> str:
        slot = self._flow.slots.get(name)
        return slot.type if slot else self._types.get(name, "text")
