"""What the record says about tests of the line (线路自检)."""

from sqlalchemy import Connection, and_, func, select

from callout.domain.attempt import AttemptState, ReceiptKind
from callout.domain.canary import FAILED, NAME, PASSED, Trip
from callout.domain.drill import DrillState
from callout.domain.instant import Instant
from callout.store import schema

_R = ReceiptKind
_CAME = [_R.DELIVERED, _R.READ, _R.HEARD_PART, _R.HEARD_WHOLE, _R.NO_REPLY, _R.REJECTED]
"""Receipts that only a phone can have caused."""


def trip_of(db: Connection, county: str) -> Trip:
    """How far the test that is this county in the rows has come."""
    t, c = schema.attempt, schema.callout
    mine = t.c.county == county, t.c.notice == ""
    sent = select(func.min(t.c.settled_at)).where(*mine, t.c.state == "sent")
    came = select(func.min(t.c.receipt_at)).where(*mine, t.c.receipt.in_(_CAME))
    answered = select(func.min(c.c.answered_at)).where(c.c.county == county)
    failed = select(func.count()).where(*mine, t.c.state.in_((AttemptState.REFUSED, AttemptState.UNKNOWN)))
    when = [db.execute(one).scalar() for one in (sent, came, answered)]
    return Trip(when[0], when[1], when[2], db.execute(failed).scalar_one())


def endings(db: Connection, base: str, many: int) -> list[tuple[str, str]]:
    """The newest tests of a county that are over, the newest first: what each is in the rows, and how it ended."""
    d = schema.drill
    mine = and_(d.c.base == base, d.c.name == NAME, d.c.started_at.is_not(None))
    over = select(d.c.county, d.c.why).where(mine, d.c.state == DrillState.OVER)
    return [tuple(row) for row in db.execute(over.order_by(d.c.started_at.desc()).limit(many))]


def phone_of(db: Connection, county: str) -> dict[int, int]:
    """The number on the roster of this test, as the list of a drill has it."""
    c = schema.contact
    return {row.number: row.responder for row in db.execute(select(c).where(c.c.county == county))}


def last_judged(db: Connection) -> tuple[bool, Instant, Trip] | None:
    """Whether the newest test that was judged has passed, when it began, and how far it came; None = none was."""
    d = schema.drill
    judged = d.c.why.startswith(PASSED) | d.c.why.startswith(FAILED)
    newest = select(d).where(d.c.name == NAME, judged).order_by(d.c.started_at.desc()).limit(1)
    row = db.execute(newest).first()
    return (row.why.startswith(PASSED), row.started_at, trip_of(db, row.county)) if row else None
