"""What a provider bills: parts of a text, or one call."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Attempts from before are not counted: 0."""
    op.add_column("attempt", sa.Column("parts", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Nobody counts any more."""
    op.drop_column("attempt", "parts")
