"""What came of an effect, and whose it was: a repeated call gives the first outcome, and forgetting a shopper takes it along."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the two columns; older effects came to something that nobody asks for any more."""
    with op.batch_alter_table("effects") as table:
        table.add_column(sa.Column("user_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("outcome", sa.Text(), nullable=False, server_default=""))
        table.create_index("ix_effects_session_id", ["session_id"])
        table.create_index("ix_effects_user_id", ["user_id"])


def downgrade() -> None:
    """Removes the two columns."""
    with op.batch_alter_table("effects") as table:
        table.drop_index("ix_effects_user_id")
        table.drop_index("ix_effects_session_id")
        table.drop_column("outcome")
        table.drop_column("user_id")
