"""Calls that officers were put through from the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'asked' OR state = 'calling'")


def _word(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default=default, nullable=False)


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, server_default=default, nullable=False)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "desk_call",
        _word("county"),
        _word("id"),
        _number("alert"),
        _number("post"),
        _number("number"),
        _word("phone"),
        _word("asked_by"),
        _number("asked_at"),
        _word("run"),
        _word("state"),
        sa.Column("next_at", sa.BigInteger()),
        _word("provider", ""),
        _word("ref", ""),
        _word("reason", ""),
        _word("officer_leg", ""),
        sa.Column("officer_at", sa.BigInteger()),
        _word("person_leg", ""),
        sa.Column("person_at", sa.BigInteger()),
        _number("rev", "0"),
        sa.PrimaryKeyConstraint("county", "id", name="pk_desk_call"),
    )
    op.create_index("ix_desk_call_county_alert_post", "desk_call", ["county", "alert", "post"])
    op.create_index("ix_desk_call_asked_by_asked_at", "desk_call", ["asked_by", "asked_at"])
    op.create_index("ix_desk_call_waiting", "desk_call", ["asked_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def downgrade() -> None:
    """Take it away; the record keeps its entries."""
    op.drop_index("ix_desk_call_waiting", table_name="desk_call")
    op.drop_table("desk_call")
