"""Which callouts were the last ring of a county's desk, and what everybody on its ladder knows of."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

COLUMNS = ("ring_alert", "ring_round", "ring_known", "ring_rests")


def upgrade() -> None:
    """No ring is remembered: the next one begins with the officer on shift."""
    for name in COLUMNS:
        op.add_column("county", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Every ring begins with the officer again."""
    for name in COLUMNS:
        op.drop_column("county", name)
