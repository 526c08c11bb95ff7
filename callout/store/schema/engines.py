"""Signs of life: what each engine leaves behind every two seconds, for pages and commands on other machines."""

from sqlalchemy import Table

from callout.store.schema.columns import integer, metadata, word

engine_beat = Table(
    "engine_beat",
    metadata,
    word("id", key=True),
    word("host"),
    integer("began_at"),
    integer("beat_at"),
    word("channels"),
)
"""One row per engine that runs or died; one that is stopped takes its row along. Not part of the record."""
