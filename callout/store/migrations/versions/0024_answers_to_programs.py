"""What programs were answered, so that the same question gets the same answer."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row per key of a program and Idempotency-Key."""
    op.create_table(
        "api_answer",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "once", name="pk_api_answer"),
    )


def downgrade() -> None:
    """A question that is asked again is then done again."""
    op.drop_table("api_answer")
