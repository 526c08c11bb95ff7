"""Those who sign in: users, their sessions and tries, and the keys of programs."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _word(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default=default, nullable=False)


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=default, nullable=False)


def _scope() -> list[sa.Column[str]]:
    return [_word("scope"), _word("scope_county"), _word("scope_area"), _word("scope_roles")]


def upgrade() -> None:
    """Make them; nobody can sign in until the first user is added."""
    op.create_table(
        "office_user",
        sa.Column("id", _ID, nullable=False),
        *(_word("login"), _word("name"), _word("title"), _word("role"), *_scope(), _word("secret")),
        *(_number("must_change"), _word("totp", ""), _number("totp_used", "0"), _word("state"), _number("made_at")),
        _number("rev", "0"),
        sa.PrimaryKeyConstraint("id", name="pk_office_user"),
    )
    op.create_index("ix_office_user_login", "office_user", ["login"], unique=True)
    op.create_table(
        "user_session",
        *(_word("id"), _number("user"), _word("state"), _word("address"), _number("opened_at"), _number("ends_at")),
        _number("rev", "0"),
        sa.PrimaryKeyConstraint("id", name="pk_user_session"),
    )
    op.create_index("ix_user_session_user", "user_session", ["user"])
    op.create_table(
        "sign_in_try",
        sa.Column("id", _ID, nullable=False),
        *(_word("login"), _word("address"), _word("outcome"), _number("at")),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_try"),
    )
    op.create_index("ix_sign_in_try_at", "sign_in_try", ["at"])
    op.create_table(
        "api_key",
        *(_word("id"), _word("name"), _word("rights"), *_scope(), _word("secret"), _word("state")),
        *(_number("made_at"), _number("ends_at"), _number("rev", "0")),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("api_key", "sign_in_try", "user_session", "office_user"):
        op.drop_table(table)
