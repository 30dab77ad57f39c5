"""Bookings, what they hold, their history and commits; calls and what happened in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_bookings()
    _create_booking_details()
    _create_calls()


def _create_bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("reference", sa.Text, nullable=False, index=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("starts", sa.DateTime, nullable=False),
        sa.Column("ends", sa.DateTime, nullable=False, index=True),
        sa.Column("local_start", sa.Text, nullable=False),
        sa.Column("local_end", sa.Text, nullable=False),
        sa.Column("party_size", sa.Integer),
        sa.Column("service", sa.Text),
        sa.Column("practitioner", sa.Text),
        sa.Column("first_name", sa.Text),
        sa.Column("last_name", sa.Text),
        sa.Column("name_recording", sa.Text),
        sa.Column("name_seconds", sa.Float),
        sa.Column("phone", sa.Text),
        sa.Column("phone_key", sa.Text, index=True),
        sa.Column("date_of_birth", sa.Date, index=True),
        sa.Column("note", sa.Text),
        sa.Column("note_recording", sa.Text),
        sa.Column("heard_by_caller", sa.Boolean, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )


def _create_booking_details() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "booking_id", sa.Integer, sa.ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("starts", sa.DateTime, nullable=False),
        sa.Column("ends", sa.DateTime, nullable=False),
    )
    op.create_index("ix_holds_when", "holds", ["flow", "resource", "starts"])
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "booking_id", sa.Integer, sa.ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_table(
        "commits",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("does", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("booking_id", sa.Integer, sa.ForeignKey("bookings.id", ondelete="CASCADE")),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("caller", sa.Text),
        sa.Column("called", sa.Text),
        sa.Column("line", sa.Text),
        sa.Column("recording", sa.Text),
        sa.Column("started", sa.DateTime, nullable=False, index=True),
        sa.Column("ended", sa.DateTime),
        sa.Column("outcome", sa.Text),
    )
    op.create_table(
        "call_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("call_id", sa.Text, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.UniqueConstraint("call_id", "seq", name="uq_call_events_order"),
    )
