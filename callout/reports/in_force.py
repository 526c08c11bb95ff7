"""Which alerts are in force."""

from sqlalchemy import Connection, or_, select

from callout.domain.instant import Instant
from callout.domain.intake import IN_FORCE
from callout.store import schema
from callout.store.schema.columns import real


def in_force(db: Connection, now: Instant) -> set[int]:
    """Alerts that are not over: those being called, and those held for a human or waiting for a word; no drill's."""
    return {alert for _, alert in where_in_force(db, now)}


def where_in_force(db: Connection, now: Instant) -> set[tuple[str, int]]:
    """The same with their counties, as (county, alert): by these a table is read along its key."""
    ac = schema.alert_county
    valid = or_(ac.c.expires_at.is_(None), ac.c.expires_at > now)
    found = db.execute(select(ac.c.county, ac.c.alert).where(ac.c.state.in_(IN_FORCE), valid, real(ac.c.county)))
    return {(row.county, row.alert) for row in found}
