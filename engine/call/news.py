"""Tells the world outside of messages that callers leave, as an observer of their call."""

from __future__ import annotations

from datetime import datetime

from engine.actions.exchange import Exchange
from engine.effects import Effect, Record
from engine.events import Event, Recorded


class MessageNews:
    """Of one call; a message in which nobody spoke is none."""

    def __init__(self, exchange: Exchange, call_id: str, flow: str, caller: str | None) -> None:
        self._exchange, self._call_id, self._flow, self._caller = exchange, call_id, flow, caller
        self._messages: set[int] = set()

    def event(self, event: Event, now: datetime) -> None:
        if isinstance(event, Recorded) and event.act in self._messages and event.ref:
            self._exchange.message_left(
                self._call_id, event.act, self._flow, self._caller, event.ref, event.seconds, now
            )

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        self._messages |= {effect.act for effect in effects if isinstance(effect, Record) and effect.kind == "message"}

    def timing(self, name: str, milliseconds: float) -> None:
        """No news."""
