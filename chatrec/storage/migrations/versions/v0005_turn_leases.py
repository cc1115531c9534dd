"""Which process is at work on a session: one turn at a time, however many processes serve the shop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "turn_leases",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_turn_leases"),
    )


def downgrade() -> None:
    """Removes it."""
    op.drop_table("turn_leases")
