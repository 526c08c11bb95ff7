"""Rounds in which the people of a roster are asked whether they still hold their posts."""

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
    Index(None, "number", "asked_at"),
)
