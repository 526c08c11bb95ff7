"""熔断 beyond the proposal, and the feedback that is owed after an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_DECISIONS = ("proposal", "ordering", "confirming", "ending")


def _partial_index(name: str, table: str, where: str) -> None:
    op.create_index(name, table, ["next_at"], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, server_default=default, nullable=False)


def upgrade() -> None:
    """Create them; a proposal that is there already gets the run and the lane of its alert."""
    _stop_work()
    _stop_decision()
    _feedback_demand()
    _feedback()


def _stop_work() -> None:
    op.add_column("stop_work", sa.Column("run", sa.String(), server_default="actual", nullable=False))
    op.add_column("stop_work", _number("lane", "0"))
    op.add_column("stop_work", sa.Column("next_at", sa.BigInteger(), nullable=True))
    for name in _DECISIONS:
        op.add_column("stop_work", _number(name, "0"))
    op.execute("UPDATE stop_work SET run = (SELECT run FROM alert WHERE alert.id = stop_work.alert)")
    op.execute(
        "UPDATE stop_work SET lane = (SELECT lane FROM alert_county AS ac"
        " WHERE ac.county = stop_work.county AND ac.alert = stop_work.alert)"
    )
    _partial_index("ix_stop_work_ordered", "stop_work", "state = 'ordered'")


def _stop_decision() -> None:
    op.create_table(
        "stop_decision",
        sa.Column("county", sa.String(), nullable=False),
        _number("id"),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=True),
        sa.Column("exceptions", sa.String(), nullable=False),
        sa.Column("checks", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        _number("at"),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_stop_decision")),
    )


def _feedback_demand() -> None:
    op.create_table(
        "feedback_demand",
        sa.Column("county", sa.String(), nullable=False),
        _number("alert"),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        _number("within"),
        _number("remind_after"),
        sa.PrimaryKeyConstraint("county", "alert", "area", "role", "kind", name=op.f("pk_feedback_demand")),
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("county", sa.String(), nullable=False),
        _number("alert"),
        _number("post"),
        sa.Column("kind", sa.String(), nullable=False),
        _number("episode"),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _number("lane"),
        _number("opened_at"),
        _number("due_at"),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("given_at", sa.BigInteger(), nullable=True),
        _number("people", "-1"),
        _number("households", "-1"),
        sa.Column("given_by", sa.String(), server_default="", nullable=False),
        sa.Column("ref", sa.String(), server_default="", nullable=False),
        _number("rev", "0"),
        sa.PrimaryKeyConstraint("county", "alert", "post", "kind", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_county_post_kind_episode"), "feedback", ["county", "post", "kind", "episode"])
    _partial_index("ix_feedback_waiting", "feedback", "state = 'open' OR state = 'reminded'")


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in ("feedback", "feedback_demand", "stop_decision"):
        op.drop_table(table)
    op.drop_index("ix_stop_work_ordered", "stop_work")
    for name in (*_DECISIONS, "next_at", "lane", "run"):
        op.drop_column("stop_work", name)
