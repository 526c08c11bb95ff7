"""What was so in the areas of an alert when its rules were matched: places named, warnings beside it, readings."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; of alerts on record nothing is known."""
    op.add_column("alert_county", sa.Column("around", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("alert_county", "around")
