"""Readings of gauges, the alarms that thresholds raised, and what really happened: enough to judge them afterwards."""

from sqlalchemy import Column, Index, Table, Text

from callout.store.schema.columns import integer, metadata, one_of, partial_index, word

reading = Table(
    "reading",
    metadata,
    word("county", key=True),
    word("gauge", key=True),
    integer("at", key=True),
    integer("milli"),
    integer("came_at"),
    word("origin"),
    Index(None, "county", "at"),
)

gauge_alarm = Table(
    "gauge_alarm",
    metadata,
    word("county", key=True),
    word("area", key=True),
    word("threshold", key=True),
    integer("at", key=True),
    word("identifier"),
    word("first"),
    word("level"),
    word("held"),
    word("gauge"),
    word("quantity"),
    integer("milli"),
    integer("limit_milli"),
    word("rulebook"),
    integer("expires_at"),
    integer("changed_at"),
    word("state"),
    Column("document", Text, nullable=False),
    integer("rev", default="0"),
)

incident = Table(
    "incident",
    metadata,
    word("county", key=True),
    word("id", key=True),
    word("area"),
    word("hazard"),
    integer("at"),
    word("what"),
    word("officer"),
    integer("entered_at"),
    Index(None, "county", "area", "at"),
)

alarm_to_issue = one_of(gauge_alarm.c.state, "to_issue")

partial_index("ix_alarm_to_issue", gauge_alarm.c.at, alarm_to_issue)
