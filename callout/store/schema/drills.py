"""Drills: their terms, their lists, and what they would have done beyond the list."""

from sqlalchemy import Table

from callout.store.schema.columns import instant, integer, metadata, word

drill = Table(
    "drill",
    metadata,
    word("county", key=True),
    word("base"),
    word("name"),
    word("ordered_by"),
    integer("begins"),
    integer("ends"),
    integer("announced"),
    word("channels"),
    word("gives_way"),
    word("hazard"),
    word("level"),
    word("areas"),
    word("state"),
    integer("live", default="0"),
    instant("started_at"),
    instant("ended_at"),
    word("why", default=""),
    integer("rev", default="0"),
)

drill_listed = Table(
    "drill_listed",
    metadata,
    word("county", key=True),
    integer("number", key=True),
    integer("responder"),
)

drill_beyond = Table(
    "drill_beyond",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    integer("post", key=True),
    integer("step", key=True),
    word("target"),
    integer("responder"),
    integer("at"),
)
