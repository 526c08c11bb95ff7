"""Shifts are handed over with a note."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been handed over yet."""
    op.create_table(
        "handover",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("post", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("giver", sa.BigInteger(), nullable=False),
        sa.Column("taker", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "post", "at", name="pk_handover"),
    )


def downgrade() -> None:
    """That it was handed over stays in the record."""
    op.drop_table("handover")
