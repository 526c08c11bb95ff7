"""Silent tests of numbers stand beside the rounds of the roster."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing before was a test."""
    op.add_column("confirmation", sa.Column("tested", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Tests become rounds."""
    op.drop_column("confirmation", "tested")
