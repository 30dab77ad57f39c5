"""What a flow asked besides the columns that every booking has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("bookings", sa.Column("details", sa.JSON, nullable=False, server_default="{}"))
