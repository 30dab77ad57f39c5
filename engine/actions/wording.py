"""What a message to a caller says: the flow's text with the values that its tool was given, as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from engine.actions.contract import ToolCall
from engine.actions.identity import phone_key
from engine.actions.messages import is_address, is_number
from engine.actions.outbox import Message
from engine.effects import Typed
from engine.flow.model import Tool
from engine.persona.spoken import fill

_AS_WRITTEN = frozenset({"phone", "digits", "email", "postcode", "number", "party_size", "text", "choice"})
"""Types whose values stand in a text as they are; others as they are read aloud."""


def compose(tool: Tool, call: ToolCall, kinds: Mapping[str, str], language: str, country: str | None) -> Message | None:
    """The message that a tool writes; None when the one it is for cannot be written to."""
    recipient = str(call.values.get("to") or "")
    if tool.does == "notify.sms":
        recipient = phone_key(recipient, country) if recipient else ""
    if not (is_number(recipient) if tool.does == "notify.sms" else is_address(recipient)):
        return None
    values = {name: _shown(kinds.get(name, "text"), value) for name, value in call.values.items()}
    values |= {name: Typed("text", "") for name in tool.takes if name not in values}

    def filled(text: str, now: datetime) -> str:
        return " ".join(fill(text, values, language, now, capitals=True).split())

    body = {"text": filled(tool.text, call.now)}
    if tool.does == "notify.email":
        body["subject"] = filled(tool.subject, call.now)
    return Message(call.key, tool.does.removeprefix("notify."), body, call.call_id, recipient)


def _shown(kind: str, value: object) -> Typed:
    if isinstance(value, time):
        return Typed("text", f"{value:%H:%M}")
    return Typed("text", str(value)) if kind in _AS_WRITTEN else Typed(kind, value)
