"""Drills (演练): their terms, the numbers that each may reach, and what was left out because it is not listed."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def _word(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def _integer(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False, server_default=default)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def upgrade() -> None:
    """No drill has been held on real phones before."""
    op.create_table(
        "drill",
        *(_word(name) for name in ("county", "base", "name", "ordered_by")),
        *(_integer(name) for name in ("begins", "ends", "announced")),
        *(_word(name) for name in ("channels", "gives_way", "hazard", "level", "areas", "state")),
        _integer("live", "0"),
        _instant("started_at"),
        _instant("ended_at"),
        _word("why", ""),
        _integer("rev", "0"),
        sa.PrimaryKeyConstraint("county", name="pk_drill"),
    )
    op.create_table(
        "drill_listed",
        _word("county"),
        _integer("number"),
        _integer("responder"),
        sa.PrimaryKeyConstraint("county", "number", name="pk_drill_listed"),
    )
    op.create_table(
        "drill_beyond",
        _word("county"),
        *(_integer(name) for name in ("alert", "post", "step")),
        _word("target"),
        _integer("responder"),
        _integer("at"),
        sa.PrimaryKeyConstraint("county", "alert", "post", "step", name="pk_drill_beyond"),
    )


def downgrade() -> None:
    """What was done stays in the record."""
    for table in ("drill_beyond", "drill_listed", "drill"):
        op.drop_table(table)
