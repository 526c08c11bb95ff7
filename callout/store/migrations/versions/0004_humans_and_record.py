"""What waits for a human, and the audit record."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _transaction_id() -> sa.TextClause:
    postgresql = op.get_context().dialect.name == "postgresql"
    return sa.text("(pg_current_xact_id()::text::bigint)" if postgresql else "0")


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Create them."""
    _human_call()
    _stop_work()
    _audit()
    _seal()


def _human_call() -> None:
    op.create_table(
        "human_call",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.String(), server_default="", nullable=False),
        sa.Column("closed_by", sa.String(), server_default="", nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "alert", "post", "kind", "about", name=op.f("pk_human_call")),
    )
    _partial_index("ix_human_call_open", "human_call", ["next_at"], "state = 'open'")


def _stop_work() -> None:
    op.create_table(
        "stop_work",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("objects", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "alert", "area", "code", "role", name=op.f("pk_stop_work")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("xid", sa.BigInteger(), server_default=_transaction_id(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), nullable=False),
        sa.Column("post", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_county_alert_post"), "audit", ["county", "alert", "post"])
    op.create_index(op.f("ix_audit_xid_id"), "audit", ["xid", "id"])


def _seal() -> None:
    op.create_table(
        "seal",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lo", sa.String(), nullable=False),
        sa.Column("hi", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_seal")),
    )


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in ("seal", "audit", "stop_work", "human_call"):
        op.drop_table(table)
