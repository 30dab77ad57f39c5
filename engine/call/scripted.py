"""A tool that is an AGI script: what it is given, and what its channel variables mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from engine.actions.contract import Outcome, ToolCall
from engine.dialogue.values import typed, written
from engine.flow.model import Flow, Tool
from engine.kinds import is_list
from engine.slots.registry import Context

PREFIX: Final = "script."
RESULT: Final = "FD_RESULT"
"""The channel variable in which a script leaves its outcome; unset, it is the first that the tool declares."""


def arguments_of(flow: Flow, tool: Tool, call: ToolCall) -> tuple[str, ...]:
    """The script's arguments, in the order of `with`; what is not known is empty."""
    return tuple(_argument(flow, name, call.values.get(argument)) for argument, name in tool.takes.items())


def wanted_of(tool: Tool) -> tuple[str, ...]:
    """The channel variables in which the script leaves its results: a value `table` in TABLE."""
    names = {name.upper(): None for values in tool.outcomes.values() for name in values}
    return (RESULT, *names)


def outcome_of(tool: Tool, found: Mapping[str, str] | None, language: str, now: datetime) -> Outcome:
    """What came of a script. What says nothing that the tool declares is `failed`, or `unknown` of a commit, which may
    have changed something."""
    in_doubt = Outcome("unknown" if tool.commits else "failed")
    if found is None:
        return in_doubt
    name = found.get(RESULT) or next(iter(tool.outcomes))
    wanted = tool.outcomes.get(name)
    if wanted is None:
        return Outcome("failed") if name == "failed" else in_doubt
    context = Context(now, language)
    try:
        return Outcome(name, {value: _value(kind, found[value.upper()], context) for value, kind in wanted.items()})
    except (KeyError, ValueError):
        return in_doubt


def _value(kind: str, text: str, context: Context) -> object:
    """A variable as a value of its type; a list stands in it with commas."""
    return typed(kind, tuple(one.strip() for one in text.split(",")) if is_list(kind) else text, context)


def _argument(flow: Flow, name: str, value: object) -> str:
    if value is None:
        return ""
    data = written(_kind(flow, name), value)
    return data if isinstance(data, str) else ", ".join(data)


def _kind(flow: Flow, name: str) -> str:
    slot = flow.slots.get(name)
    return slot.type if slot is not None else next(_results(flow, name), "text")


def _results(flow: Flow, name: str) -> Iterator[str]:
    for tool in flow.tools.values():
        yield from (kind for values in tool.outcomes.values() for value, kind in values.items() if value == name)
