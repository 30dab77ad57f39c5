"""What a tool is: something outside that is called with typed values and answers with a declared outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`values` by argument name; `key` is the idempotency key."""

    tool: str
    does: str
    values: Mapping[str, object]
    key: str
    call_id: str
    now: datetime
    caller: str | None = None
    resource: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    """What a call that frontdesk makes is about, as JSON data by name; empty for callers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


class Toolbox(Protocol):
    """Runs the tools of one flow. Raises nothing but what means `failed`; deadlines are the caller's business."""

    async def run(self, call: ToolCall) -> Outcome:
        """Calls the tool. A commit with a key that is known answers as it did the first time."""

    async def look_up(self, call: ToolCall) -> Outcome:
        """What became of the commit with this key: its outcome, or `failed` when it surely did not happen."""
