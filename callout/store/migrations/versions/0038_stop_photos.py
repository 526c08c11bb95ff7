"""Photos of what was seen on site when a 熔断 was confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing before was more than the number of a photo."""
    op.create_table(
        "stop_photo",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("decision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("county", "decision", name=op.f("pk_stop_photo")),
    )


def downgrade() -> None:
    """Photos go; their hashes stay in the record."""
    op.drop_table("stop_photo")
