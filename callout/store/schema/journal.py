"""The duty log: what a shift wrote down, met about and handed over."""

from sqlalchemy import Column, Index, Table, Text

from callout.store.schema.columns import integer, metadata, word

journal = Table(
    "journal",
    metadata,
    word("county", key=True),
    integer("id", key=True),
    word("kind"),
    integer("at"),
    integer("entered_at"),
    integer("alert"),
    integer("follows"),
    word("attendees"),
    Column("text", Text, nullable=False),
    word("ref"),
    word("officer"),
    Index(None, "county", "at"),
)
