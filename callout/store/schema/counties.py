"""Which counties are served, by which rules, and the ladders as they were frozen."""

from sqlalchemy import Column, Table, Text

from callout.store.schema.columns import integer, metadata, word

county = Table(
    "county",
    metadata,
    word("county", key=True),
    word("name"),
    word("rulebook", default=""),
    word("roster", default=""),
    word("desk_role", default=""),
    word("desk_ladder", default=""),
    integer("ring_after", default="0"),
    integer("rev", default="0"),
    word("relocation", default=""),
    integer("ring_alert", default="0"),
    integer("ring_round", default="0"),
    integer("ring_known", default="0"),
    integer("ring_rests", default="0"),
)

rulebook_version = Table(
    "rulebook_version",
    metadata,
    word("county", key=True),
    word("version", key=True),
    Column("files", Text, nullable=False),
    integer("loaded_at"),
)

ladder = Table(
    "ladder",
    metadata,
    word("id", key=True),
    Column("steps", Text, nullable=False),
)
