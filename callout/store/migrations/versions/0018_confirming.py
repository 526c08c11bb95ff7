"""Until when an alert waits for an officer's word."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One instant; alerts that wait for nobody have none."""
    op.add_column("alert_county", sa.Column("confirm_by", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Nothing waits any more."""
    op.drop_column("alert_county", "confirm_by")
