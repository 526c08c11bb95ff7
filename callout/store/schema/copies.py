"""Copies of warnings to offices, loudspeakers and groups."""

from sqlalchemy import Table

from callout.store.schema.columns import instant, integer, metadata, one_of, partial_index, word

broadcast = Table(
    "broadcast",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    word("endpoint", key=True),
    word("state"),
    instant("next_at"),
    integer("expires_at"),
    instant("sent_at"),
    instant("acknowledged_at"),
    word("reason", default=""),
    integer("rev", default="0"),
)

broadcast_waiting = one_of(broadcast.c.state, "to_send", "sending")

partial_index("ix_broadcast_waiting", broadcast.c.next_at, broadcast_waiting)
