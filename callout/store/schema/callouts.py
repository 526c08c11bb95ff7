"""Reaching people: callouts, the attempts made for them, and what came back."""

from sqlalchemy import Index, Table, literal_column

from callout.store.schema.columns import instant, integer, metadata, one_of, partial_index, word

callout = Table(
    "callout",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    integer("post", key=True),
    integer("round", key=True),
    integer("episode"),
    word("state"),
    integer("step"),
    instant("next_at"),
    integer("lane"),
    word("ladder"),
    word("rules"),
    instant("expires_at"),
    integer("opened_at"),
    word("attempt", default=""),
    integer("repeated", default="0"),
    instant("answered_at"),
    word("grade", default=""),
    integer("late", default="0"),
    integer("rev", default="0"),
    integer("says", default="0"),
    integer("carried_by", default="0"),
    instant("due_at"),
    integer("ahead", default="0"),
    instant("ahead_at"),
    Index("ix_callout_due", "state", "lane", "next_at", "county", "alert", "post", "round"),
)

attempt = Table(
    "attempt",
    metadata,
    word("county", key=True),
    word("id", key=True),
    integer("alert"),
    word("notice", default=""),
    word("target"),
    word("channel"),
    integer("number"),
    integer("shared", default="0"),
    integer("responder"),
    word("roster"),
    integer("repeated"),
    word("state"),
    word("owner"),
    integer("lease"),
    integer("wait"),
    integer("claimed_at"),
    instant("submitted_at"),
    instant("settled_at"),
    word("provider", default=""),
    word("provider_ref", default=""),
    word("reason", default=""),
    word("receipt", default=""),
    instant("receipt_at"),
    integer("hang_up", default="0"),
    integer("rev", default="0"),
    integer("parts", default="0"),
    word("tells", default=""),
    instant("picked_up_at"),
    instant("ended_at"),
    integer("heard_s", default="-1"),
    word("recording", default=""),
    word("instead", default=""),
    Index(None, "number", "claimed_at"),
)

attempt_callout = Table(
    "attempt_callout",
    metadata,
    word("county", key=True),
    word("attempt", key=True),
    integer("alert", key=True),
    integer("post", key=True),
    integer("round", key=True),
    Index(None, "county", "alert", "post", "round"),
)

notice = Table(
    "notice",
    metadata,
    word("county", key=True),
    word("id", key=True),
    integer("alert"),
    word("kind"),
    integer("number"),
    integer("responder"),
    word("detail"),
    word("state"),
    integer("next_at"),
    integer("rev", default="0"),
    integer("post", default="0"),
    word("channel", default="sms"),
    instant("expires_at"),
)

inbound = Table(
    "inbound",
    metadata,
    word("event", key=True),
    word("kind"),
    word("county"),
    word("attempt"),
    integer("number"),
    word("body"),
    integer("came_at"),
    word("state"),
    word("outcome", default=""),
    integer("rev", default="0"),
    word("provider", default=""),
    word("ref", default=""),
    word("facts", default=""),
)

answer = Table(
    "answer",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    integer("post", key=True),
    integer("round", key=True),
    word("ref", key=True),
    word("attempt"),
    word("grade"),
    integer("at"),
    integer("late"),
    integer("moved", default="-1"),
    word("body"),
    word("actor"),
)

CALLOUT_KEY = ("county", "alert", "post", "round")
"""Primary key of a callout, and how attempts point to one."""

attempt_open = one_of(attempt.c.state, "claimed", "submitting")
attempt_to_hang_up = attempt.c.hang_up == literal_column("1")
notice_to_send = one_of(notice.c.state, "to_send")
attempt_unknown = one_of(attempt.c.state, "unknown")
attempt_with_ref = attempt.c.provider_ref != literal_column("''")
inbound_pending = one_of(inbound.c.state, "pending")
inbound_unmatched = one_of(inbound.c.state, "unmatched")
"""Events that name a provider's own id of an attempt which nobody has told us yet."""

partial_index("ix_attempt_open", attempt.c.lease, attempt_open)
partial_index("ix_attempt_hang_up", attempt.c.hang_up, attempt_to_hang_up)
partial_index("ix_notice_to_send", notice.c.next_at, notice_to_send)
partial_index("ix_attempt_unknown", attempt.c.submitted_at, attempt_unknown)
partial_index("ix_attempt_ref", attempt.c.provider_ref, attempt_with_ref)
partial_index("ix_inbound_pending", inbound.c.came_at, inbound_pending)
partial_index("ix_inbound_unmatched", inbound.c.ref, inbound_unmatched)
