"""Whom a county must move (转移台账, by version), and where each of them stands in each event."""

from sqlalchemy import Index, Table

from callout.store.schema.columns import instant, integer, metadata, one_of, partial_index, word

relocation_version = Table(
    "relocation_version",
    metadata,
    word("county", key=True),
    word("version", key=True),
    integer("loaded_at"),
    word("loaded_by"),
)

relocation_site = Table(
    "relocation_site",
    metadata,
    word("county", key=True),
    word("version", key=True),
    word("site", key=True),
    integer("ord"),
    word("kind"),
    word("name"),
    word("area"),
    word("place"),
    integer("households"),
    integer("people"),
    integer("immobile"),
    word("risk"),
    word("lying"),
    word("hazards"),
    word("level"),
    integer("within"),
    integer("organizer"),
    integer("keeper"),
    word("shelter"),
    word("route"),
    word("signal"),
    word("care"),
)

relocation_shelter = Table(
    "relocation_shelter",
    metadata,
    word("county", key=True),
    word("version", key=True),
    word("shelter", key=True),
    integer("ord"),
    word("name"),
    word("area"),
    word("place"),
    integer("capacity"),
    integer("keeper"),
)

relocation = Table(
    "relocation",
    metadata,
    word("county", key=True),
    integer("episode", key=True),
    word("site", key=True),
    integer("alert"),
    word("version"),
    word("run"),
    word("state"),
    integer("lane"),
    integer("post"),
    integer("people"),
    integer("households"),
    integer("within"),
    integer("moved_people", default="-1"),
    word("shelter"),
    integer("opened_at"),
    integer("changed_at"),
    instant("next_at"),
    word("word", default=""),
    word("by", default=""),
    word("officer", default=""),
    word("ref", default=""),
    word("item", default=""),
    integer("rev", default="0"),
    Index(None, "county", "alert"),
)

relocation_waiting = one_of(relocation.c.state, "to_move")

partial_index("ix_relocation_waiting", relocation.c.next_at, relocation_waiting)
