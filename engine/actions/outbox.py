"""What is to be sent, kept in the database until it has arrived: news of calls, e-mails and text messages to callers.

A message is put in with the change that it tells of, in one transaction: there is no booking without its message and no
message without its booking. A thread sends what is due and tries again, later and later, for two days; each try carries
the same id, so that the other side can tell a message that comes twice. No call ever waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import sqlalchemy as sa

from engine.actions.schema import deliveries, insert
from engine.errors import FrontdeskError

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600))
"""How long after a try that failed the next one is due; then every hour."""
GIVES_UP: Final = timedelta(days=2)
_LEASE: Final = timedelta(minutes=5)
"""For so long a message belongs to the process that took it to send it."""
_AT_ONCE: Final = 10
_LOOK: Final = 2.0
"""Seconds between two looks for messages that another process put in."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `kind` is event, email or sms; `key` is the same for every try."""

    key: str
    kind: str
    body: Mapping[str, Any]
    call_id: str
    recipient: str | None = None


class NotDelivered(FrontdeskError):
    """It did not arrive; another try may do better, unless it is `final`."""

    def __init__(self, why: str, final: bool = False) -> None:
        self.final = final
        super().__init__(why)


class Database(Protocol):
    """What the outbox needs of the store."""

    def read(self, work: Callable[[sa.Connection], Any]) -> Any: ...

    def write(self, work: Callable[[sa.Connection], Any], seconds: float = 5.0) -> Any: ...


def put(connection: sa.Connection, message: Message, now: datetime) -> None:
    """Takes a message to send, as part of a change; one whose key is known is in already."""
    row = {
        "key": message.key,
        "kind": message.kind,
        "recipient": message.recipient,
        "body": dict(message.body),
        "call_id": message.call_id,
        "created": now,
        "due": now,
        "tries": 0,
        "state": "waiting",
    }
    insert(connection, deliveries, [row])


class Outbox:
    """Sends with `deliver`, which raises NotDelivered; as many processes as like may send from one database."""

    def __init__(
        self,
        database: Database,
        deliver: Callable[[Message, datetime], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._deliver = deliver
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begins to send, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread; what has not been sent stays for the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15.0)

    def send_due(self) -> int:
        """Sends what is due now and says how many messages that were."""
        if not self._database.read(self._is_due):
            return 0
        taken: list[tuple[int, int, datetime, Message]] = self._database.write(self._take)
        for row, tries, created, message in taken:
            if self._stop.is_set():
                break
            self._send(row, tries, created, message)
        return len(taken)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                sent = self.send_due()
            except FrontdeskError as fault:
                _log.warning("messages wait for the database: %s", fault)
                sent = 0
            if sent < _AT_ONCE:
                self._stop.wait(_LOOK)

    def _is_due(self, connection: sa.Connection) -> bool:
        due = sa.select(deliveries.c.id).where(deliveries.c.due <= self._clock()).limit(1)
        return connection.execute(due).first() is not None

    def _take(self, connection: sa.Connection) -> list[tuple[int, int, datetime, Message]]:
        now = self._clock()
        chosen = sa.select(deliveries).where(deliveries.c.due <= now).order_by(deliveries.c.due).limit(_AT_ONCE)
        rows = connection.execute(chosen).mappings().all()
        ours = sa.update(deliveries).where(deliveries.c.id.in_([row["id"] for row in rows]))
        if rows:
            connection.execute(ours.values(due=now + _LEASE))
        names = ("key", "kind", "body", "call_id", "recipient")
        return [
            (row["id"], row["tries"], row["created"], Message(**{name: row[name] for name in names})) for row in rows
        ]

    def _send(self, row: int, tries: int, created: datetime, message: Message) -> None:
        now = self._clock()
        done: dict[str, Any] = {"state": "delivered", "due": None, "fault": None, "tries": tries + 1}
        forgotten: dict[str, Any] = {"body": {}, "recipient": None}
        try:
            self._deliver(message, created)
            done |= forgotten
        except NotDelivered as fault:
            _log.warning("a message (%s) of call %s was not delivered: %s", message.kind, message.call_id, fault)
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            over = fault.final or now + pause > created + GIVES_UP
            done |= {"fault": str(fault)[:300], "due": None if over else now + pause}
            done |= {"state": "given_up", **forgotten} if over else {"state": "waiting"}
            if over:
                _log.error("a message (%s) of call %s will not be delivered", message.kind, message.call_id)
        change = sa.update(deliveries).where(deliveries.c.id == row).values(done)
        self._database.write(lambda connection: connection.execute(change), 30.0)
