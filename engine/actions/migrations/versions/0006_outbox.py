"""What is to be sent: messages to callers and news of calls, until they have arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False, index=True),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("due", sa.DateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("fault", sa.Text),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["due"])
