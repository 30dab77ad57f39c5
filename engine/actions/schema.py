"""The tables of the database as they are now; `migrations/versions` tells how they came to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

HEAD: Final = "0008"
"""The newest migration."""


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


Word: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that is compared sign by sign, so that an index finds what begins with a word."""

metadata = sa.MetaData()

bookings = sa.Table(
    "bookings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("reference", sa.Text, nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False),  # booked, cancelled
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False, index=True),  # the day its opening began
    sa.Column("starts", Moment, nullable=False),
    sa.Column("ends", Moment, nullable=False, index=True),
    sa.Column("local_start", sa.Text, nullable=False),  # ISO 8601 with offset, for people who read the table
    sa.Column("local_end", sa.Text, nullable=False),
    sa.Column("party_size", sa.Integer),
    sa.Column("service", sa.Text),
    sa.Column("practitioner", sa.Text),
    sa.Column("first_name", sa.Text),
    sa.Column("last_name", sa.Text),
    sa.Column("name_recording", sa.Text),
    sa.Column("name_seconds", sa.Float),
    sa.Column("phone", sa.Text),  # as it was given
    sa.Column("phone_key", sa.Text, index=True),  # in the one form that is compared
    sa.Column("date_of_birth", sa.Date, index=True),
    sa.Column("note", sa.Text),
    sa.Column("note_recording", sa.Text),
    sa.Column("details", sa.JSON, nullable=False, server_default="{}"),  # what the flow asked besides
    sa.Column("heard_by_caller", sa.Boolean, nullable=False),
    sa.Column("call_id", sa.Text, nullable=False),
    sa.Column("created", Moment, nullable=False),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("booking_id", sa.ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("starts", Moment, nullable=False),
    sa.Column("ends", Moment, nullable=False),
    sa.Index("ix_holds_when", "flow", "resource", "starts"),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("booking_id", sa.ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("call_id", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),  # booked, moved, cancelled
    sa.Column("details", sa.JSON, nullable=False),
)

commits = sa.Table(
    "commits",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("does", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("booking_id", sa.ForeignKey("bookings.id", ondelete="CASCADE"), index=True),
    sa.Column("call_id", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

flows = sa.Table(
    "flows",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),  # the flow's hash
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),  # which of the sources is the flow itself
    sa.Column("sources", sa.JSON, nullable=False),  # the text of every file, by its name
)

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),  # the flow's hash
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("caller", sa.Text),
    sa.Column("called", sa.Text),
    sa.Column("line", sa.Text),  # what the telephone system calls this call
    sa.Column("recording", sa.Text),
    sa.Column("started", Moment, nullable=False, index=True),
    sa.Column("ended", Moment),
    sa.Column("outcome", sa.Text),
    sa.Column("variant", sa.Text),
    sa.Column("counted", sa.Boolean, nullable=False, server_default=sa.false()),  # its numbers are in `counts`
    sa.Index("ix_calls_flow", "flow", "started"),
    sa.Index("ix_calls_outcome", "outcome", "started"),
)

call_events = sa.Table(
    "call_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # event, effect, timing
    sa.Column("body", sa.JSON, nullable=False),
    sa.UniqueConstraint("call_id", "seq", name="uq_call_events_order"),
)

call_words = sa.Table(
    "call_words",
    metadata,
    sa.Column("word", Word, primary_key=True),  # as `history.words_of` makes it
    sa.Column("call_id", sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

counts = sa.Table(
    "counts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # as in /metrics
    sa.Column("hour", Moment, primary_key=True),
    sa.Column("flow", sa.Text, primary_key=True),
    sa.Column("labels", sa.Text, primary_key=True),  # by tabs
    sa.Column("value", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

misses = sa.Table(
    "misses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("slot", sa.Text, nullable=False),  # empty where no slot was asked for
    sa.Column("rung", sa.Integer, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),  # event, email, sms
    sa.Column("recipient", sa.Text),  # of an e-mail or text message; forgotten with the body
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("call_id", sa.Text, nullable=False, index=True),
    sa.Column("created", Moment, nullable=False),
    sa.Column("due", Moment),  # when it is tried next; none once it is over
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting, delivered, given_up
    sa.Column("fault", sa.Text),
    sa.Index("ix_deliveries_due", "due"),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("password", sa.Text, nullable=False),  # Argon2, with its salt and parameters
    sa.Column("role", sa.Text, nullable=False),  # admin, operator, qa
    sa.Column("created", Moment, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),  # SHA-256 of what the browser has
    sa.Column("user", sa.ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("seen", Moment, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
)

outbound_calls = sa.Table(
    "outbound_calls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),  # who and about what
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("number_of_try", sa.Integer, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("outcome", sa.Text),  # none while it goes on, or where its process died
    sa.Column("why", sa.Text),
    sa.Column("call_id", sa.Text),
    sa.UniqueConstraint("campaign", "key", "number_of_try", name="uq_outbound_calls_try"),
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("what", sa.Text, nullable=False),  # person, end
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("given", Moment, nullable=False),
    sa.Column("taken", Moment),  # when the process that holds the call took it
)


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Puts rows in, but for those that are there already by a unique key, so that it may be done again."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(make(table).on_conflict_do_nothing(), list(rows))
