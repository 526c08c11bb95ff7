"""Alerts found by office and time of issue: whether a relay says once more what is on record.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(op.f("ix_alert_sender_sent"), "alert", ["sender", "sent"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_alert_sender_sent"), table_name="alert")
