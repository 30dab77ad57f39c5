"""Tools that are web addresses: what is asked, what is believed of the answer, and when it is asked again."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import engine.slots  # noqa: F401  (fills the registry of slot types)
from engine.actions.contract import Outcome, ToolCall
from engine.actions.details import detail
from engine.actions.http import Poster, Reply
from engine.actions.outside import Webhook
from engine.flow.model import Tool
from engine.slots.registry import type_of

_ATTEMPTS: Final = 3
_PAUSE: Final = 0.15
"""Seconds before a request is sent again."""
_SHORTEST: Final = 0.2
"""Seconds that must be left for another try."""
_REMEMBERED: Final = 4096
_LONGEST: Final = 300
"""Letters of a text, or items of a list, that somebody may have to listen to."""

_log = logging.getLogger(__name__)


class Webhooks:
    """Calls the web addresses of one flow. A commit is sent again only where nothing was sent before, or where the
    address promises to do the same thing once (`idempotent`)."""

    def __init__(self, flow: str, poster: Poster) -> None:
        self._flow = flow
        self._poster = poster
        self._answers: OrderedDict[str, Outcome] = OrderedDict()
        self._lock = threading.Lock()

    def run(
        self, tool: Tool, hook: Webhook, call: ToolCall, kinds: Mapping[str, str], given_up: threading.Event
    ) -> Outcome:
        """Asks, within the tool's deadline. A commit with a known key answers as it did the first time."""
        with self._lock:
            known = self._answers.get(call.key) if tool.commits else None
        if known is not None:
            return known
        content = self._content(tool, call, "tool")
        content["values"] = {name: detail(kinds.get(name, "text"), value) for name, value in call.values.items()}
        reply = self._insist(tool, hook, call, content, given_up)
        if reply.kind != "done":
            _log.error("%s: %s", tool.name, reply.text)
        outcome = believed(tool, reply)
        if tool.commits and outcome.name != "unknown":
            self._remember(call.key, outcome)
        return outcome

    def look_up(self, tool: Tool, hook: Webhook, call: ToolCall, seconds: float) -> Outcome:
        """What the address says became of the commit with this key; `unknown` where it cannot be asked."""
        with self._lock:
            known = self._answers.get(call.key)
        if known is not None:
            return known
        if hook.look_up is None:
            return Outcome("unknown")
        content = self._content(tool, call, "look_up")
        reply = self._poster.post(hook, hook.look_up, f"{call.key}?", content, seconds, call.key)
        return believed(tool, reply) if reply.kind == "done" else Outcome("unknown")

    def _insist(
        self, tool: Tool, hook: Webhook, call: ToolCall, content: Mapping[str, Any], given_up: threading.Event
    ) -> Reply:
        until = time.monotonic() + tool.deadline
        reply = Reply("unsent", text="it was given up")
        for attempt in range(_ATTEMPTS):
            left = until - time.monotonic()
            if given_up.is_set() or (attempt and left < _SHORTEST):
                break
            now = self._poster.post(hook, hook.url, call.key, content, left, call.key)
            if not (now.kind == "unsent" and reply.kind == "broken"):  # an earlier try may have done it
                reply = now
            may_again = reply.kind == "unsent" or (reply.kind == "broken" and (hook.idempotent or not tool.commits))
            if not may_again or given_up.wait(_PAUSE * (attempt + 1)):
                break
        return reply

    def _content(self, tool: Tool, call: ToolCall, what: str) -> dict[str, Any]:
        return {
            "type": what,
            "tool": tool.name,
            "flow": self._flow,
            "call": call.call_id,
            "key": call.key,
            "commits": tool.commits,
            "now": call.now.isoformat(),
            "caller": call.caller,
            "outcomes": {name: dict(values) for name, values in tool.outcomes.items()},
        }

    def _remember(self, key: str, outcome: Outcome) -> None:
        with self._lock:
            self._answers[key] = outcome
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)


def believed(tool: Tool, reply: Reply) -> Outcome:
    """The outcome that an answer stands for. Of a commit, what is not surely done or surely not is `unknown`; an
    outcome that the tool does not declare, or whose values are not of the declared types, is no answer."""
    in_doubt = Outcome("unknown" if tool.commits else "failed")
    match reply.kind:
        case "refused" | "unsent":
            return Outcome("failed")
        case "broken":
            return in_doubt
    found = _outcome(tool, reply.body)
    if found is None:
        _log.error("%s: %s", tool.name, reply.text or "the answer is none that the tool declares")
    return found or in_doubt


def _outcome(tool: Tool, body: Any) -> Outcome | None:
    if not isinstance(body, dict) or body.get("outcome") not in tool.all_outcomes:
        return None
    name, given = body["outcome"], body.get("values", {})
    wanted = tool.outcomes.get(name, {})
    if not isinstance(given, dict):
        return None
    try:
        values = {value: _typed(kind, given[value]) for value, kind in wanted.items()}
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None
    return Outcome(name, values)


def _typed(kind: str, data: Any) -> Any:
    """A value of a slot type from JSON; what cannot be said aloud by its type is none."""
    if data is None:
        raise ValueError("a value is missing")
    value = type_of(kind).from_json(data)
    if isinstance(value, (str, tuple)) and not 0 < len(value) <= _LONGEST:
        raise ValueError("a value is empty or too long to be said")
    return value
