"""Copies of warnings to offices, loudspeakers and groups."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'to_send' OR state = 'sending'")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "broadcast",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "alert", "endpoint", name="pk_broadcast"),
    )
    op.create_index("ix_broadcast_waiting", "broadcast", ["next_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_broadcast_waiting", table_name="broadcast")
    op.drop_table("broadcast")
