"""Those who sign in, their sessions and tries, and the keys of programs. Secrets lie here as hashes only."""

from sqlalchemy import Column, Index, Table, Text

from callout.store.schema.columns import BigId, integer, metadata, word

office_user = Table(
    "office_user",
    metadata,
    Column("id", BigId, primary_key=True),
    word("login"),
    word("name"),
    word("title"),
    word("role"),
    word("scope"),
    word("scope_county"),
    word("scope_area"),
    word("scope_roles"),
    word("secret"),
    integer("must_change"),
    word("totp", default=""),
    integer("totp_used", default="0"),
    word("state"),
    integer("made_at"),
    integer("rev", default="0"),
    word("subject", default=""),
    Index(None, "login", unique=True),
)

user_session = Table(
    "user_session",
    metadata,
    word("id", key=True),
    integer("user"),
    word("state"),
    word("address"),
    integer("opened_at"),
    integer("ends_at"),
    integer("rev", default="0"),
    Index(None, "user"),
)

sign_in_try = Table(
    "sign_in_try",
    metadata,
    Column("id", BigId, primary_key=True),
    word("login"),
    word("address"),
    word("outcome"),
    integer("at"),
    Index(None, "at"),
)

api_key = Table(
    "api_key",
    metadata,
    word("id", key=True),
    word("name"),
    word("rights"),
    word("scope"),
    word("scope_county"),
    word("scope_area"),
    word("scope_roles"),
    word("secret"),
    word("state"),
    integer("made_at"),
    integer("ends_at"),
    integer("rev", default="0"),
)

api_answer = Table(
    "api_answer",
    metadata,
    word("caller", key=True),
    word("once", key=True),
    word("asked"),
    integer("status"),
    Column("body", Text, nullable=False),
    integer("at"),
)
