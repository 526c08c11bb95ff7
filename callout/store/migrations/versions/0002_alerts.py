"""Warning messages and how each county takes them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    _raw_document()
    _alert()
    _alert_reference()
    _episode()
    _alert_county()
    _rule_match()


def _raw_document() -> None:
    op.create_table(
        "raw_document",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_raw_document")),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("msg_type", sa.String(), nullable=False),
        sa.Column("hazard", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("headline", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_identifier_digest"), "alert", ["identifier", "digest"], unique=True)


def _alert_reference() -> None:
    op.create_table(
        "alert_reference",
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "identifier", name=op.f("pk_alert_reference")),
    )


def _episode() -> None:
    op.create_table(
        "episode",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("hazard", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_episode")),
    )


def _alert_county() -> None:
    op.create_table(
        "alert_county",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("episode", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("rulebook", sa.String(), server_default="", nullable=False),
        sa.Column("roster", sa.String(), server_default="", nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "alert", name=op.f("pk_alert_county")),
    )
    op.create_index(op.f("ix_alert_county_state"), "alert_county", ["state"])


def _rule_match() -> None:
    op.create_table(
        "rule_match",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("alert", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("ladder", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("county", "alert", "area", "role", name=op.f("pk_rule_match")),
    )


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in ("rule_match", "alert_county", "episode", "alert_reference", "alert", "raw_document"):
        op.drop_table(table)
