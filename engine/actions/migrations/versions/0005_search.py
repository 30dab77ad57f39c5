"""Calls are found by flow, by outcome, and by the words of their callers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("ix_calls_flow", "calls", ["flow", "started"])
    op.create_index("ix_calls_outcome", "calls", ["outcome", "started"])
    op.create_index("ix_commits_booking_id", "commits", ["booking_id"])
    op.create_table(
        "call_words",
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
        sa.Column(
            "call_id",
            sa.Text,
            sa.ForeignKey("calls.id", ondelete="CASCADE"),
            primary_key=True,
            index=True,
        ),
        sqlite_with_rowid=False,
    )
