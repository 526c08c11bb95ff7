"""Whether a number is a landline is asked before every notice: found by the number, not by looking through all."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index over the few contacts that are landlines."""
    where = sa.text("kind = 'landline'")
    op.create_index("ix_contact_landline", "contact", ["number"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Looked for among all contacts."""
    op.drop_index("ix_contact_landline", "contact")
