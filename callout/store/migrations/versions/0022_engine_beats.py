"""Signs of life of engines, seen from other machines."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; engines fill it by themselves."""
    op.create_table(
        "engine_beat",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.Column("channels", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engine_beat")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("engine_beat")
