"""What waits for a human: the officer's list, the 熔断 with the decisions about them, and the feedback owed."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

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
    word("run", default="actual"),
    integer("lane", default="0"),
    instant("next_at"),
    integer("proposal", default="0"),
    integer("ordering", default="0"),
    integer("confirming", default="0"),
    integer("ending", default="0"),
    integer("lifting", default="0"),
    integer("inspection", default="0"),
)

stop_decision = Table(
    "stop_decision",
    metadata,
    word("county", key=True),
    integer("id", key=True),
    word("event"),
    word("name"),
    word("title"),
    word("basis"),
    instant("effective_at"),
    word("exceptions"),
    word("checks"),
    word("evidence"),
    word("officer"),
    integer("at"),
)

stop_photo = Table(
    "stop_photo",
    metadata,
    word("county", key=True),
    integer("decision", key=True),
    word("sha256"),
    word("officer"),
    integer("at"),
    Column("body", LargeBinary),
)
"""What was seen on site. `body` is NULL once it is erased, with the name of whoever saw it; its hash stays."""

stop_word = Table(
    "stop_word",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    word("area", key=True),
    word("code", key=True),
    word("role", key=True),
    integer("post", key=True),
    word("ref", key=True),
    integer("ordering"),
    word("word"),
    integer("at"),
    word("attempt"),
)

feedback_demand = Table(
    "feedback_demand",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    word("area", key=True),
    word("role", key=True),
    word("kind", key=True),
    word("rule"),
    integer("within"),
    integer("remind_after"),
)

feedback = Table(
    "feedback",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    integer("post", key=True),
    word("kind", key=True),
    integer("episode"),
    word("rule"),
    word("state"),
    integer("lane"),
    integer("opened_at"),
    integer("due_at"),
    instant("next_at"),
    instant("given_at"),
    integer("people", default="-1"),
    integer("households", default="-1"),
    word("given_by", default=""),
    word("ref", default=""),
    integer("rev", default="0"),
    Index(None, "county", "post", "kind", "episode"),
)

human_call_open = one_of(human_call.c.state, "open")
stop_work_ordered = one_of(stop_work.c.state, "ordered")
feedback_waiting = one_of(feedback.c.state, "open", "reminded")

partial_index("ix_human_call_open", (human_call.c.county, human_call.c.next_at), human_call_open)
partial_index("ix_stop_work_ordered", stop_work.c.next_at, stop_work_ordered)
partial_index("ix_feedback_waiting", feedback.c.next_at, feedback_waiting)
