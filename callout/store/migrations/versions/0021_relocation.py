"""Whom a county must move, by version; where each of them stands in each event; the version in force."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'to_move'")


def _word(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default=default, nullable=False)


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, server_default=default, nullable=False)


def upgrade() -> None:
    """Add the tables and the column."""
    _versions()
    _sites()
    _shelters()
    _relocations()
    op.create_index("ix_relocation_county_alert", "relocation", ["county", "alert"])
    op.create_index(
        "ix_relocation_waiting", "relocation", ["next_at"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.add_column("county", _word("relocation", ""))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("county", "relocation")
    for table in ("relocation", "relocation_shelter", "relocation_site", "relocation_version"):
        op.drop_table(table)


def _versions() -> None:
    op.create_table(
        "relocation_version",
        _word("county"),
        _word("version"),
        _number("loaded_at"),
        _word("loaded_by"),
        sa.PrimaryKeyConstraint("county", "version", name="pk_relocation_version"),
    )


def _sites() -> None:
    op.create_table(
        "relocation_site",
        _word("county"),
        _word("version"),
        _word("site"),
        _number("ord"),
        _word("kind"),
        _word("name"),
        _word("area"),
        _word("place"),
        _number("households"),
        _number("people"),
        _number("immobile"),
        _word("risk"),
        _word("lying"),
        _word("hazards"),
        _word("level"),
        _number("within"),
        _number("organizer"),
        _number("keeper"),
        _word("shelter"),
        _word("route"),
        _word("signal"),
        _word("care"),
        sa.PrimaryKeyConstraint("county", "version", "site", name="pk_relocation_site"),
    )


def _shelters() -> None:
    op.create_table(
        "relocation_shelter",
        _word("county"),
        _word("version"),
        _word("shelter"),
        _number("ord"),
        _word("name"),
        _word("area"),
        _word("place"),
        _number("capacity"),
        _number("keeper"),
        sa.PrimaryKeyConstraint("county", "version", "shelter", name="pk_relocation_shelter"),
    )


def _relocations() -> None:
    op.create_table(
        "relocation",
        _word("county"),
        _number("episode"),
        _word("site"),
        _number("alert"),
        _word("version"),
        _word("run"),
        _word("state"),
        _number("lane"),
        _number("post"),
        _number("people"),
        _number("households"),
        _number("within"),
        _number("moved_people", "-1"),
        _word("shelter"),
        _number("opened_at"),
        _number("changed_at"),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        _word("word", ""),
        _word("by", ""),
        _word("officer", ""),
        _word("ref", ""),
        _word("item", ""),
        _number("rev", "0"),
        sa.PrimaryKeyConstraint("county", "episode", "site", name="pk_relocation"),
    )
