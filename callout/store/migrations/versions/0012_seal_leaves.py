"""The hashes of single entries under a seal, so that a changed entry can be named."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; seals from before have no hashes, and a change under them is named by seal."""
    op.create_table(
        "seal_leaves",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_seal_leaves")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("seal_leaves")
