"""How another system knows a user for whom it vouches."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is bound yet."""
    op.add_column("office_user", sa.Column("subject", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Signing in is by password only again."""
    with op.batch_alter_table("office_user") as table:
        table.drop_column("subject")
