"""Warning messages as they came in, and how each county takes them."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from callout.store.schema.columns import BigId, instant, integer, metadata, partial_index, word

raw_document = Table(
    "raw_document",
    metadata,
    word("sha256", key=True),
    Column("body", LargeBinary, nullable=False),
    word("name"),
    word("origin"),
    integer("received_at"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", BigId, primary_key=True),
    word("identifier"),
    word("digest"),
    word("sender"),
    integer("sent"),
    integer("received_at"),
    word("status"),
    word("msg_type"),
    word("hazard"),
    word("level"),
    word("headline"),
    Column("description", Text, nullable=False),
    Column("instruction", Text, nullable=False),
    instant("expires"),
    Column("document", Text, nullable=False),
    word("raw"),
    word("code"),
    word("run"),
    Index(None, "identifier", "digest", unique=True),
    Index(None, "sender", "sent"),
)

alert_reference = Table(
    "alert_reference",
    metadata,
    integer("alert", key=True),
    word("identifier", key=True),
)

episode = Table(
    "episode",
    metadata,
    word("county", key=True),
    integer("id", key=True),
    word("sender"),
    word("hazard"),
    integer("opened_at"),
)

alert_county = Table(
    "alert_county",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    integer("episode"),
    word("state"),
    Column("areas", Text, nullable=False),
    integer("lane"),
    instant("expires_at"),
    word("rulebook", default=""),
    word("roster", default=""),
    integer("cursor", default="0"),
    integer("rev", default="0"),
    instant("strikes_at"),
    integer("drops", default="0"),
    word("around", default=""),
    instant("confirm_by"),
    Index(None, "state"),
)

rule_match = Table(
    "rule_match",
    metadata,
    word("county", key=True),
    integer("alert", key=True),
    word("area", key=True),
    word("role", key=True),
    word("ladder"),
    word("rules"),
    word("measure"),
    integer("rev", default="0"),
)

alert_to_strike = alert_county.c.strikes_at.is_not(None)

partial_index("ix_alert_county_strike", alert_county.c.strikes_at, alert_to_strike)
