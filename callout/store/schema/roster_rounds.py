"""What people say about a roster: rounds of confirmation, and notes with which a shift is handed over."""

from sqlalchemy import Index, Table

from callout.store.schema.columns import instant, integer, metadata, word

confirmation = Table(
    "confirmation",
    metadata,
    word("county", key=True),
    integer("round", key=True),
    integer("responder", key=True),
    integer("number"),
    word("state"),
    integer("asked_at"),
    instant("answered_at"),
    integer("rev", default="0"),
    integer("tested", default="0"),
    Index(None, "number", "asked_at"),
)

handover = Table(
    "handover",
    metadata,
    word("county", key=True),
    integer("post", key=True),
    integer("at", key=True),
    integer("giver"),
    integer("taker"),
    word("note"),
    integer("rev", default="0"),
)
