"""What providers bring: their own ids of attempts and events, numbers that take no texts, steps that wait for a way."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_attempt_ref", "attempt", "provider_ref", "provider_ref != ''"),
    ("ix_inbound_unmatched", "inbound", "ref", "state = 'unmatched'"),
)


def upgrade() -> None:
    """Add them; what is on record came without."""
    op.add_column("inbound", sa.Column("provider", sa.String(), server_default="", nullable=False))
    op.add_column("inbound", sa.Column("ref", sa.String(), server_default="", nullable=False))
    op.add_column("number", sa.Column("textless", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("callout", sa.Column("due_at", sa.BigInteger(), nullable=True))
    for name, table, column, where in _INDEXES:
        op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    """Take them away."""
    for name, table, _, _ in _INDEXES:
        op.drop_index(name, table)
    op.drop_column("callout", "due_at")
    op.drop_column("number", "textless")
    op.drop_column("inbound", "ref")
    op.drop_column("inbound", "provider")
