"""The record's entries of an alert are indexed in the order in which they come.

By post as well, each of the seven entries of a hand-over wrote a page of its own somewhere in the index: an eighth of
all pages of a night.
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

OF_ALERT = ["county", "alert"]


def upgrade() -> None:
    """The index ends with the alert."""
    op.create_index(op.f("ix_audit_county_alert"), "audit", OF_ALERT)
    op.drop_index(op.f("ix_audit_county_alert_post"), "audit")


def downgrade() -> None:
    """The index goes on to the post."""
    op.create_index(op.f("ix_audit_county_alert_post"), "audit", [*OF_ALERT, "post"])
    op.drop_index(op.f("ix_audit_county_alert"), "audit")
