"""Readings of gauges, alarms of thresholds, and what really happened."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TO_ISSUE = sa.text("state = 'to_issue'")


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, server_default=default, nullable=False)


def upgrade() -> None:
    """Add the tables."""
    _readings()
    _alarms()
    _incidents()


def downgrade() -> None:
    """Take them away."""
    for table in ("incident", "gauge_alarm", "reading"):
        op.drop_table(table)


def _readings() -> None:
    op.create_table(
        "reading",
        _word("county"),
        _word("gauge"),
        _number("at"),
        _number("milli"),
        _number("came_at"),
        _word("origin"),
        sa.PrimaryKeyConstraint("county", "gauge", "at", name="pk_reading"),
    )
    op.create_index("ix_reading_county_at", "reading", ["county", "at"])


def _alarms() -> None:
    op.create_table(
        "gauge_alarm",
        _word("county"),
        _word("area"),
        _word("threshold"),
        _number("at"),
        _word("identifier"),
        _word("first"),
        _word("level"),
        _word("held"),
        _word("gauge"),
        _word("quantity"),
        _number("milli"),
        _number("limit_milli"),
        _word("rulebook"),
        _number("expires_at"),
        _number("changed_at"),
        _word("state"),
        sa.Column("document", sa.Text(), nullable=False),
        _number("rev", "0"),
        sa.PrimaryKeyConstraint("county", "area", "threshold", "at", name="pk_gauge_alarm"),
    )
    op.create_index("ix_alarm_to_issue", "gauge_alarm", ["at"], sqlite_where=_TO_ISSUE, postgresql_where=_TO_ISSUE)


def _incidents() -> None:
    op.create_table(
        "incident",
        _word("county"),
        _word("id"),
        _word("area"),
        _word("hazard"),
        _number("at"),
        _word("what"),
        _word("officer"),
        _number("entered_at"),
        sa.PrimaryKeyConstraint("county", "id", name="pk_incident"),
    )
    op.create_index("ix_incident_county_area_at", "incident", ["county", "area", "at"])
