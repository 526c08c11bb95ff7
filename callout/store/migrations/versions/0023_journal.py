"""The duty log."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table, to which rows are only added."""
    words = [sa.Column(name, sa.String(), nullable=False) for name in ("kind", "attendees", "ref", "officer")]
    numbers = [sa.Column(name, sa.BigInteger(), nullable=False) for name in ("at", "entered_at", "alert", "follows")]
    op.create_table(
        "journal",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *words,
        *numbers,
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_county_at"), "journal", ["county", "at"])


def downgrade() -> None:
    """The log is gone; the record keeps its digests."""
    op.drop_index(op.f("ix_journal_county_at"), "journal")
    op.drop_table("journal")
