"""Where the transaction numbers of a database that was moved go on in the record."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; a database that was never moved has no row in it."""
    op.create_table(
        "epoch",
        sa.Column("base", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("base", name=op.f("pk_epoch")),
    )


def downgrade() -> None:
    """Drop it; entries are numbered by the bare transaction again."""
    op.drop_table("epoch")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("audit", "xid", server_default=sa.text("(pg_current_xact_id()::text::bigint)"))
