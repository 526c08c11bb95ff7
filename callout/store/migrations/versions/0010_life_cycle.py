"""Messages that renew or lift what others opened: whose words a ladder speaks, notices with a channel and an end."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NUMBERS = (("alert_county", "drops"), ("callout", "says"), ("callout", "carried_by"), ("notice", "post"))


def upgrade() -> None:
    """Add them; what is on record speaks its own words and is carried by nothing."""
    for table, name in _NUMBERS:
        op.add_column(table, sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("notice", sa.Column("channel", sa.String(), server_default="sms", nullable=False))
    op.add_column("notice", sa.Column("expires_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    for table, name in (*_NUMBERS, ("notice", "channel"), ("notice", "expires_at")):
        op.drop_column(table, name)
