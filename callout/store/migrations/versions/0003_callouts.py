"""Reaching people, and what came back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Create them."""
    _callout()
    _attempt()
    _attempt_callout()
    _notice()
    _inbound()
    _answer()


def _callout() -> None:
    op.create_table(
        "callout",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("episode", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("ladder", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.String(), server_default="", nullable=False),
        sa.Column("repeated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("grade", sa.String(), server_default="", nullable=False),
        sa.Column("late", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "alert", "post", "round", name=op.f("pk_callout")),
    )
    op.create_index(op.f("ix_callout_state_lane_next_at"), "callout", ["state", "lane", "next_at"])


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), nullable=False),
        sa.Column("notice", sa.String(), server_default="", nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("shared", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("responder", sa.BigInteger(), nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("repeated", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("wait", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("provider", sa.String(), server_default="", nullable=False),
        sa.Column("provider_ref", sa.String(), server_default="", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("receipt", sa.String(), server_default="", nullable=False),
        sa.Column("receipt_at", sa.BigInteger(), nullable=True),
        sa.Column("hang_up", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_attempt")),
    )
    _partial_index("ix_attempt_hang_up", "attempt", ["hang_up"], "hang_up = 1")
    op.create_index(op.f("ix_attempt_number_claimed_at"), "attempt", ["number", "claimed_at"])
    _partial_index("ix_attempt_open", "attempt", ["lease"], "state = 'claimed' OR state = 'submitting'")


def _attempt_callout() -> None:
    op.create_table(
        "attempt_callout",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("county", "attempt", "alert", "post", "round", name=op.f("pk_attempt_callout")),
    )
    op.create_index(
        op.f("ix_attempt_callout_county_alert_post_round"), "attempt_callout", ["county", "alert", "post", "round"]
    )


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("responder", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_notice")),
    )
    _partial_index("ix_notice_to_send", "notice", ["next_at"], "state = 'to_send'")


def _inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("came_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_inbound")),
    )
    _partial_index("ix_inbound_pending", "inbound", ["came_at"], "state = 'pending'")


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.BigInteger(), server_default="-1", nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("county", "alert", "post", "round", "ref", name=op.f("pk_answer")),
    )


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in ("answer", "inbound", "notice", "attempt_callout", "attempt", "callout"):
        op.drop_table(table)
