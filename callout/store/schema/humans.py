"""What waits for a human: the officer's list and the 熔断."""

from sqlalchemy import Column, Table, Text

from callout.store.schema.columns import instant, integer, metadata, one_of, partial_index, word

human_call = Table(
    "human_call",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    integer("post", key=True),
    word("kind", key=True),
    word("about", key=True),
    word("state"),
    word("note"),
    integer("lane"),
    integer("opened_at"),
    instant("next_at"),
    word("claimed_by", default=""),
    word("closed_by", default=""),
    instant("closed_at"),
    word("outcome", default=""),
    integer("rev", default="0"),
)

stop_work = Table(
    "stop_work",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    word("area", key=True),
    word("code", key=True),
    word("role", key=True),
    word("rule"),
    Column("measure", Text, nullable=False),
    integer("objects"),
    word("state"),
    integer("proposed_at"),
    integer("rev", default="0"),
)

human_call_open = one_of(human_call.c.state, "open")

partial_index("ix_human_call_open", human_call.c.next_at, human_call_open)
