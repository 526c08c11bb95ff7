"""Who holds which post and is reached on which number, by roster version; and the erasable personal data."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, literal_column

from callout.store.schema.columns import BigId, integer, metadata, one_of, partial_index, word

roster_version = Table(
    "roster_version",
    metadata,
    word("county", key=True),
    word("version", key=True),
    integer("loaded_at"),
    word("loaded_by"),
    word("run"),
)

responder = Table(
    "responder",
    metadata,
    word("county", key=True),
    word("roster", key=True),
    integer("id", key=True),
    word("name"),
)

contact = Table(
    "contact",
    metadata,
    word("county", key=True),
    word("roster", key=True),
    integer("responder", key=True),
    integer("ord", key=True),
    integer("number"),
    word("kind"),
    integer("shared", default="0"),
)

shift = Table(
    "shift",
    metadata,
    word("county", key=True),
    word("roster", key=True),
    integer("post", key=True),
    integer("begins", key=True),
    integer("ends"),
    integer("responder"),
)

duty = Table(
    "duty",
    metadata,
    word("county", key=True),
    word("roster", key=True),
    integer("post", key=True),
    word("area"),
    word("role"),
    word("title"),
    Column("holder", BigInteger),
    Column("deputy", BigInteger),
    Column("superior", BigInteger),
    word("unusable", default=""),
    word("holder_name", default=""),
    Index(None, "county", "roster", "role", "area", "post"),
    Index(None, "county", "roster", "superior"),
)

number = Table(
    "number",
    metadata,
    Column("id", BigId, primary_key=True),
    word("commitment"),
    integer("dead", default="0"),
    integer("opted_out", default="0"),
    integer("rev", default="0"),
    integer("textless", default="0"),
    Index(None, "commitment", unique=True),
)

personal = Table(
    "personal",
    metadata,
    word("commitment", key=True),
    word("kind"),
    Column("salt", LargeBinary),
    Column("value", Text),
    Index(None, "kind", "value"),
)

duty_unusable = duty.c.unusable != literal_column("''")

partial_index("ix_duty_unusable", (duty.c.county, duty.c.roster, duty.c.post), duty_unusable)

contact_landline = one_of(contact.c.kind, "landline")

partial_index("ix_contact_landline", contact.c.number, contact_landline)
