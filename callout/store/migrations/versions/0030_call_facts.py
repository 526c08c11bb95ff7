"""What providers tell of calls: when they were picked up and ended, how long, the id of a recording."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of attempts from before nothing is known."""
    op.add_column("attempt", sa.Column("tells", sa.String(), server_default="", nullable=False))
    op.add_column("attempt", sa.Column("picked_up_at", sa.BigInteger(), nullable=True))
    op.add_column("attempt", sa.Column("ended_at", sa.BigInteger(), nullable=True))
    op.add_column("attempt", sa.Column("heard_s", sa.BigInteger(), server_default="-1", nullable=False))
    op.add_column("attempt", sa.Column("recording", sa.String(), server_default="", nullable=False))
    op.add_column("inbound", sa.Column("facts", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """Nobody keeps it any more."""
    op.drop_column("inbound", "facts")
    for name in ("recording", "heard_s", "ended_at", "picked_up_at", "tells"):
        op.drop_column("attempt", name)
