"""Everything that one process exchanges with the world outside: asks webhooks, writes to callers, tells of calls."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.actions.export import booking_data
from engine.actions.http import Poster
from engine.actions.ledger import Booking
from engine.actions.messages import Messenger
from engine.actions.outbox import Message, Outbox, put
from engine.actions.outside import Outside, missing_for
from engine.actions.store import Store
from engine.errors import FrontdeskError

_BOOKINGS: Mapping[str, str] = {
    "booked": "booking.booked",
    "moved": "booking.moved",
    "changed": "booking.moved",
    "cancelled": "booking.cancelled",
}
"""The event of an outcome that changed a booking."""


class NotSetUp(FrontdeskError):
    """A flow needs something outside that the settings do not name."""


class Exchange:
    """Start it once, where calls are answered; what waits to be sent is then sent, also what other processes put in."""

    def __init__(self, outside: Outside, store: Store) -> None:
        self.outside = outside
        self.poster = Poster()
        self.threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="webhook")
        """Where webhooks are waited for, apart from the store's threads: a slow one holds up no booking."""
        self._store = store
        self._outbox = Outbox(store, Messenger(outside, self.poster).deliver)

    def start(self) -> None:
        """Begins to send what is due, where the settings name a way out."""
        if self.outside.webhooks or self.outside.mail is not None:
            self._outbox.start()

    def close(self) -> None:
        """Ends it; what has not been sent stays in the database."""
        self._outbox.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.poster.close()

    def check(self, does: str) -> None:
        """Raises NotSetUp when a tool that does this cannot work with these settings."""
        missing = missing_for(self.outside, does)
        if missing is not None:
            raise NotSetUp(missing)

    def booking_changed(
        self, connection: sa.Connection, outcome: str, booking: Booking, key: str, now: datetime
    ) -> None:
        """Puts the news of a booking in, with the change itself."""
        kind = _BOOKINGS.get(outcome)
        if kind is not None and self._tells(kind):
            data = {**booking_data(booking), "status": "cancelled" if outcome == "cancelled" else booking.status}
            put(connection, _event(kind, f"{key}/event", booking.call_id, data, now), now)

    def call_started(self, call_id: str, flow: str, called: str | None, now: datetime) -> None:
        """Puts the news of a call in; never blocks."""
        self._tell("call.started", call_id, {"call": call_id, "flow": flow, "called": called}, now)

    def call_ended(self, call_id: str, flow: str, outcome: str, now: datetime) -> None:
        """Puts the news of its end in; never blocks."""
        self._tell("call.ended", call_id, {"call": call_id, "flow": flow, "outcome": outcome}, now)

    def message_left(
        self, call_id: str, act: int, flow: str, caller: str | None, recording: str, seconds: float, now: datetime
    ) -> None:
        """Puts the news of a message in that a caller spoke, `recording` a path under the store's recordings; `act`
        tells messages of one call apart. Never blocks."""
        data = {"call": call_id, "flow": flow, "caller": caller, "recording": recording, "seconds": round(seconds, 1)}
        self._tell("call.message", call_id, data, now, f"/{act}")

    def _tells(self, kind: str) -> bool:
        return self.outside.events is not None and kind in self.outside.sent

    def _tell(self, kind: str, call_id: str, data: Mapping[str, Any], now: datetime, which: str = "") -> None:
        if self._tells(kind):
            message = _event(kind, f"{call_id}/{kind}{which}", call_id, data, now)
            self._store.archive.keep(lambda connection: put(connection, message, now))


def _event(kind: str, key: str, call_id: str, data: Mapping[str, Any], now: datetime) -> Message:
    body = {"type": kind, "timestamp": now.isoformat(timespec="seconds"), "data": dict(data)}
    return Message(key, "event", body, call_id)
