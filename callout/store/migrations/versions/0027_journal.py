"""The duty log."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table, to which rows are only added."""
    op.create_table(
        "journal",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entered_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("follows", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attendees", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_county_at"), "journal", ["county", "at"])


def downgrade() -> None:
    """The log is gone; the record keeps its digests."""
    op.drop_index(op.f("ix_journal_county_at"), "journal")
    op.drop_table("journal")
