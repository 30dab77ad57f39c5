"""Calls of campaigns, so that nobody is called twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "outbound_calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("number_of_try", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
        sa.Column("outcome", sa.Text),
        sa.Column("why", sa.Text),
        sa.Column("call_id", sa.Text),
        sa.UniqueConstraint("campaign", "key", "number_of_try", name="uq_outbound_calls_try"),
    )
