"""Attempts that speak by another channel than their step says, and how far that has gone ahead of a held step."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Until now every attempt went as its step said."""
    op.add_column("callout", sa.Column("ahead", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("callout", sa.Column("ahead_at", sa.BigInteger(), nullable=True))
    op.add_column("attempt", sa.Column("instead", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Which attempts were such is forgotten."""
    op.drop_column("attempt", "instead")
    op.drop_column("callout", "ahead_at")
    op.drop_column("callout", "ahead")
