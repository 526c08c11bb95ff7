"""Counties with their rules, and who holds which post."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    _county()
    _rulebook_version()
    _ladder()
    _roster_version()
    _responder()
    _contact()
    _shift()
    _duty()
    _number()
    _personal()


def _county() -> None:
    op.create_table(
        "county",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rulebook", sa.String(), server_default="", nullable=False),
        sa.Column("roster", sa.String(), server_default="", nullable=False),
        sa.Column("desk_role", sa.String(), server_default="", nullable=False),
        sa.Column("desk_ladder", sa.String(), server_default="", nullable=False),
        sa.Column("ring_after", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", name=op.f("pk_county")),
    )


def _rulebook_version() -> None:
    op.create_table(
        "rulebook_version",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "version", name=op.f("pk_rulebook_version")),
    )


def _ladder() -> None:
    op.create_table(
        "ladder",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder")),
    )


def _roster_version() -> None:
    op.create_table(
        "roster_version",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("county", "version", name=op.f("pk_roster_version")),
    )


def _responder() -> None:
    op.create_table(
        "responder",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("county", "roster", "id", name=op.f("pk_responder")),
    )


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("responder", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ord", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("shared", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("county", "roster", "responder", "ord", name=op.f("pk_contact")),
    )


def _shift() -> None:
    op.create_table(
        "shift",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("post", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("begins", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("responder", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "roster", "post", "begins", name=op.f("pk_shift")),
    )


def _duty() -> None:
    op.create_table(
        "duty",
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("post", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("holder", sa.BigInteger(), nullable=True),
        sa.Column("deputy", sa.BigInteger(), nullable=True),
        sa.Column("superior", sa.BigInteger(), nullable=True),
        sa.Column("unusable", sa.String(), server_default="", nullable=False),
        sa.Column("holder_name", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("county", "roster", "post", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_county_roster_role_area"), "duty", ["county", "roster", "role", "area"])
    op.create_index(op.f("ix_duty_county_roster_superior"), "duty", ["county", "roster", "superior"])


def _number() -> None:
    op.create_table(
        "number",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("dead", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("opted_out", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number")),
    )
    op.create_index(op.f("ix_number_commitment"), "number", ["commitment"], unique=True)


def _personal() -> None:
    op.create_table(
        "personal",
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("commitment", name=op.f("pk_personal")),
    )
    op.create_index(op.f("ix_personal_kind_value"), "personal", ["kind", "value"])


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in (
        "personal",
        "number",
        "duty",
        "shift",
        "contact",
        "responder",
        "roster_version",
        "ladder",
        "rulebook_version",
        "county",
    ):
        op.drop_table(table)
