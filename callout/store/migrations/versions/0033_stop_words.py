"""What objects of a 熔断 answer to the order."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "stop_word",
        _word("county"),
        _number("alert"),
        _word("area"),
        _word("code"),
        _word("role"),
        _number("post"),
        _word("ref"),
        _number("ordering"),
        _word("word"),
        _number("at"),
        _word("attempt"),
        sa.PrimaryKeyConstraint("county", "alert", "area", "code", "role", "post", "ref", name="pk_stop_word"),
    )


def downgrade() -> None:
    """Take it away; the record keeps its entries."""
    op.drop_table("stop_word")
