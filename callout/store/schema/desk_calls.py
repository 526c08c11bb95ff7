"""Calls that officers were put through from the desk."""

from sqlalchemy import Index, Table

from callout.store.schema.columns import instant, integer, metadata, one_of, partial_index, word

desk_call = Table(
    "desk_call",
    metadata,
    word("county", key=True),
    word("id", key=True),
    integer("alert"),
    integer("post"),
    integer("number"),
    word("phone"),
    word("asked_by"),
    integer("asked_at"),
    word("run"),
    word("state"),
    instant("next_at"),
    word("provider", default=""),
    word("ref", default=""),
    word("reason", default=""),
    word("officer_leg", default=""),
    instant("officer_at"),
    word("person_leg", default=""),
    instant("person_at"),
    integer("rev", default="0"),
    Index(None, "county", "alert", "post"),
    Index(None, "asked_by", "asked_at"),
)

desk_call_waiting = one_of(desk_call.c.state, "asked", "calling")

partial_index("ix_desk_call_waiting", desk_call.c.asked_at, desk_call_waiting)
