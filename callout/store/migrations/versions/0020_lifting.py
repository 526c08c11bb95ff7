"""A 熔断 names the decisions by which its end was proposed and the place inspected."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NAMES = ("lifting", "inspection")


def upgrade() -> None:
    """Nothing is proposed to end yet."""
    for name in _NAMES:
        op.add_column("stop_work", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """The decisions themselves stay in their table."""
    for name in _NAMES:
        op.drop_column("stop_work", name)
