"""Attempts that nobody can vouch for are found without walking the others."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    where = sa.text("state = 'unknown'")
    op.create_index("ix_attempt_unknown", "attempt", ["submitted_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_attempt_unknown", "attempt")
