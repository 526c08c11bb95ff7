"""Clock times in rules: when the next one comes for an alert, and matches that a later one may change."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WAITS = sa.text("strikes_at IS NOT NULL")


def upgrade() -> None:
    """Add them."""
    op.add_column("alert_county", sa.Column("strikes_at", sa.BigInteger(), nullable=True))
    op.add_column("rule_match", sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        "ix_alert_county_strike", "alert_county", ["strikes_at"], sqlite_where=_WAITS, postgresql_where=_WAITS
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_alert_county_strike", "alert_county")
    op.drop_column("rule_match", "rev")
    op.drop_column("alert_county", "strikes_at")
