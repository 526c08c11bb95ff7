"""Rounds in which the people of a roster confirm that they still hold their posts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has been asked yet."""
    op.create_table(
        "confirmation",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("round", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("responder", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "round", "responder", name="pk_confirmation"),
    )
    op.create_index("ix_confirmation_number_asked_at", "confirmation", ["number", "asked_at"])


def downgrade() -> None:
    """What was said stays in the record."""
    op.drop_table("confirmation")
